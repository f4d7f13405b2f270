import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Answer, Input } from '../../client/operations.ts'
import { knowsPasskeys, signWithPasskey } from '../../client/passkeys.ts'
import { PasswordField, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Notice } from '../../parts/notice.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.secondFactors

/** @property tookFactor one that took the password alone ends with the first factor */
export type Proof = { readonly text: string; readonly endsAt: number; readonly tookFactor: boolean }
type Factors = Answer<'listOwnSecondFactors'>['secondFactors']
type Passkey = NonNullable<Input<'proveIdentity'>['body']['passkey']>

/** Asks for the password, and a second factor if there is one, before the factors change. */
export const Prove = ({
  factors,
  onProven,
  onClose,
}: {
  readonly factors: Factors
  readonly onProven: (proof: Proof) => void
  readonly onClose: () => void
}) => {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [isStopped, setIsStopped] = useState(false)
  const hasPasskey = knowsPasskeys() && factors.some(({ kind }) => kind === 'passkey')

  const passkeyAnswer = async (): Promise<Passkey | null> => {
    const { challengeId, passkey } = await call('challengeOwnPasskey', {})
    const response = await signWithPasskey(passkey)
    return response === null ? null : { challengeId, response: response as Passkey['response'] }
  }
  const send = async () => {
    setIsStopped(false)
    const passkey = hasPasskey && code === '' ? await passkeyAnswer() : undefined
    if (passkey === null) return setIsStopped(true)
    const body = {
      password,
      ...(code === '' ? {} : { code }),
      ...(passkey === undefined ? {} : { passkey }),
    }
    const { proof, expiresAt } = await call('proveIdentity', { body })
    onProven({ text: proof, endsAt: Date.parse(expiresAt), tookFactor: factors.length > 0 })
  }
  return (
    <FormDialog title={own.proveTitle} onClose={onClose} submit={own.next} onSubmit={send}>
      <p>{own.prove}</p>
      {isStopped ? (
        <Notice look="warning" isAlert>
          <p>{own.passkeyStopped}</p>
        </Notice>
      ) : null}
      <PasswordField
        label={texts.signIn.password}
        name="password"
        value={password}
        onInput={setPassword}
        isFirst
      />
      {factors.length === 0 ? null : (
        <TextField
          label={own.code}
          name="code"
          hint={hasPasskey ? own.codeOrPasskey : own.codeOrRecovery}
          value={code}
          onInput={setCode}
          autocomplete="one-time-code"
          isRequired={!hasPasskey}
          isCode
        />
      )}
    </FormDialog>
  )
}
