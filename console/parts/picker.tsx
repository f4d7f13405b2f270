import { useEffect, useId, useState } from 'preact/hooks'
import { CallFailure } from '../client/failure.ts'
import type { Found } from '../client/find.ts'
import { isSecret, searchable } from '../client/pasted-id.ts'
import { useLoaded } from '../client/use-call.ts'
import { useQuery } from '../router.ts'
import { texts } from '../texts/en.ts'
import { withoutMarks } from '../texts/isolated-names.ts'
import type { Common } from './fields.tsx'
import { Field } from './fields.tsx'
import { failureText } from './states.tsx'

const own = texts.picker

/** What can be picked. */
export type Source = {
  readonly find: (text: string, signal: AbortSignal) => Promise<readonly Found[]>
  /** The name of what was picked; null if nothing has this id, undefined if it cannot be told. */
  readonly nameOf: (value: string, signal: AbortSignal) => Promise<string | null | undefined>
}

const waitMilliseconds = 150
const idPattern = /^[a-z]{3}_\w{4,60}$/

type Search = {
  /** The text that was searched. */
  readonly of: string
  readonly found: readonly Found[]
  /** Null while nothing was found or missed. */
  readonly state: string | null
}
const nothing: Search = { of: '', found: [], state: null }

/** Searches while somebody types. An id that was typed or pasted is offered as it is, also of what is deleted. */
const useSearch = (typed: string | null, { find }: Source): Search => {
  const [search, setSearch] = useState(nothing)
  const text = typed?.trim() ?? ''
  useEffect(() => {
    if (text === '') return setSearch(nothing)
    if (isSecret(text)) return setSearch({ of: text, found: [], state: texts.parts.secretSearched })
    const abort = new AbortController()
    const timer = setTimeout(async () => {
      const asId = idPattern.test(text) ? [{ value: text, text, kind: own.asTyped }] : []
      try {
        const named = await find(text, abort.signal)
        const found = [...named, ...asId.filter(({ value }) => named.every((each) => each.value !== value))]
        if (abort.signal.aborted) return
        setSearch({ of: text, found, state: own.results(found.length) })
      } catch (error) {
        if (abort.signal.aborted) return
        setSearch({ of: text, found: asId, state: error instanceof CallFailure ? failureText(error) : null })
      }
    }, waitMilliseconds)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [text])
  return search
}

/** A text field with what its text finds below it (ARIA's pattern of a combobox with a list). */
const Combobox = ({
  control,
  label,
  placeholder,
  source,
  shown,
  onChoose,
}: {
  readonly control: { readonly id: string; readonly name?: string }
  readonly label: string
  readonly placeholder: string
  readonly source: Source
  /** Stands in the field while nobody types. */
  readonly shown: string
  /** Null: the field was emptied. */
  readonly onChoose: (found: Found | null) => void
}) => {
  const { id } = control
  /** Null while nobody types. */
  const [typed, setTyped] = useState<string | null>(null)
  const [at, setAt] = useState(0)
  const { of, found, state } = useSearch(typed, source)
  const isOpen = typed !== null && typed.trim() !== '' && state !== null
  const chosen = Math.min(at, found.length - 1)

  const choose = (picked: Found | null) => {
    setTyped(null)
    onChoose(picked)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' && isOpen) setAt((chosen + 1) % Math.max(found.length, 1))
    else if (event.key === 'ArrowUp' && isOpen) setAt((chosen - 1 + found.length) % Math.max(found.length, 1))
    else if (event.key === 'Enter' && typed !== null) {
      // What an earlier text found is still in the list until the search has ended.
      if (typed.trim() === '') choose(null)
      else if (isOpen && found[chosen] !== undefined && of === typed.trim()) choose(found[chosen])
    } else if (event.key === 'Escape' && typed !== null) setTyped(null)
    else return
    event.preventDefault()
  }
  useEffect(() => {
    document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' })
  }, [chosen])

  return (
    <>
      <input
        {...control}
        type="text"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={isOpen && found.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={isOpen && found.length > 0 ? `${id}-${chosen}` : undefined}
        autoComplete="off"
        spellcheck={false}
        placeholder={placeholder}
        value={typed ?? withoutMarks(shown)}
        onFocus={(event) => event.currentTarget.select()}
        onInput={({ currentTarget: { value } }) => {
          setTyped(searchable(value) ?? value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
        onBlur={() => (typed?.trim() === '' ? choose(null) : setTyped(null))}
      />
      <div class="picked" hidden={!isOpen}>
        <div id={`${id}-list`} role="listbox" aria-label={label} tabIndex={-1}>
          {found.map((each, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys work in the field, which keeps the focus.
            <div
              key={each.value}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              // The field would lose the focus, and with it what was typed, before the click.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => choose(each)}
              onPointerMove={() => setAt(index)}
            >
              <span>{each.text}</span>
              <span class="muted">{each.kind}</span>
            </div>
          ))}
        </div>
        <p class={found.length === 0 ? 'muted' : 'hidden'} role="status">
          {isOpen ? state : ''}
        </p>
      </div>
    </>
  )
}

/** A filter by something that has a name. The address holds its id; the field shows the name. An emptied field filters nothing. */
export const PickFilter = ({
  name,
  label,
  placeholder,
  source,
  others = {},
}: {
  readonly name: string
  readonly label: string
  readonly placeholder: string
  readonly source: Source
  /** Further changes of the address with each choice. */
  readonly others?: Readonly<Record<string, string>>
}) => {
  const id = useId()
  const [query, change] = useQuery()
  const value = query[name] ?? ''
  const named = useLoaded(value === '' ? null : `${name} ${value}`, (signal) =>
    source.nameOf(value, signal).then((text) => ({ value, text })),
  )
  const current = named.data?.value === value ? named.data.text : undefined
  return (
    <div class="filter wide pick">
      <label for={id}>{label}</label>
      <Combobox
        control={{ id }}
        label={label}
        placeholder={placeholder}
        source={source}
        shown={value === '' ? '' : current === null ? own.gone(value) : (current ?? value)}
        onChoose={(picked) => {
          const next = picked?.value ?? ''
          if (next !== value) change({ ...others, [name]: next, cursor: '' })
        }}
      />
    </div>
  )
}

/** A field of a form that adds what is picked to something, and is empty again. */
export const PickField = ({
  placeholder,
  source,
  onPick,
  ...common
}: Omit<Common, 'isDisabled'> & {
  readonly placeholder: string
  readonly source: Source
  readonly onPick: (found: Found) => void
}) => (
  <div class="pick">
    <Field {...common}>
      {(control) => (
        <Combobox
          control={control}
          label={common.label}
          placeholder={placeholder}
          source={source}
          shown=""
          onChoose={(picked) => picked !== null && onPick(picked)}
        />
      )}
    </Field>
  </div>
)
