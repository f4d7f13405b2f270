import { useEffect, useState } from 'preact/hooks'
import type { Provider } from '../../../lib/whitelist/provider.ts'
import { call } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { useUnsaved } from '../../client/unsaved.ts'
import { useCall } from '../../client/use-call.ts'
import { useForesight } from '../../client/use-foresight.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { Changes, useChangeNames } from '../../parts/changes.tsx'
import { SelectField, TextArea, TextField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { Impact } from '../../parts/impact.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Section } from '../../parts/page.tsx'
import { Failed } from '../../parts/states.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import type { User, UserProps } from './shown-user.ts'
import { readEntries } from './whitelist-entries.ts'

const own = texts.user.whitelist

export const Whitelist = ({ user, onChanged }: UserProps) => {
  const me = useMe()
  const mayWrite = holds(me, { section: 'postern-whitelist', level: 'write' })
  return (
    <>
      <Section title={own.tab} lead={own.lead}>
        {mayWrite ? (
          <Editor user={user} onChanged={onChanged} />
        ) : (
          <pre class="code">{user.whitelist.join('\n') || texts.users.anyAddress}</pre>
        )}
      </Section>
      <Section title={own.checkTitle} lead={own.checkLead}>
        <Check user={user} />
      </Section>
    </>
  )
}

const Editor = ({ user, onChanged }: UserProps) => {
  const saved = user.whitelist.join('\n')
  const [text, setText] = useState(saved)
  // What somebody else saved in the meantime comes in unless there is something to lose.
  useEffect(() => setText((now) => (now.trim() === '' || now === saved ? saved : now)), [saved])
  const names = useChangeNames()
  const { entries, faults } = readEntries(text)
  const isChanged = entries.join('\n') !== saved
  useUnsaved(isChanged)

  const params = { userId: user.userId }
  const { answer, failure, isLooking } = useForesight(
    'replaceWhitelist',
    faults.length > 0 ? null : { params, body: { entries } },
  )
  const serverFaults = (failure?.problem?.errors ?? []).map(({ path, message }) => {
    const index = Number(path.split('.')[1])
    return own.fault(entries[index] ?? path, message)
  })
  const messages = [...faults.map(({ text: wrong, message }) => own.fault(wrong, message)), ...serverFaults]

  const save = async () => {
    const { entries: kept } = await call('replaceWhitelist', {
      params,
      body: { entries, version: user.version },
    })
    setText(kept.join('\n'))
    await onChanged()
    toast(own.saved)
  }
  const add = (entry: string) => setText((now) => `${now.trimEnd()}${now.trim() === '' ? '' : '\n'}${entry}`)

  return (
    <Form
      label={own.tab}
      submit={own.save}
      isDisabled={!isChanged || faults.length > 0}
      onSubmit={save}
      onConflict={onChanged}
      actions={isChanged ? <Button onClick={() => setText(saved)}>{texts.parts.discard}</Button> : undefined}
    >
      <TextArea
        label={own.entries}
        name="entries"
        hint={own.entriesHint}
        rows={Math.min(Math.max(entries.length + 2, 5), 16)}
        value={text}
        onInput={setText}
        message={messages.length === 0 ? undefined : messages.join('\n')}
        isCode
      />
      <Cloud onAdd={add} />
      <div class="foresight" aria-live="polite" aria-busy={isLooking}>
        {failure !== null && serverFaults.length === 0 ? <Failed failure={failure} /> : null}
        {(answer?.warnings ?? []).map((warning) => (
          <Notice key={warning} look="warning">
            <p>{warning}</p>
          </Notice>
        ))}
        {isChanged && faults.length === 0 ? (
          <Changes changes={[{ field: 'whitelist', before: user.whitelist, after: entries }]} names={names} />
        ) : null}
        {answer !== null && isChanged ? <Impact foreseen={answer} userId={user.userId} /> : null}
      </div>
    </Form>
  )
}

/** Adds a cloud's word, narrowed to a region or a service of its published list. */
const Cloud = ({ onAdd }: { readonly onAdd: (entry: string) => void }) => {
  const providers = useCall('listProviders', {}).data?.providers ?? []
  const [provider, setProvider] = useState<Provider | ''>('')
  const [narrowing, setNarrowing] = useState('')
  const names =
    useCall('getProvider', provider === '' ? null : { params: { provider } }).data?.provider.names ?? []
  const isKnown = narrowing === '' || names.includes(narrowing)
  return (
    <details class="more">
      <summary>{own.cloud}</summary>
      <div class="fields">
        <SelectField
          label={own.provider}
          name="provider"
          value={provider}
          onChange={(word) => {
            setProvider(word)
            setNarrowing('')
          }}
          choices={[
            { value: '', text: own.chooseProvider },
            ...providers.map(({ provider: word }) => ({ value: word, text: word })),
          ]}
          isRequired
        />
        <TextField
          label={own.narrowing}
          name="narrowing"
          hint={own.narrowingHint}
          value={narrowing}
          onInput={setNarrowing}
          suggestions={names}
          isDisabled={names.length === 0}
          message={isKnown ? undefined : own.noSuchName}
          isCode
        />
        <Button
          icon="add"
          isDisabled={provider === '' || !isKnown}
          onClick={() => {
            onAdd(narrowing === '' ? provider : `${provider}:${narrowing}`)
            setNarrowing('')
          }}
        >
          {own.addCloud}
        </Button>
      </div>
    </details>
  )
}

const Check = ({ user: { userId } }: { readonly user: User }) => {
  const [address, setAddress] = useState('')
  const [verdict, setVerdict] = useState<{ readonly allowed: boolean; readonly reason: string } | null>(null)
  return (
    <Form
      label={own.checkTitle}
      submit={own.check}
      onSubmit={async () => setVerdict(await call('checkWhitelist', { body: { userId, address } }))}
    >
      <TextField label={own.address} name="address" value={address} onInput={setAddress} isRequired isCode />
      <div role="status">
        {verdict === null ? null : (
          <Notice look={verdict.allowed ? 'good' : 'warning'}>
            <p>
              {verdict.allowed ? own.allowed : own.refused} <span class="muted">{verdict.reason}</span>
            </p>
          </Notice>
        )}
      </div>
    </Form>
  )
}
