import type { ComponentChildren } from 'preact'
import { createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import { fieldMessages } from '../client/call.ts'
import type { CallFailure } from '../client/failure.ts'
import { asFailure } from '../client/failure.ts'
import { useUnsaved } from '../client/unsaved.ts'
import { reloadAllShown } from '../client/use-call.ts'
import { texts } from '../texts/en.ts'
import { Button } from './button.tsx'
import { OnTouched } from './dialog.tsx'
import { Notice } from './notice.tsx'
import { failureText } from './states.tsx'

type FormState = {
  /** What is wrong with each field, by its name; `whitelist` also has the messages of `whitelist.0`. */
  readonly messageOf: (name: string) => string | undefined
}
export const FormContext = createContext<FormState>({ messageOf: () => undefined })

export type FormProps = {
  /** Names the form for screen readers if no heading does. */
  readonly label?: string
  readonly children: ComponentChildren
  /** The verb of the button. */
  readonly submit: string
  readonly look?: 'primary' | 'danger'
  /** A CallFailure that it throws is shown, at its fields where it names them. */
  readonly onSubmit: () => Promise<void>
  readonly onCancel?: () => void
  /** Further buttons beside the first. */
  readonly actions?: ComponentChildren
  readonly isDisabled?: boolean
  /** Somebody else changed the same thing in the meantime: loads what is there now. The input stays. */
  readonly onConflict?: () => void
  /** Says what a failure means here, where its own text does not. */
  readonly explain?: (failure: CallFailure) => string | undefined
}

/** A form that sends once, shows what was refused where it belongs, and moves the focus there. */
export const Form = ({
  label,
  children,
  submit,
  look = 'primary',
  onSubmit,
  onCancel,
  actions,
  isDisabled = false,
  onConflict,
  explain,
}: FormProps) => {
  const [failure, setFailure] = useState<CallFailure | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const messages = fieldMessages(failure)
  const [isTouched, setIsTouched] = useState(false)
  const ofWindow = useContext(OnTouched)
  const onTouched = ofWindow ?? setIsTouched
  useUnsaved(isTouched, null)
  const endsWindow = (refusal: CallFailure): boolean => ofWindow !== null && isOfNothing(refusal)
  const isGone = failure !== null && endsWindow(failure)
  // When the window closes, not before: loading again can take away what it stands on, and with it what was typed.
  useEffect(() => (isGone ? reloadAllShown : undefined), [isGone])

  const send = async (event: Event) => {
    event.preventDefault()
    if (isBusy) return
    setIsBusy(true)
    setFailure(null)
    onTouched(false)
    try {
      await onSubmit()
    } catch (error) {
      const refusal = asFailure(error)
      setFailure(refusal)
      onTouched(!endsWindow(refusal))
      if (isConflict(refusal)) onConflict?.()
    } finally {
      setIsBusy(false)
    }
  }

  useEffect(() => {
    if (failure === null) return
    const find = (selector: string) => form.current?.querySelector<HTMLElement>(selector)
    const wrong = find('[aria-invalid="true"]') ?? find('.notice[role="alert"]')
    wrong?.closest('details')?.setAttribute('open', '')
    wrong?.focus()
  }, [failure])

  const messageOf = (name: string) => {
    const own = Object.entries(messages).filter(([path]) => path === name || path.startsWith(`${name}.`))
    return own.length === 0 ? undefined : own.map(([, message]) => message).join('; ')
  }

  return (
    <FormContext.Provider value={{ messageOf }}>
      <form
        ref={form}
        class="form"
        aria-label={label}
        noValidate
        onInput={() => onTouched(true)}
        onSubmit={send}
      >
        {failure === null ? null : (
          <Notice look="danger" isAlert>
            <Refusal
              failure={failure}
              explained={
                isGone
                  ? texts.parts.gone
                  : isConflict(failure) && onConflict
                    ? texts.parts.conflict
                    : explain?.(failure)
              }
              form={form.current}
            />
          </Notice>
        )}
        {children}
        <div class="actions">
          {isGone ? null : (
            <Button type="submit" look={look} isBusy={isBusy} isDisabled={isDisabled}>
              {submit}
            </Button>
          )}
          {onCancel === undefined ? null : (
            <Button onClick={onCancel}>{isGone ? texts.parts.close : texts.parts.cancel}</Button>
          )}
          {actions}
        </div>
      </form>
    </FormContext.Provider>
  )
}

const isConflict = ({ problem }: CallFailure): boolean =>
  problem?.code === 'version_conflict' || problem?.code === 'precondition_failed'

/** What the form is about does not exist. With a detail, it is something else, such as an enrollment that has ended. */
const isOfNothing = ({ problem }: CallFailure): boolean =>
  problem?.code === 'not_found' && problem.detail === undefined

/** The refusal in a sentence, and the errors of fields that this form does not have. */
const Refusal = ({
  failure,
  explained,
  form,
}: {
  readonly failure: CallFailure
  readonly explained: string | undefined
  readonly form: HTMLFormElement | null
}) => {
  const names = [...(form?.elements ?? [])].map((element) => element.getAttribute('name'))
  const elsewhere = (failure.problem?.errors ?? []).filter(
    ({ path }) => !names.some((name) => path === name || path.startsWith(`${name}.`)),
  )
  const isMarked = (failure.problem?.errors ?? []).length > 0
  return (
    <>
      <p>{explained ?? (isMarked ? texts.parts.correct : failureText(failure))}</p>
      {elsewhere.length === 0 ? null : (
        <ul>
          {elsewhere.map(({ path, message }) => (
            <li key={path}>
              {path === '' ? null : <code>{path}</code>} {message}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
