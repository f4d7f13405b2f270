import type { ComponentChildren } from 'preact'
import { useContext, useId } from 'preact/hooks'
import { texts } from '../texts/en.ts'
import { FormContext } from './form.tsx'

export type Common = {
  readonly label: string
  /** The name of the field in the API, under which a refusal names it. */
  readonly name: string
  readonly hint?: ComponentChildren
  /** A message of the screen itself, such as one from a check while typing. */
  readonly message?: string | undefined
  readonly isRequired?: boolean
  readonly isDisabled?: boolean
}

type Described = {
  readonly id: string
  readonly name: string
  readonly required: boolean
  readonly disabled: boolean
  readonly 'aria-invalid': boolean | undefined
  readonly 'aria-describedby': string | undefined
}

/** Label, hint and message around a control. */
export const Field = ({
  label,
  name,
  hint,
  message,
  isRequired = false,
  isDisabled = false,
  children,
}: Common & { readonly children: (control: Described) => ComponentChildren }) => {
  const id = useId()
  const { messageOf } = useContext(FormContext)
  const wrong = message ?? messageOf(name)
  const describedBy = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(wrong === undefined ? [] : [`${id}-message`]),
  ].join(' ')
  return (
    <div class="field">
      <label for={id}>
        {label}
        {isRequired ? null : (
          <>
            {' '}
            <span class="optional">{texts.parts.optional}</span>
          </>
        )}
      </label>
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({
        id,
        name,
        required: isRequired,
        disabled: isDisabled,
        'aria-invalid': wrong === undefined ? undefined : true,
        'aria-describedby': describedBy === '' ? undefined : describedBy,
      })}
      {wrong === undefined ? null : (
        <p class="message" id={`${id}-message`}>
          {wrong}
        </p>
      )}
    </div>
  )
}

type TextProps = Common & {
  readonly value: string
  readonly onInput: (value: string) => void
  readonly type?: 'text' | 'email' | 'password' | 'search' | 'number' | 'date' | 'datetime-local' | 'url'
  /** A token of HTML's `autocomplete`; default off. */
  readonly autocomplete?: string
  readonly placeholder?: string
  readonly isFirst?: boolean
  /** For ids, addresses and code. */
  readonly isCode?: boolean
  /** Offered while typing; other values stay possible. */
  readonly suggestions?: readonly string[]
}

export const TextField = ({ value, onInput, type = 'text', isFirst, isCode = false, ...rest }: TextProps) => {
  const { autocomplete = 'off', placeholder, suggestions, ...common } = rest
  const list = useId()
  // Preact's types want one element for each type.
  const kind = { type } as { readonly type: 'text' }
  return (
    <Field {...common}>
      {(control) => (
        <>
          <input
            {...control}
            {...kind}
            list={suggestions === undefined ? undefined : list}
            class={isCode ? 'code' : undefined}
            value={value}
            autoComplete={autocomplete}
            placeholder={placeholder}
            spellcheck={!isCode && type === 'text' ? undefined : false}
            autoCapitalize={isCode || type !== 'text' ? 'none' : undefined}
            // biome-ignore lint/a11y/noAutofocus: the first field of a dialog or a page that has nothing else.
            autoFocus={isFirst}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
          {suggestions === undefined ? null : (
            <datalist id={list}>
              {suggestions.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  )
}

type PasswordProps = Pick<
  TextProps,
  'label' | 'name' | 'hint' | 'value' | 'onInput' | 'isFirst' | 'isRequired'
> & {
  /** True: the browser offers to make one, and to remember it. */
  readonly isNew?: boolean
}

export const PasswordField = ({ isNew = false, isRequired = true, ...rest }: PasswordProps) => (
  <TextField
    {...rest}
    type="password"
    autocomplete={isNew ? 'new-password' : 'current-password'}
    isRequired={isRequired}
  />
)

export const TextArea = ({
  value,
  onInput,
  rows = 3,
  isCode = false,
  ...common
}: Common & {
  readonly value: string
  readonly onInput: (value: string) => void
  readonly rows?: number
  readonly isCode?: boolean
}) => (
  <Field {...common}>
    {(control) => (
      <textarea
        {...control}
        rows={rows}
        class={isCode ? 'code' : undefined}
        spellcheck={!isCode}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    )}
  </Field>
)

export type Choice<T extends string = string> = { readonly value: T; readonly text: string }

export const SelectField = <T extends string>({
  value,
  choices,
  onChange,
  ...common
}: Common & {
  readonly value: T
  readonly choices: readonly Choice<T>[]
  readonly onChange: (value: T) => void
}) => (
  <Field {...common}>
    {(control) => (
      <select
        {...control}
        value={value}
        // The options are exactly these choices.
        onChange={(event) => onChange(event.currentTarget.value as T)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
    )}
  </Field>
)

export const CheckField = ({
  label,
  name,
  hint,
  isChecked,
  isDisabled = false,
  onChange,
}: {
  readonly label: ComponentChildren
  readonly name: string
  readonly hint?: ComponentChildren
  readonly isChecked: boolean
  readonly isDisabled?: boolean
  readonly onChange: (isChecked: boolean) => void
}) => {
  const id = useId()
  return (
    <div class="check">
      <input
        type="checkbox"
        id={id}
        name={name}
        checked={isChecked}
        disabled={isDisabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

/** One of a few choices, all visible. */
export const RadioField = <T extends string>({
  label,
  name,
  value,
  choices,
  onChange,
}: {
  readonly label: string
  readonly name: string
  readonly value: T
  readonly choices: readonly (Choice<T> & { readonly hint?: string })[]
  readonly onChange: (value: T) => void
}) => {
  const id = useId()
  return (
    <fieldset class="radios">
      <legend>{label}</legend>
      {choices.map((choice) => (
        <div class="check" key={choice.value}>
          <input
            type="radio"
            id={`${id}-${choice.value}`}
            name={name}
            checked={choice.value === value}
            aria-describedby={choice.hint === undefined ? undefined : `${id}-${choice.value}-hint`}
            onChange={() => onChange(choice.value)}
          />
          <label for={`${id}-${choice.value}`}>{choice.text}</label>
          {choice.hint === undefined ? null : (
            <p class="hint" id={`${id}-${choice.value}-hint`}>
              {choice.hint}
            </p>
          )}
        </div>
      ))}
    </fieldset>
  )
}
