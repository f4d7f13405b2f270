/**
 * Reads what is right without zod, whose code and objects would take 8 to 13 ms of a start. A reader returns what zod would, or leaves the
 * value to zod, which knows every rule and says what is wrong. `test/functions/same-as-zod.test.ts` compares both for every schema.
 */

/** Left to zod. */
export const unread = Symbol('unread')

type Others = 'refused' | 'dropped' | 'kept'
export type Read = (value: unknown) => unknown
export type Reader = {
  readonly read: Read
  /** An absent field of this kind is left out, or has this value; without it, it is left to zod. */
  readonly absent?: 'omitted' | { readonly substitute: string | number | boolean | null }
  /** Of an object, and what becomes of other fields. */
  readonly fields?: ReadonlyMap<string, Reader>
  readonly others?: Others
  readonly isText?: true
}

export const leftToZod: Reader = { read: () => unread }

const where = (holds: (value: unknown) => boolean): Reader => ({
  read: (value) => (holds(value) ? value : unread),
})
const isPrimitive = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)
const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** @returns `unread` if it is the result of one of them, or if one of them is undefined, which zod keeps in some places only */
const each = (values: readonly unknown[], read: Read): unknown[] | typeof unread => {
  const found: unknown[] = []
  for (const value of values) {
    const one = read(value)
    if (one === unread || one === undefined) return unread
    found.push(one)
  }
  return found
}

const objectOf = (fields: ReadonlyMap<string, Reader>, others: Others = 'dropped'): Reader => ({
  fields,
  others,
  read: (value) => {
    if (!isPlain(value)) return unread
    const found: Record<string, unknown> = {}
    for (const [name, { read, absent }] of fields) {
      if (Object.hasOwn(value, name)) {
        const one = read(value[name])
        if (one === unread || one === undefined) return unread
        found[name] = one
      } else if (absent === undefined || name in value) return unread
      else if (absent !== 'omitted') found[name] = absent.substitute
    }
    if (others === 'dropped') return found
    for (const name of Object.keys(value)) {
      if (fields.has(name)) continue
      if (others === 'refused' || name === '__proto__' || value[name] === undefined) return unread
      found[name] = value[name]
    }
    return found
  },
})

type ReaderOf = (schema: unknown) => Reader
const fieldsOf = (fields: unknown, readerOf: ReaderOf): ReadonlyMap<string, Reader> =>
  new Map(Object.entries(Object(fields)).map(([name, schema]) => [name, readerOf(schema)]))

const record = (key: Reader, { read }: Reader): Reader => ({
  read: (value) => {
    if (!isPlain(value) || Object.getOwnPropertySymbols(value).length > 0) return unread
    const names = each(Object.keys(value), key.read)
    const values = each(Object.values(value), read)
    if (names === unread || values === unread) return unread
    if (names.some((name) => name === '__proto__' || name === 'constructor')) return unread
    return Object.fromEntries(names.map((name, index) => [name, values[index]]))
  },
})
const union = (kinds: readonly Reader[]): Reader => ({
  read: (value) => {
    for (const { read } of kinds) {
      const one = read(value)
      if (one !== unread) return one
    }
    return unread
  },
})
const optional = ({ read, absent }: Reader): Reader =>
  typeof absent === 'object'
    ? leftToZod
    : { read: (value) => (value === undefined ? undefined : read(value)), absent: 'omitted' }
const nullable = (inner: Reader): Reader => ({
  ...(inner.absent === 'omitted' ? { absent: 'omitted' } : {}),
  read: (value) => (value === null ? null : inner.read(value)),
})
/** Fields of an object that a mask names. */
const masked = ({ fields, others }: Reader, mask: unknown, isKept: boolean): Reader =>
  fields === undefined
    ? leftToZod
    : objectOf(new Map([...fields].filter(([name]) => Object.hasOwn(Object(mask), name) === isKept)), others)

