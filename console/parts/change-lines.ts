import { texts } from '../texts/en.ts'

const own = texts.changes

/** A field of an audit row or a dry run. Values are as stored: ids of APIs, roles, groups and vendors, no names. */
export type Change = { readonly field: string; readonly before?: unknown; readonly after?: unknown }

/** Names for ids; the id itself where the name is unknown. */
export type Names = {
  readonly api: (apiId: string) => string
  readonly role: (roleId: number) => string
  readonly group: (aid: number) => string
  readonly vendor: (vendorId: string) => string
  readonly credential: (keyId: string) => string
}

/**
 * What a list, a set of rights or a value was and is. `name` is empty for a single value; null: it was not there, or is no longer. `key` is
 * the id of what `name` names: two things can have one name.
 */
export type Line = {
  readonly key: string
  readonly name: string
  readonly before: string | null
  readonly after: string | null
}

export type ReadChange = {
  readonly label: string
  /** The whole thing was made or deleted, and the lines say what it has. */
  readonly whole: 'added' | 'removed' | null
  readonly lines: readonly Line[]
}

/** `raw` is the value as stored: two values can have one text. */
type Entry = { readonly key: string; readonly name: string; readonly text: string; readonly raw: unknown }
type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || /^(?:\[\]|\{\})$/.test(JSON.stringify(value))

const labelOf = (field: string): string => (own.fields as Readonly<Record<string, string>>)[field] ?? field

/** A word of the API in the reader's words. */
const wordOf = (field: string, word: string): string =>
  (own.words as Readonly<Record<string, Readonly<Record<string, string>>>>)[field]?.[word] ?? word

/** `api_…/orders` and `api_… GET /orders` with the name of the API. */
const withApiName = (text: string, { api }: Names): string =>
  text.replace(/^api_\w+(?=[/ ])/, (apiId) => api(apiId))

const rawText = (raw: unknown): string =>
  JSON.stringify(raw, (_, each) =>
    isFields(each) ? Object.fromEntries(Object.entries(each).toSorted()) : each,
  )

/** Of a list: it is there or not. */
const member = (raw: unknown, name: string): Entry => ({ key: rawText(raw), name, text: '', raw })
const single = (raw: unknown, text: string): Entry => ({ key: '', name: '', text, raw })

type Levels = Readonly<Record<string, string>>
/** By names that others chose, which can be those of fields. */
const levelsIn = (value: Levels, names: Names): Entry[] =>
  Object.entries(value).map(([key, raw]) => ({
    key,
    name: withApiName(key, names),
    text: wordOf('level', raw),
    raw,
  }))

type Every = { readonly level: string; readonly except: readonly string[] }
/** In a form, and as it is stored. */
type EveryOf = Every & ({ readonly api: string } | { readonly api?: undefined; readonly apiId: string })
const everyEntry = ({ level, except }: Every): Entry =>
  single(
    [level, except],
    `${wordOf('level', level)}${except.length === 0 ? '' : ` (${own.except(except.join(', '))})`}`,
  )

/** The entries of the fields whose values need more than their own text. */
const readers: Readonly<Record<string, (value: never, names: Names) => readonly Entry[]>> = {
  permissions: (value: Levels, names) => levelsIn(value, names),
  /** Of a share, or a list of an API's. */
  sections: (value: Levels | readonly unknown[], names) =>
    Array.isArray(value)
      ? value.map((each) => member(each, plain('', each, names)))
      : levelsIn(value as Levels, names),
  endpoints: (value: readonly unknown[], names) =>
    value.map((each) =>
      member(each, typeof each === 'string' ? withApiName(each, names) : plain('', each, names)),
    ),
  /** Of a role, by its APIs, or of a share. */
  everySection: (value: Every | readonly EveryOf[], { api: nameOf }) =>
    Array.isArray(value)
      ? value.map((each: EveryOf) => {
          const apiId = each.api ?? each.apiId
          return { ...everyEntry(each), key: apiId, name: own.everySection(nameOf(apiId)) }
        })
      : [everyEntry(value as Every)],
  allAccountGroupRoles: (value: readonly number[], { role }) => value.map((id) => member(id, role(id))),
  accountGroupRoles: (
    value: readonly { readonly aid: number; readonly roles: readonly number[] }[],
    { role, group },
  ) =>
    value.flatMap(({ aid, roles }) => roles.map((id) => member([aid, id], own.roleIn(role(id), group(aid))))),
  loginAccountGroup: (value: number, { group }) => [single(value, group(value))],
  integrationVendor: (value: string, { vendor }) => [single(value, vendor(value))],
  replacedBy: (value: string, { credential }) => [single(value, credential(value))],
  replaces: (value: string, { credential }) => [single(value, credential(value))],
}

const entriesOf = (field: string, value: unknown, names: Names): readonly Entry[] => {
  if (isNothing(value)) return []
  const reader = readers[field]
  if (reader !== undefined) return reader(value as never, names)
  if (Array.isArray(value)) return value.map((each) => member(each, plain(field, each, names)))
  if (isFields(value))
    return Object.entries(value).flatMap(([key, raw]) =>
      isNothing(raw) ? [] : [{ key, name: labelOf(key), text: plain(key, raw, names), raw }],
    )
  return [single(value, plain(field, value, names))]
}

/** A value in one line. */
const plain = (field: string, value: unknown, names: Names): string => {
  const isRead = readers[field] !== undefined
  if (typeof value === 'string' && !isRead)
    return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? own.time(new Date(value)) : wordOf(field, value)
  if (typeof value === 'boolean') return value ? own.yes : own.no
  if (typeof value === 'number' && !isRead) return String(value)
  return entriesOf(field, value, names)
    .map(({ name, text }) => [name, text].filter((each) => each !== '').join(': '))
    .join(', ')
}

/** Where the text hides the change, such as that of a time within a minute, what is stored stands for it. */
const lineOf = (key: string, old: Entry | undefined, now: Entry | undefined): Line => {
  const textOf = (entry: Entry | undefined): string | null => {
    if (entry === undefined) return null
    return old?.text === now?.text ? rawText(entry.raw) : entry.text
  }
  return { key, name: (now ?? old)?.name ?? '', before: textOf(old), after: textOf(now) }
}

/** What a change does to a field, entry by entry; what stays is left out. */
export const readChange = ({ field, before, after }: Change, names: Names): ReadChange => {
  const byKey = (value: unknown) => new Map(entriesOf(field, value, names).map((entry) => [entry.key, entry]))
  const [had, has] = [byKey(before), byKey(after)]
  const lines = [...new Set([...had.keys(), ...has.keys()])].flatMap((key) => {
    const [old, now] = [had.get(key), has.get(key)]
    return old !== undefined && now !== undefined && rawText(old.raw) === rawText(now.raw)
      ? []
      : [lineOf(key, old, now)]
  })
  const isOfThing = readers[field] === undefined
  const whole =
    isOfThing && isNothing(before) && isFields(after)
      ? 'added'
      : isOfThing && isNothing(after) && isFields(before)
        ? 'removed'
        : null
  return { label: labelOf(field), whole, lines }
}
