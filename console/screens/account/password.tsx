import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { signIn } from '../../client/session.ts'
import { useMe } from '../../client/use-me.ts'
import { PasswordField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { Section } from '../../parts/page.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.account.password
const nothing = { currentPassword: '', newPassword: '', confirmPassword: '' }

/** The change ends every session, this one too, so the browser signs in again with the new password. */
export const Password = () => {
  const { user, organization } = useMe()
  const [body, setBody] = useState(nothing)
  const set = (name: keyof typeof nothing) => (value: string) => setBody({ ...body, [name]: value })
  const send = async () => {
    await call('changeOwnPassword', { body })
    const { organizationId } = organization
    setBody(nothing)
    await signIn({ username: user.username, password: body.newPassword, organizationId })
    toast(own.done)
  }
  return (
    <Section title={own.title} lead={own.lead}>
      <Form submit={own.submit} onSubmit={send}>
        <PasswordField
          label={own.current}
          name="currentPassword"
          value={body.currentPassword}
          onInput={set('currentPassword')}
        />
        <PasswordField
          label={own.new}
          name="newPassword"
          value={body.newPassword}
          onInput={set('newPassword')}
          isNew
        />
        <PasswordField
          label={own.confirm}
          name="confirmPassword"
          value={body.confirmPassword}
          onInput={set('confirmPassword')}
          isNew
        />
      </Form>
    </Section>
  )
}