type Given = readonly unknown[]
/** By the names of zod's functions, whose schemas are the first of the arguments. */
export const readers: Readonly<Record<string, (readerOf: ReaderOf, ...given: Given) => Reader>> = {
  array: (readerOf, inner) => {
    const { read } = readerOf(inner)
    return { read: (value) => (Array.isArray(value) ? each(Array.from(value), read) : unread) }
  },
  boolean: () => where((value) => typeof value === 'boolean'),
  default: (readerOf, inner, substitute) => {
    const { read } = readerOf(inner)
    return isPrimitive(substitute)
      ? { read: (value) => (value === undefined ? unread : read(value)), absent: { substitute } }
      : leftToZod
  },
  discriminatedUnion: (readerOf, _, kinds) => union((kinds as Given).map(readerOf)),
  enum: (_, options) => (Array.isArray(options) ? where((value) => options.includes(value)) : leftToZod),
  extend: (readerOf, base, more) => {
    const { fields, others } = readerOf(base)
    return fields === undefined
      ? leftToZod
      : objectOf(new Map([...fields, ...fieldsOf(more, readerOf)]), others)
  },
  int: () => where(Number.isSafeInteger),
  literal: (_, only) => (isPrimitive(only) ? where((value) => value === only) : leftToZod),
  looseObject: (readerOf, fields) => objectOf(fieldsOf(fields, readerOf), 'kept'),
  null: () => where((value) => value === null),
  nullable: (readerOf, inner) => nullable(readerOf(inner)),
  nullish: (readerOf, inner) => optional(nullable(readerOf(inner))),
  number: () => where(Number.isFinite),
  object: (readerOf, fields) => objectOf(fieldsOf(fields, readerOf)),
  omit: (readerOf, base, mask) => masked(readerOf(base), mask, false),
  optional: (readerOf, inner) => optional(readerOf(inner)),
  partial: (readerOf, base, mask) => {
    const { fields, others } = readerOf(base)
    return fields === undefined || mask !== undefined
      ? leftToZod
      : objectOf(new Map([...fields].map(([name, field]) => [name, optional(field)])), others)
  },
  partialRecord: (readerOf, key, value) => record(readerOf(key), readerOf(value)),
  pick: (readerOf, base, mask) => masked(readerOf(base), mask, true),
  /** Keys of a closed set would all have to be there. */
  record: (readerOf, key, value) =>
    readerOf(key).isText === true ? record(readerOf(key), readerOf(value)) : leftToZod,
  strictObject: (readerOf, fields) => objectOf(fieldsOf(fields, readerOf), 'refused'),
  string: () => ({ ...where((value) => typeof value === 'string'), isText: true }),
  transform: (readerOf, inner, change) => {
    const { read } = readerOf(inner)
    return {
      read: (value) => {
        const from = read(value)
        const context = { value: from, issues: [] }
        const to =
          from === unread ? unread : (change as (from: unknown, context: unknown) => unknown)(from, context)
        return context.issues.length === 0 ? to : unread
      },
    }
  },
  union: (readerOf, kinds) => union((kinds as Given).map(readerOf)),
  unknown: () => ({ read: (value) => value }),
}

const sizeOf = (value: unknown): number => (typeof value === 'number' ? value : Object(value).length)
const when =
  (holds: (value: never, limit: never) => unknown) =>
  (limit?: unknown): Read =>
  (value) =>
    holds(value as never, limit as never) ? value : unread
const into = (change: (text: string) => string) => (): Read => (value) => change(String(value))

/** By the names of zod's methods that add a check. */
export const checkReaders: Readonly<Record<string, (...given: never[]) => Read>> = {
  check:
    (...rules: ((context: { value: unknown; issues: readonly unknown[] }) => void)[]): Read =>
    (value) => {
      const context = { value, issues: [] }
      for (const rule of rules) rule(context)
      return context.issues.length === 0 ? context.value : unread
    },
  endsWith: when((value: string, end: string) => value.endsWith(end)),
  includes: () => leftToZod.read,
  length: when((value, size: number) => sizeOf(value) === size),
  max: when((value, limit: number) => sizeOf(value) <= limit),
  min: when((value, limit: number) => sizeOf(value) >= limit),
  nonnegative: when((value: number) => value >= 0),
  overwrite: (change: Read) => change,
  positive: when((value: number) => value > 0),
  refine: (holds: Read): Read => when(holds)(),
  regex: when((value: string, pattern: RegExp) => {
    pattern.lastIndex = 0
    return pattern.test(value)
  }),
  startsWith: when((value: string, start: string) => value.startsWith(start)),
  superRefine: () => leftToZod.read,
  toLowerCase: into((text) => text.toLowerCase()),
  toUpperCase: into((text) => text.toUpperCase()),
  trim: into((text) => text.trim()),
}

/** What reads as `base` does, and then passes these checks. */
export const checked = (base: Reader, checks: readonly Read[]): Reader => {
  const { read, absent, fields, others, isText } = base
  return {
    ...(absent === 'omitted' ? { absent } : {}),
    ...(isText ? { isText } : {}),
    // A derived object has no checks, or zod refuses it.
    ...(fields === undefined || others === undefined ? {} : { fields, others }),
    read: (value) => {
      let found = read(value)
      for (const check of checks) {
        if (found === unread) return unread
        found = check(found)
      }
      return found
    },
  }
}
