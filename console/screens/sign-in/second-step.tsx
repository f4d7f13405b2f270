import { useState } from 'preact/hooks'
import type { CallFailure } from '../../client/failure.ts'
import type { Answer } from '../../client/operations.ts'
import { knowsPasskeys, signWithPasskey } from '../../client/passkeys.ts'
import type { Step } from '../../client/session.ts'
import { callWithCookie, enter, startAgain } from '../../client/session.ts'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { texts } from '../../texts/en.ts'
import { AddFactor } from '../second-factors/add-factor.tsx'

const own = texts.signIn

/** The session that waits lasts ten minutes. */
const explain = ({ problem }: CallFailure): string | undefined =>
  problem?.code === 'invalid_credentials' ? own.tooLate : undefined

const StartAgain = () => (
  <p>
    <Button onClick={startAgain}>{own.startAgain}</Button>
  </p>
)

/** A code, a recovery code or a passkey. */
const SecondStep = () => {
  const [code, setCode] = useState('')
  const [isStopped, setIsStopped] = useState(false)
  const complete = async (body: object) => {
    await callWithCookie('POST', 'session/second-factor', body)
    await enter()
  }
  const withPasskey = async () => {
    setIsStopped(false)
    const asked = await callWithCookie('POST', 'session/second-factor/challenges')
    const { challengeId, passkey } = asked as Answer<'challengeAtSignIn'>
    const response = await signWithPasskey(passkey)
    if (response === null) setIsStopped(true)
    else await complete({ passkey: { challengeId, response } })
  }
  return (
    <>
      <p>{own.oneMoreStep}</p>
      <Form label={own.withCode} submit={own.submit} onSubmit={() => complete({ code })} explain={explain}>
        <TextField
          label={texts.secondFactors.code}
          name="code"
          hint={texts.secondFactors.codeOrRecovery}
          value={code}
          onInput={setCode}
          autocomplete="one-time-code"
          isRequired
          isFirst
          isCode
        />
      </Form>
      {knowsPasskeys() ? (
        <Form label={own.withPasskey} submit={own.withPasskey} onSubmit={withPasskey} explain={explain}>
          {isStopped ? (
            <Notice look="warning" isAlert>
              <p>{texts.secondFactors.passkeyStopped}</p>
            </Notice>
          ) : null}
        </Form>
      ) : null}
      <StartAgain />
    </>
  )
}

/** For whoever must have a second factor and has none. */
const FirstFactor = () => (
  <>
    <p>{own.mustEnroll}</p>
    <AddFactor
      begin={async (kind) => {
        const begun = await callWithCookie('POST', 'session/second-factor/enrollments', { kind })
        return begun as Answer<'beginSecondFactorAtSignIn'>
      }}
      confirm={async (confirmation) => {
        const path = 'session/second-factor/enrollments/confirm'
        return (await callWithCookie('POST', path, confirmation)) as Answer<'addSecondFactorAtSignIn'>
      }}
      onDone={() => void enter()}
    />
    <StartAgain />
  </>
)

export const NextStep = ({ step }: { readonly step: Step }) =>
  step === 'second-factor' ? <SecondStep /> : <FirstFactor />
