import { useState } from 'preact/hooks'
import { signIn } from '../../client/session.ts'
import { PasswordField, TextField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.signIn

/** Username and password. With `username`, the same user signs in again. */
export const SignInForm = ({
  username,
  organizationId,
  choosesOrganization = false,
}: {
  readonly username?: string
  readonly organizationId?: string
  /** Shows the organization, to be changed; else it stays as given. */
  readonly choosesOrganization?: boolean
}) => {
  const [chosen, setChosen] = useState(organizationId ?? '')
  const [name, setName] = useState(username ?? '')
  const [password, setPassword] = useState('')
  const send = async () => {
    try {
      await signIn({
        username: name,
        password,
        ...(chosen.trim() === '' ? {} : { organizationId: chosen.trim() }),
      })
    } finally {
      setPassword('')
    }
  }
  return (
    <Form
      label={own.title}
      submit={own.submit}
      onSubmit={send}
      explain={({ status, problem }) => (status === 401 ? (problem?.detail ?? own.refused) : undefined)}
    >
      <TextField
        label={own.username}
        name="username"
        value={name}
        onInput={setName}
        autocomplete="username"
        isRequired
        isFirst={username === undefined}
        isCode
      />
      <PasswordField
        label={own.password}
        name="password"
        value={password}
        onInput={setPassword}
        isFirst={username !== undefined}
      />
      {choosesOrganization ? (
        <TextField
          label={own.organization}
          name="organizationId"
          hint={own.organizationHint}
          value={chosen}
          onInput={setChosen}
          isCode
        />
      ) : null}
    </Form>
  )
}
