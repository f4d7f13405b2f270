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
}: {
  readonly username?: string
  readonly organizationId?: string
}) => {
  const [name, setName] = useState(username ?? '')
  const [password, setPassword] = useState('')
  const send = async () => {
    try {
      await signIn({
        username: name,
        password,
        ...(organizationId === undefined ? {} : { organizationId }),
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
    </Form>
  )
}
