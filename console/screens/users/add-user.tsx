import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Rights } from '../../client/granted-rights.ts'
import type { Answer } from '../../client/operations.ts'
import { holds } from '../../client/rights.ts'
import { useRoleChoices } from '../../client/use-choices.ts'
import { useIdempotencyKey } from '../../client/use-idempotency-key.ts'
import { useMe } from '../../client/use-me.ts'
import { useSections } from '../../client/use-sections.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import {
  CheckField,
  PasswordField,
  RadioField,
  SelectField,
  TextArea,
  TextField,
} from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { PasswordLinkNotice } from '../../parts/password-link.tsx'
import { PermissionPicker } from '../../parts/permission-picker.tsx'
import { ProfileFields } from '../../parts/profile-fields.tsx'
import { ShownSecret } from '../../parts/shown-once.tsx'
import { Show } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { hrefOf, open } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { readEntries } from '../user/whitelist-entries.ts'

const own = texts.users
const form = own.new

type Made = Answer<'createUser'>

/** A step back leads to the list, not to the form again. */
const done = { replace: true, isSaved: true } as const

export const AddUser = ({
  onClose,
  onMade,
}: {
  readonly onClose: () => void
  readonly onMade: () => void
}) => {
  const [made, setMade] = useState<Made | null>(null)
  if (made !== null) return <MadeUser made={made} />
  return (
    <Dialog title={form.title} onClose={onClose} size="large">
      <AddUserForm
        onClose={onClose}
        onMade={(answer) => {
          onMade()
          const { credential, passwordLink } = answer
          if (credential !== undefined || passwordLink?.mailed === false) return setMade(answer)
          const { membership, username } = answer.user
          const isInvited = membership === 'invited'
          const isMailed = passwordLink !== undefined
          toast((isInvited ? form.invited : isMailed ? form.madeAndMailed : form.made)(username))
          openUser(answer.user)
        }}
      />
    </Dialog>
  )
}

const openUser = ({ userId }: Made['user']) => open(hrefOf(`/users/${userId}`), done)

/** What must be read before it goes: a secret, or that no mail was sent. */
const MadeUser = ({ made: { user, credential, passwordLink } }: { readonly made: Made }) => {
  const mayLink = holds(useMe(), { section: 'postern-credentials', level: 'write' })
  return (
    <Dialog title={form.madeTitle(user.username)}>
      {passwordLink === undefined ? null : (
        <PasswordLinkNotice link={passwordLink} instead={mayLink ? form.mailInstead : form.userInstead} />
      )}
      {credential === undefined ? (
        <div class="actions">
          <Button look="primary" onClick={() => openUser(user)}>
            {form.done}
          </Button>
        </div>
      ) : (
        <ShownSecret credential={credential} onDone={() => openUser(user)} />
      )}
    </Dialog>
  )
}

const empty = {
  ...{ username: '', email: '', name: '', description: '', password: '', confirmPassword: '' },
  ...{ firstName: '', lastName: '', location: '', timezone: 'UTC', integrationVendor: '' },
}
type Fields = typeof empty
type Setter = (name: keyof Fields) => (value: string) => void

