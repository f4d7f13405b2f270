import { useState } from 'preact/hooks'
import type { Answer, Input } from '../../client/operations.ts'
import { knowsPasskeys, makePasskey } from '../../client/passkeys.ts'
import { RadioField, TextField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { QrCode } from '../../parts/qr-code.tsx'
import { Copyable, ShownOnce } from '../../parts/shown-once.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.secondFactors

type Kind = 'totp' | 'passkey'
type Enrollment = Answer<'beginSecondFactor'>
export type Confirmation = Input<'addSecondFactor'>['body']

type Props = {
  readonly begin: (kind: Kind) => Promise<Enrollment>
  readonly confirm: (confirmation: Confirmation) => Promise<{ readonly recoveryCodes?: string[] | undefined }>
  /** After the recovery codes were saved, if there are any. */
  readonly onDone: () => void
  readonly onCancel?: () => void
  /** When the recovery codes are shown, which are not to be closed by chance. */
  readonly onCodes?: () => void
}

/** Adds a second factor: which kind, then the app or the browser, then the recovery codes. */
export const AddFactor = ({ begin, confirm, onDone, onCancel, onCodes }: Props) => {
  const [kind, setKind] = useState<Kind>(knowsPasskeys() ? 'passkey' : 'totp')
  const [enrollment, setEnrollment] = useState<Enrollment | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const cancel = onCancel === undefined ? {} : { onCancel }

  if (codes !== null) return <RecoveryCodes codes={codes} onDone={onDone} />
  if (enrollment !== null) {
    const finish = async (confirmation: Confirmation) => {
      const { recoveryCodes } = await confirm(confirmation)
      if (recoveryCodes === undefined) return onDone()
      setCodes(recoveryCodes)
      onCodes?.()
    }
    return <Finish enrollment={enrollment} finish={finish} {...cancel} />
  }
  const choices = [
    { value: 'passkey', text: own.kinds.passkey, hint: own.kindHints.passkey },
    { value: 'totp', text: own.kinds.totp, hint: own.kindHints.totp },
  ] as const
  return (
    <Form submit={own.next} onSubmit={async () => setEnrollment(await begin(kind))} {...cancel}>
      <RadioField
        label={own.kind}
        name="kind"
        value={kind}
        onChange={setKind}
        choices={choices.filter(({ value }) => value === 'totp' || knowsPasskeys())}
      />
    </Form>
  )
}

const Finish = ({
  enrollment: { enrollmentId, totp, passkey },
  finish,
  ...cancel
}: {
  readonly enrollment: Enrollment
  readonly finish: (confirmation: Confirmation) => Promise<void>
  readonly onCancel?: () => void
}) => {
  const [name, setName] = useState<string>(passkey === undefined ? own.defaultApp : own.defaultPasskey)
  const [code, setCode] = useState('')
  const [isStopped, setIsStopped] = useState(false)
  const send = async () => {
    if (passkey === undefined) return await finish({ enrollmentId, name, code })
    setIsStopped(false)
    const made = await makePasskey(passkey)
    if (made === null) return setIsStopped(true)
    await finish({ enrollmentId, name, passkey: made as NonNullable<Confirmation['passkey']> })
  }
  return (
    <Form
      submit={passkey === undefined ? own.add : own.makePasskey}
      onSubmit={send}
      explain={({ problem }) => (problem?.code === 'second_factor_wrong' ? own.wrong : undefined)}
      {...cancel}
    >
      {isStopped ? (
        <Notice look="warning" isAlert>
          <p>{own.passkeyStopped}</p>
        </Notice>
      ) : null}
      {totp === undefined ? null : (
        <>
          <QrCode text={totp.uri} label={own.qrCode} />
          <p>
            {own.appLead} <a href={totp.uri}>{own.openApp}</a>
          </p>
          <Copyable label={own.secret} text={totp.secret} />
        </>
      )}
      <TextField label={own.name} name="name" hint={own.nameHint} value={name} onInput={setName} isRequired />
      {passkey === undefined ? (
        <TextField
          label={own.code}
          name="code"
          hint={own.codeHint}
          value={code}
          onInput={setCode}
          autocomplete="one-time-code"
          isRequired
          isCode
        />
      ) : null}
    </Form>
  )
}

export const RecoveryCodes = ({
  codes,
  onDone,
}: {
  readonly codes: readonly string[]
  readonly onDone: () => void
}) => (
  <>
    <p>{own.codesLead}</p>
    <ShownOnce values={[{ label: own.codes, text: codes.join('\n') }]} onDone={onDone} />
  </>
)
