import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { signIn } from '../../client/session.ts'
import { useMe } from '../../client/use-me.ts'
import { TextField } from '../../parts/fields.tsx'
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
        <TextField
          label={own.current}
          name="currentPassword"
          type="password"
          value={body.currentPassword}
          onInput={set('currentPassword')}
          autocomplete="current-password"
          isRequired
        />
        <TextField
          label={own.new}
          name="newPassword"
          type="password"
          value={body.newPassword}
          onInput={set('newPassword')}
          autocomplete="new-password"
          isRequired
        />
        <TextField
          label={own.confirm}
          name="confirmPassword"
          type="password"
          value={body.confirmPassword}
          onInput={set('confirmPassword')}
          autocomplete="new-password"
          isRequired
        />
      </Form>
    </Section>
  )
}
