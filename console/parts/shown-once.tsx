import { useState } from 'preact/hooks'
import type { Answer } from '../client/operations.ts'
import { useUnsaved } from '../client/unsaved.ts'
import { texts } from '../texts/en.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'

/** Copies a text, and says that it did. */
const CopyButton = ({ text, what }: { readonly text: string; readonly what: string }) => {
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setState('copied')
    } catch {
      setState('failed')
    }
    setTimeout(() => setState('ready'), 4000)
  }
  return (
    <>
      <Button icon={state === 'copied' ? 'done' : 'copy'} label={texts.parts.copyWhat(what)} onClick={copy}>
        {state === 'copied' ? texts.parts.copied : texts.parts.copy}
      </Button>
      <span class="hidden" role="status">
        {state === 'copied' ? texts.parts.copiedWhat(what) : state === 'failed' ? texts.parts.notCopied : ''}
      </span>
    </>
  )
}

/** A value to select or copy, such as an id. */
export const Copyable = ({ label, text }: { readonly label: string; readonly text: string }) => (
  <div class="copyable">
    <span class="label">{label}</span>
    <code>{text}</code>
    <CopyButton text={text} what={label} />
  </div>
)

/** A secret that the API shows this once. Whoever shows it asks for the confirmation before it goes. */
export const ShownOnce = ({
  values,
  onDone,
}: {
  readonly values: readonly { readonly label: string; readonly text: string }[]
  readonly onDone: () => void
}) => {
  useUnsaved(true, texts.parts.loseSecret)
  return (
    <div class="shown-once">
      <Notice look="warning">
        <p>{texts.parts.shownOnce}</p>
      </Notice>
      {values.map(({ label, text }) => (
        <Copyable key={label} label={label} text={text} />
      ))}
      <div class="actions">
        <Button look="primary" onClick={onDone}>
          {texts.parts.savedIt}
        </Button>
      </div>
    </div>
  )
}

/** Asks who the credential is, from an address of the whitelist. */
const tryWith = (authorization: string) => ({
  label: texts.parts.tryIt,
  text: `curl ${authorization} ${window.location.origin}/v1/users/me`,
})

/** A new key or token, and a call that shows whether it works where it is used. */
export const ShownSecret = ({
  credential,
  onDone,
}: {
  readonly credential: Answer<'createCredential'>['credential']
  readonly onDone: () => void
}) => (
  <ShownOnce
    values={
      credential.kind === 'key'
        ? [
            { label: texts.parts.keyId, text: credential.keyId },
            { label: texts.parts.secret, text: credential.secret },
            tryWith(`-u ${credential.keyId}:${credential.secret}`),
          ]
        : [
            { label: texts.parts.token, text: credential.token },
            tryWith(`-H "Authorization: Bearer ${credential.token}"`),
          ]
    }
    onDone={onDone}
  />
)
