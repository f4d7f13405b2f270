import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Answer } from '../../client/operations.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useIdempotencyKey } from '../../client/use-idempotency-key.ts'
import { useMe } from '../../client/use-me.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { RadioField, SelectField, TextArea, TextField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { ShownSecret } from '../../parts/shown-once.tsx'
import { toast } from '../../parts/toast.tsx'
import { hrefOf, open } from '../../router.ts'
import { texts } from '../../texts/en.ts'

const own = texts.users
const form = own.new

type Made = Answer<'createUser'>

export const AddUser = ({
  onClose,
  onMade,
}: {
  readonly onClose: () => void
  readonly onMade: () => void
}) => {
  const [made, setMade] = useState<Made | null>(null)
  if (made?.credential !== undefined) return <NewCredential user={made.user} credential={made.credential} />
  return (
    <Dialog title={form.title} onClose={onClose} size="large">
      <AddUserForm
        onClose={onClose}
        onMade={(answer) => {
          onMade()
          if (answer.credential !== undefined) return setMade(answer)
          const { place, username, userId } = answer.user
          toast(place === 'invited' ? form.invited(username) : form.made(username))
          open(hrefOf(`/users/${userId}`))
        }}
      />
    </Dialog>
  )
}

const NewCredential = ({
  user,
  credential,
}: {
  readonly user: Made['user']
  readonly credential: NonNullable<Made['credential']>
}) => (
  <Dialog title={form.madeTitle(user.username)}>
    <ShownSecret credential={credential} onDone={() => open(hrefOf(`/users/${user.userId}`))} />
  </Dialog>
)

const linesOf = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

const AddUserForm = ({
  onClose,
  onMade,
}: {
  readonly onClose: () => void
  readonly onMade: (made: Made) => void
}) => {
  const me = useMe()
  const roles =
    useCall('listRoles', holds(me, { section: 'postern-access', level: 'read' }) ? {} : null).data?.roles ??
    []
  const keyFor = useIdempotencyKey()
  const [accessLevel, setAccessLevel] = useState<'api' | 'dashboard'>('api')
  const [username, setUsername] = useState('')
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [password, setPassword] = useState('')
  const [confirmPassword, setConfirmPassword] = useState('')
  const [role, setRole] = useState('')
  const [whitelist, setWhitelist] = useState('')
  const [generate, setGenerate] = useState<'key' | 'token' | 'none'>('key')

  const send = async () => {
    const body = {
      accessLevel,
      ...(username === '' ? {} : { username }),
      ...(email === '' ? {} : { email }),
      ...(name === '' ? {} : { name }),
      ...(description === '' ? {} : { description }),
      ...(accessLevel === 'dashboard' && password !== '' ? { password, confirmPassword } : {}),
      ...(role === '' ? {} : { role: Number(role) }),
      ...(linesOf(whitelist).length === 0 ? {} : { whitelist: linesOf(whitelist) }),
      ...(generate === 'none' ? {} : { generate }),
    }
    onMade(await call('createUser', { body }, { idempotencyKey: keyFor(body) }))
  }

  return (
    <Form submit={form.submit} onSubmit={send} onCancel={onClose}>
      <RadioField
        label={form.kind}
        name="accessLevel"
        value={accessLevel}
        onChange={setAccessLevel}
        choices={[
          { value: 'api', text: own.api, hint: form.apiHint },
          { value: 'dashboard', text: own.dashboard, hint: form.dashboardHint },
        ]}
      />
      <TextField
        label={own.username}
        name="username"
        hint={generate === 'key' ? form.usernameHint : form.usernameHintPlain}
        value={username}
        onInput={setUsername}
        isRequired={generate !== 'key'}
        isCode
      />
      <TextField
        label={own.email}
        name="email"
        type="email"
        hint={form.emailHint}
        value={email}
        onInput={setEmail}
        isRequired={accessLevel === 'dashboard'}
      />
      <TextField label={form.name} name="name" value={name} onInput={setName} />
      <TextArea
        label={form.description}
        name="description"
        rows={2}
        value={description}
        onInput={setDescription}
      />
      {accessLevel === 'api' ? null : (
        <>
          <TextField
            label={form.password}
            name="password"
            type="password"
            hint={form.passwordHint}
            value={password}
            onInput={setPassword}
            autocomplete="new-password"
          />
          {password === '' ? null : (
            <TextField
              label={form.passwordAgain}
              name="confirmPassword"
              type="password"
              value={confirmPassword}
              onInput={setConfirmPassword}
              autocomplete="new-password"
              isRequired
            />
          )}
        </>
      )}
      {roles.length === 0 ? null : (
        <SelectField
          label={form.role}
          name="role"
          hint={form.roleHint}
          value={role}
          onChange={setRole}
          choices={[
            { value: '', text: form.noRole },
            ...roles.map(({ roleId, roleName }) => ({ value: String(roleId), text: roleName })),
          ]}
        />
      )}
      <TextArea
        label={form.whitelist}
        name="whitelist"
        hint={form.whitelistHint}
        value={whitelist}
        onInput={setWhitelist}
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
    </Form>
  )
}
