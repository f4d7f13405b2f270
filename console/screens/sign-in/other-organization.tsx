import { useState } from 'preact/hooks'
import { asFailure } from '../../client/failure.ts'
import type { Me } from '../../client/session.ts'
import { moveTo, signIn } from '../../client/session.ts'
import { PasswordField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { hrefOf, open } from '../../router.ts'
import { texts } from '../../texts/en.ts'

const own = texts.otherOrganization

/** Asks for the password where the session alone cannot go, such as to an organization that demands a second factor. */
export const SignInThere = ({
  me,
  organizationId,
  name,
  onClose,
}: {
  readonly me: Me
  readonly organizationId: string
  readonly name: string
  readonly onClose: () => void
}) => {
  const [password, setPassword] = useState('')
  return (
    <FormDialog
      title={own.signInAt(name)}
      submit={own.signIn}
      onSubmit={() => signIn({ username: me.user.username, password, organizationId })}
      onClose={onClose}
    >
      <p>{own.needsPassword}</p>
      <PasswordField
        label={texts.signIn.password}
        name="password"
        value={password}
        onInput={setPassword}
        isFirst
      />
    </FormDialog>
  )
}

/** For a link to the console of another organization than the one that is open. It changes nothing before it is confirmed. */
export const OtherOrganization = ({
  me,
  path,
  organizationId,
}: {
  readonly me: Me
  readonly path: string
  readonly organizationId: string
}) => {
  const [needsPassword, setNeedsPassword] = useState(false)
  const close = () => open(hrefOf(path), { replace: true })
  const move = async () => {
    try {
      await moveTo(organizationId)
    } catch (error) {
      if (asFailure(error).problem?.code !== 'second_factor_required') throw error
      setNeedsPassword(true)
    }
  }
  if (needsPassword)
    return <SignInThere me={me} organizationId={organizationId} name={organizationId} onClose={close} />
  return (
    <FormDialog title={own.linkTitle} submit={own.openIt} onSubmit={move} onClose={close}>
      <p>{own.linkText(me.organization.name, organizationId)}</p>
    </FormDialog>
  )
}
