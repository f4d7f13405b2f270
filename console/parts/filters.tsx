import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { isSecret, searchable } from '../client/pasted-id.ts'
import { useQuery } from '../router.ts'
import { texts } from '../texts/en.ts'
import { Button } from './button.tsx'
import type { Choice } from './fields.tsx'
import { Icon } from './icon.tsx'

/** What narrows a list. Each filter is a parameter of the address; a change leads back to the first page. */
export const Filters = ({
  children,
  onClear,
}: {
  readonly children: ComponentChildren
  /** Present while something is filtered. */
  readonly onClear?: (() => void) | undefined
}) => (
  <search class="filters">
    {children}
    {onClear === undefined ? null : (
      <Button look="quiet" onClick={onClear}>
        {texts.parts.clearFilters}
      </Button>
    )}
  </search>
)

const waitMilliseconds = 250

/** Searches while typing, after a short pause. No secret gets into the address or to the API. */
export const SearchFilter = ({
  name,
  label,
  placeholder,
}: {
  readonly name: string
  readonly label: string
  readonly placeholder?: string
}) => {
  const id = useId()
  const [query, change] = useQuery()
  const current = query[name] ?? ''
  const [text, setText] = useState(current)
  const known = useRef(current)
  // A step back in the browser, or a cleared filter. What this field has written itself is older than what is typed since.
  if (known.current !== current) {
    known.current = current
    setText(current)
  }
  useEffect(() => {
    const words = text.trim()
    if (words === current || isSecret(text)) return
    const timer = setTimeout(() => {
      known.current = words
      change({ [name]: words, cursor: '' }, { replace: true })
    }, waitMilliseconds)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <div class="filter wide">
      <label for={id}>{label}</label>
      <span class="with-icon">
        <Icon name="search" />
        <input
          id={id}
          type="search"
          value={text}
          placeholder={placeholder}
          autoComplete="off"
          spellcheck={false}
          aria-describedby={isSecret(text) ? `${id}-secret` : undefined}
          onInput={({ currentTarget: { value } }) => setText(searchable(value) ?? value)}
        />
      </span>
      <p id={`${id}-secret`} class="muted" role="status">
        {isSecret(text) ? texts.parts.secretSearched : ''}
      </p>
    </div>
  )
}

export const SelectFilter = ({
  name,
  label,
  any,
  choices,
}: {
  readonly name: string
  readonly label: string
  /** The choice that filters nothing. */
  readonly any: string
  readonly choices: readonly Choice[]
}) => {
  const id = useId()
  const [query, change] = useQuery()
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={query[name] ?? ''}
        onChange={(event) => change({ [name]: event.currentTarget.value, cursor: '' })}
      >
        <option value="">{any}</option>
        {choices.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

/** An instant of the address as the API takes it; undefined if the text is none. */
export const instantOf = (text: string | undefined): string | undefined => {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

/** A minute in the reader's time zone, in the address as the instant 2026-11-21T09:00:00.000Z. */
export const TimeFilter = ({ name, label }: { readonly name: string; readonly label: string }) => {
  const id = useId()
  const [query, change] = useQuery()
  const current = instantOf(query[name])
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        value={current === undefined ? '' : localText(new Date(current))}
        onChange={(event) => change({ [name]: instantOf(event.currentTarget.value) ?? '', cursor: '' })}
      />
    </div>
  )
}

/** As the text of a time input, which has no time zone. */
const localText = (at: Date): string =>
  new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)

/** A day in the reader's time zone, in the address as 2026-11-21. */
export const DayFilter = ({ name, label }: { readonly name: string; readonly label: string }) => {
  const id = useId()
  const [query, change] = useQuery()
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="date"
        value={query[name] ?? ''}
        onChange={(event) => change({ [name]: event.currentTarget.value, cursor: '' })}
      />
    </div>
  )
}