const AddUserForm = ({
  onClose,
  onMade,
}: {
  readonly onClose: () => void
  readonly onMade: (made: Made) => void
}) => {
  const keyFor = useIdempotencyKey()
  const [accessLevel, setAccessLevel] = useState<'api' | 'dashboard'>('api')
  const [status, setStatus] = useState<'active' | 'disabled'>('active')
  const [chosen, setGenerate] = useState<'key' | 'token' | 'none' | null>(null)
  const generate = chosen ?? (accessLevel === 'api' ? 'key' : 'none')
  const [fields, setFields] = useState(empty)
  const [mailsLink, setMailsLink] = useState(true)
  const canMail =
    accessLevel === 'dashboard' && status === 'active' && fields.email !== '' && fields.password === ''
  const [role, setRole] = useState('')
  const [whitelist, setWhitelist] = useState('')
  const [rights, setRights] = useState<Rights>({ permissions: {}, endpoints: [] })
  const { entries, faults } = readEntries(whitelist)
  const set: Setter = (name) => (value) => setFields((now) => ({ ...now, [name]: value }))

  const send = async () => {
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))
    const body = {
      ...given,
      accessLevel,
      status,
      ...(role === '' ? {} : { role: Number(role) }),
      ...(entries.length === 0 ? {} : { whitelist: [...entries] }),
      ...(generate === 'none' ? {} : { generate }),
      ...(canMail && mailsLink ? { mailPasswordLink: true } : {}),
      permissions: rights.permissions,
      endpoints: [...rights.endpoints],
    }
    onMade(await call('createUser', { body }, { idempotencyKey: keyFor(body) }))
  }

  return (
    <Form submit={form.submit} onSubmit={send} onCancel={onClose}>
      <RadioField
        label={own.accessLevel}
        name="accessLevel"
        value={accessLevel}
        onChange={setAccessLevel}
        choices={[
          { value: 'api', text: own.accessLevels.api, hint: form.apiHint },
          { value: 'dashboard', text: own.accessLevels.dashboard, hint: form.dashboardHint },
        ]}
      />
      <TextField
        label={own.username}
        name="username"
        hint={generate === 'key' ? form.usernameHint : form.usernameHintPlain}
        value={fields.username}
        onInput={set('username')}
        isRequired={generate !== 'key'}
        isCode
      />
      <TextField
        label={own.email}
        name="email"
        type="email"
        hint={form.emailHint}
        value={fields.email}
        onInput={set('email')}
        isRequired={accessLevel === 'dashboard'}
      />
      <TextArea
        label={form.description}
        name="description"
        rows={2}
        value={fields.description}
        onInput={set('description')}
      />
      {accessLevel === 'dashboard' ? <Passwords fields={fields} set={set} /> : null}
      {canMail ? (
        <CheckField
          label={form.mailLink}
          name="mailPasswordLink"
          hint={form.mailLinkHint}
          isChecked={mailsLink}
          onChange={setMailsLink}
        />
      ) : null}
      <Role value={role} onChange={setRole} />
      <Permissions rights={rights} onChange={setRights} />
      <TextArea
        label={form.whitelist}
        name="whitelist"
        hint={form.whitelistHint}
        value={whitelist}
        onInput={setWhitelist}
        message={
          faults.map(({ text, message }) => texts.user.whitelist.fault(text, message)).join('\n') || undefined
        }
        isCode
      />
      <RadioField
        label={form.credential}
        name="generate"
        value={generate}
        onChange={setGenerate}
        choices={[
          { value: 'key', text: form.key, hint: form.keyHint },
          { value: 'token', text: form.token, hint: form.tokenHint },
          { value: 'none', text: form.none, hint: form.noneHint },
        ]}
      />
      <details class="more">
        <summary>{form.more}</summary>
        <div class="form">
          <TextField label={form.name} name="name" value={fields.name} onInput={set('name')} />
          <ProfileFields fields={fields} set={set} />
          {accessLevel === 'api' ? <Passwords fields={fields} set={set} /> : null}
          <SelectField
            label={own.status}
            name="status"
            value={status}
            onChange={setStatus}
            choices={[
              { value: 'active', text: own.active },
              { value: 'disabled', text: own.disabled },
            ]}
            isRequired
          />
        </div>
      </details>
    </Form>
  )
}

const Passwords = ({ fields, set }: { readonly fields: Fields; readonly set: Setter }) => (
  <>
    <PasswordField
      label={form.password}
      name="password"
      hint={form.passwordHint}
      value={fields.password}
      onInput={set('password')}
      isNew
      isRequired={false}
    />
    {fields.password === '' ? null : (
      <PasswordField
        label={form.passwordAgain}
        name="confirmPassword"
        value={fields.confirmPassword}
        onInput={set('confirmPassword')}
        isNew
      />
    )}
  </>
)

const Role = ({ value, onChange }: { readonly value: string; readonly onChange: (role: string) => void }) => {
  const maySee = holds(useMe(), { section: 'postern-access', level: 'read' })
  const roles = useRoleChoices()
  return maySee ? (
    <SelectField
      label={form.role}
      hint={form.roleHint}
      name="role"
      value={value}
      onChange={onChange}
      choices={[{ value: '', text: form.noRole }, ...roles]}
    />
  ) : null
}

/** Loaded when it is opened: an organization may have hundreds of sections. */
const Permissions = ({
  rights,
  onChange,
}: {
  readonly rights: Rights
  readonly onChange: (rights: Rights) => void
}) => {
  const [isOpen, setIsOpen] = useState(false)
  const maySee = holds(useMe(), { section: 'postern-apis', level: 'read' })
  const sections = useSections(maySee && isOpen)
  const count = Object.keys(rights.permissions).length + rights.endpoints.length
  return maySee ? (
    <details class="more" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{form.permissions(count)}</summary>
      <Show loaded={sections}>
        {(known) => <PermissionPicker sections={known.sections} rights={rights} onChange={onChange} />}
      </Show>
    </details>
  ) : null
}
