import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Answer } from '../../client/operations.ts'
import { useIdempotencyKey } from '../../client/use-idempotency-key.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { CheckField, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { PasswordLinkNotice } from '../../parts/password-link.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.organization.other

/** Another organization with its first administrator, whose token is shown once. */
export const AddOrganization = ({ onClose }: { readonly onClose: () => void }) => {
  const [made, setMade] = useState<Answer<'createOrganization'> | null>(null)
  const [name, setName] = useState('')
  const [username, setUsername] = useState('')
  const [email, setEmail] = useState('')
  const [mailsLink, setMailsLink] = useState(true)
  const keyFor = useIdempotencyKey()
  if (made !== null)
    return (
      <Dialog title={own.made(made.organization.name)}>
        {made.passwordLink === undefined ? null : (
          <PasswordLinkNotice link={made.passwordLink} instead={own.mailInstead} />
        )}
        <ShownOnce
          values={[
            { label: own.organizationId, text: made.organization.organizationId },
            { label: own.token, text: made.credential.kind === 'token' ? made.credential.token : '' },
          ]}
          onDone={onClose}
        />
      </Dialog>
    )
  const send = async () => {
    const mail = { email, ...(mailsLink ? { mailPasswordLink: true } : {}) }
    const body = { name, administrator: { username, ...(email === '' ? {} : mail) } }
    setMade(await call('createOrganization', { body }, { idempotencyKey: keyFor(body) }))
  }
  return (
    <FormDialog title={own.title} onClose={onClose} submit={own.submit} onSubmit={send}>
      <p>{own.who}</p>
      <TextField label={own.name} name="name" value={name} onInput={setName} isRequired isFirst />
      <TextField
        label={own.username}
        name="administrator.username"
        value={username}
        onInput={setUsername}
        isRequired
        isCode
      />
      <TextField
        label={own.email}
        name="administrator.email"
        type="email"
        hint={own.emailHint}
        value={email}
        onInput={setEmail}
      />
      {email === '' ? null : (
        <CheckField
          label={own.mailLink}
          name="administrator.mailPasswordLink"
          hint={own.mailLinkHint}
          isChecked={mailsLink}
          onChange={setMailsLink}
        />
      )}
    </FormDialog>
  )
}
