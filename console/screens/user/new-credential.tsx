import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Answer } from '../../client/operations.ts'
import { serverNow } from '../../client/server-time.ts'
import { useIdempotencyKey } from '../../client/use-idempotency-key.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { CheckField, RadioField, SelectField, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { ShownSecret } from '../../parts/shown-once.tsx'
import { texts } from '../../texts/en.ts'
import type { Credential } from './shown-user.ts'

const own = texts.user.credentials
const form = own.new

type Made = Answer<'createCredential'>['credential']
type Props = {
  readonly userId: string
  readonly isOwn: boolean
  readonly onClose: () => void
  readonly onMade: () => void
}

/** Text of a date input as the end of that day in the reader's zone; what is no day stays as it is, for the API to refuse. */
export const endOfDay = (date: string): string => {
  const end = new Date(`${date}T23:59:59`)
  return Number.isNaN(end.getTime()) ? date : end.toISOString()
}

const dayAfter = (days: number): string => dayIn(serverNow() + days * 86_400_000)

/** The day of a time in the reader's zone, as the text of a date input. */
export const dayIn = (milliseconds: number): string => {
  const date = new Date(milliseconds)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')
}

export const NewCredential = ({ userId, isOwn, onClose, onMade }: Props) => {
  const [made, setMade] = useState<Made | null>(null)
  const keyFor = useIdempotencyKey()
  const [name, setName] = useState('')
  const [kind, setKind] = useState<'key' | 'token'>('key')
  const [expires, setExpires] = useState(dayAfter(365))
  if (made !== null) return <Secret made={made} onClose={onClose} />
  const send = async () => {
    const body = { name, kind, expiresAt: expires === '' ? null : endOfDay(expires) }
    const options = { idempotencyKey: keyFor(body) }
    const { credential } = isOwn
      ? await call('createOwnCredential', { body }, options)
      : await call('createCredential', { params: { userId }, body }, options)
    setMade(credential)
    onMade()
  }
  return (
    <FormDialog title={form.title} onClose={onClose} submit={form.submit} onSubmit={send}>
      <TextField
        label={form.name}
        name="name"
        hint={form.nameHint}
        value={name}
        onInput={setName}
        isRequired
        isFirst
      />
      <RadioField
        label={form.kind}
        name="kind"
        value={kind}
        onChange={setKind}
        choices={[
          { value: 'key', text: texts.users.new.key, hint: texts.users.new.keyHint },
          { value: 'token', text: texts.users.new.token, hint: texts.users.new.tokenHint },
        ]}
      />
      <TextField
        label={form.expires}
        name="expiresAt"
        type="date"
        hint={form.expiresHint}
        value={expires}
        onInput={setExpires}
      />
    </FormDialog>
  )
}

/** When the new credential of a rotation ends. */
const lives = ['same', 'day', 'never'] as const

const overlaps = ['0', '3600', '86400', '604800', '2592000'] as const

export const RotateCredential = ({
  userId,
  isOwn,
  credential: { keyId, name, imported },
  onClose,
  onMade,
}: Props & { readonly credential: Credential }) => {
  const [made, setMade] = useState<Made | null>(null)
  const keyFor = useIdempotencyKey()
  const [overlap, setOverlap] = useState<(typeof overlaps)[number]>('86400')
  const [endsOld, setEndsOld] = useState(false)
  const [newName, setNewName] = useState(name)
  const [life, setLife] = useState<(typeof lives)[number]>('same')
  const [expires, setExpires] = useState(dayAfter(365))
  if (made !== null) return <Secret made={made} onClose={onClose} />
  const send = async () => {
    const body = {
      name: newName,
      overlapSeconds: Number(overlap),
      endOldOnFirstUse: endsOld,
      ...(life === 'same' ? {} : { expiresAt: life === 'never' ? null : endOfDay(expires) }),
    }
    const options = { idempotencyKey: keyFor(body) }
    const { credential } = isOwn
      ? await call('rotateOwnCredential', { params: { keyId }, body }, options)
      : await call('rotateCredential', { params: { userId, keyId }, body }, options)
    setMade(credential)
    onMade()
  }
  return (
    <FormDialog title={own.rotateTitle(name)} onClose={onClose} submit={own.rotate} onSubmit={send}>
      <p>{imported === true ? own.rotateImported : own.rotateText}</p>
      <TextField
        label={form.name}
        name="name"
        hint={own.rotateNameHint}
        value={newName}
        onInput={setNewName}
        isRequired
      />
      <SelectField
        label={own.life}
        name={life === 'day' ? 'life' : 'expiresAt'}
        value={life}
        onChange={setLife}
        choices={lives.map((value) => ({ value, text: own.lives[value] }))}
        isRequired
      />
      {life === 'day' ? (
        <TextField
          label={form.expires}
          name="expiresAt"
          type="date"
          value={expires}
          onInput={setExpires}
          isRequired
        />
      ) : null}
      <SelectField
        label={own.overlap}
        name="overlapSeconds"
        hint={own.overlapHint}
        value={overlap}
        onChange={setOverlap}
        choices={overlaps.map((value) => ({ value, text: own.overlapTexts[value] }))}
        isRequired
      />
      <CheckField
        label={own.endOld}
        name="endOldOnFirstUse"
        hint={own.endOldHint}
        isChecked={endsOld}
        onChange={setEndsOld}
      />
    </FormDialog>
  )
}

const Secret = ({ made, onClose }: { readonly made: Made; readonly onClose: () => void }) => (
  <Dialog title={form.madeTitle(made.name)}>
    <ShownSecret credential={made} onDone={onClose} />
  </Dialog>
)
