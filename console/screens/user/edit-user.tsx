import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { RadioField, TextArea, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { ProfileFields } from '../../parts/profile-fields.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import type { UserProps } from './shown-user.ts'

const own = texts.user.overview

/** The fields of a user that grant nothing. Only changed ones are sent. */
export const EditUser = ({ user, onClose, onChanged }: UserProps & { readonly onClose: () => void }) => {
  // Only what was entered here: the other fields follow the user if somebody else changes it.
  const [edits, setEdits] = useState<Readonly<Record<string, string>>>({})
  const saved = {
    username: user.username,
    email: user.email ?? '',
    firstName: user.firstName,
    lastName: user.lastName,
    name: user.name,
    description: user.description,
    location: user.location,
    timezone: user.timezone,
    accessLevel: user.accessLevel,
    integrationVendor: user.integrationVendor ?? '',
  }
  const fields = { ...saved, ...edits }
  const nullable = ['email', 'integrationVendor']
  const before: Readonly<Record<string, string>> = saved
  const changed = Object.fromEntries(
    Object.entries(edits)
      .filter(([name, value]) => before[name] !== value)
      .map(([name, value]) => [name, value === '' && nullable.includes(name) ? null : value]),
  )
  const set = (name: keyof typeof saved) => (value: string) => setEdits((now) => ({ ...now, [name]: value }))
  const save = async () => {
    await call('changeUser', { params: { userId: user.userId }, body: { ...changed, version: user.version } })
    toast(own.saved)
    onClose()
    onChanged()
  }
  return (
    <FormDialog
      title={own.editTitle(user.username)}
      onClose={onClose}
      size="large"
      submit={own.save}
      isDisabled={Object.keys(changed).length === 0}
      onSubmit={save}
      onConflict={onChanged}
    >
      <RadioField
        label={texts.users.accessLevel}
        name="accessLevel"
        value={fields.accessLevel}
        onChange={set('accessLevel')}
        choices={[
          { value: 'api', text: texts.users.accessLevels.api, hint: texts.users.new.apiHint },
          {
            value: 'dashboard',
            text: texts.users.accessLevels.dashboard,
            hint: texts.users.new.dashboardHint,
          },
        ]}
      />
      <TextField
        label={texts.users.username}
        name="username"
        hint={texts.users.new.usernameHintPlain}
        value={fields.username}
        onInput={set('username')}
        isRequired
        isCode
      />
      <TextField
        label={texts.users.email}
        name="email"
        type="email"
        hint={own.emailHint}
        value={fields.email}
        onInput={set('email')}
      />
      <TextField label={own.name} name="name" value={fields.name} onInput={set('name')} />
      <TextArea
        label={own.description}
        name="description"
        value={fields.description}
        onInput={set('description')}
      />
      <ProfileFields fields={fields} set={set} />
    </FormDialog>
  )
}
