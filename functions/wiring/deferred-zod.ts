import type { Meta, Schema } from './full-zod.ts'
import type { Read, Reader } from './quick-read.ts'
import { checked, checkReaders, leftToZod, readers, unread } from './quick-read.ts'

/**
 * In place of zod in the bundles: the same schemas, each built by the first value that `quick-read.ts` leaves to zod. A function has the
 * schemas of all its endpoints, up to 600 objects of zod, and its first request needs none, or those of one
 * (docs/decisions/0018-own-clients-in-the-bundles.md).
 */

type Full = typeof import('./full-zod.ts')
let loaded: Full | undefined
/** From a file beside the bundle; in tests, which run no bundle, from the sources. */
const full = (): Full => {
  loaded ??=
    typeof require === 'function'
      ? (require('./full-zod.ts') as Full)
      : (process.getBuiltinModule('module').createRequire(import.meta.url)('./full-zod.ts') as Full)
  return loaded
}

/** A schema that is not built yet. */
class Deferred {
  readonly #build: () => unknown
  readonly #read: () => Reader
  readonly #added: readonly Added[]
  #made: Schema | undefined
  #reader: Reader | undefined

  /**
   * @param read how `quick-read.ts` reads what `build` makes
   * @param added to what `build` makes, in one copy of it
   */
  constructor(build: () => unknown, read: () => Reader, added: readonly Added[] = []) {
    this.#build = build
    this.#read = read
    this.#added = added
  }

  fresh(): Schema {
    const base = Object(this.#build())
    return this.#added.length === 0 ? base : base.check(...this.#added.flatMap(({ add }) => add(base)))
  }

  get real(): Schema {
    this.#made ??= this.fresh()
    return this.#made
  }

  get reader(): Reader {
    this.#reader ??=
      this.#added.length === 0
        ? this.#read()
        : checked(
            this.#read(),
            this.#added.map(({ read }) => read),
          )
    return this.#reader
  }

  /** Checks that follow each other are added together: each addition is a copy of the schema. */
  withCheck(one: Added): object {
    return this.#added.length === 0
      ? deferred(
          () => this.real,
          () => this.reader,
          [one],
        )
      : deferred(this.#build, this.#read, [...this.#added, one])
  }

  readQuickly(value: unknown): unknown {
    try {
      return this.reader.read(value)
    } catch {
      // A rule that throws does so for zod as well.
      return unread
    }
  }

  /** The names of the fields need no schema. */
  get shape(): object {
    const real = () => Object(this.real).shape
    const { fields } = this.reader
    const field = (name: string) => [name, { enumerable: true, get: () => real()[name] }] as const
    return fields === undefined
      ? real()
      : Object.defineProperties({}, Object.fromEntries([...fields.keys()].map(field)))
  }
}
type Added = { readonly add: (schema: Schema) => unknown; readonly read: Read }

const known = new WeakMap<object, Deferred>()
const readerOf = (schema: unknown): Reader => known.get(Object(schema))?.reader ?? leftToZod

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const built = (value: unknown): unknown => known.get(Object(value))?.real ?? value
/** An argument as zod takes it: a schema, a list of schemas, or the fields of an object. */
const argument = (given: unknown): unknown => {
  if (Array.isArray(given)) return given.map(built)
  const isFields = isObject(given) && !known.has(given) && Object.getPrototypeOf(given) === Object.prototype
  return isFields
    ? Object.fromEntries(Object.entries(given).map(([name, value]) => [name, built(value)]))
    : built(given)
}

type Own = (schema: Deferred, ...given: unknown[]) => unknown
const own: Readonly<Record<string, Own>> = {
  parse: (schema, value) => {
    const data = schema.readQuickly(value)
    return data === unread ? schema.real.parse(value) : data
  },
  safeParse: (schema, value, options) => {
    const data = schema.readQuickly(value)
    return data === unread ? schema.real.safeParse(value, options as Options) : { success: true, data }
  },
  // zod describes a copy. Here nothing else has what is described, and a start has three hundred descriptions.
  meta: (schema, meta) =>
    deferred(
      () => full().withMeta(schema.fresh(), meta as Meta),
      () => schema.reader,
    ),
}
type Options = Parameters<Schema['safeParse']>[1]

const methodOf = (
  schema: Deferred,
  proxy: object,
  name: string,
): ((...given: unknown[]) => unknown) | undefined => {
  if (Object.hasOwn(own, name)) return (...given) => own[name]?.(schema, ...given)
  if (Object.hasOwn(checkReaders, name))
    return (...given) =>
      schema.withCheck({
        add: (to) => full().checks[name]?.(to as never, ...(given as never[])),
        read: checkReaders[name]?.(...(given as never[])) ?? leftToZod.read,
      })
  if (!steps.has(name)) return undefined
  return (...given) =>
    deferred(
      () => full().steps[name]?.(schema.real as never, ...(given.map(argument) as never[])),
      () => readers[name]?.(readerOf, proxy, ...given) ?? leftToZod,
    )
}
/** Methods that make another schema. */
const steps = new Set(
  'array default extend nullable nullish omit optional partial pick pipe transform'.split(' '),
)

const handler: ProxyHandler<Deferred> = {
  get: (schema, name, proxy) => {
    if (name === 'shape') return schema.shape
    return (
      (typeof name === 'string' ? methodOf(schema, proxy, name) : undefined) ?? Reflect.get(schema.real, name)
    )
  },
  has: (schema, name) => name in schema.real,
}

const deferred = (...given: ConstructorParameters<typeof Deferred>): object => {
  const schema = new Deferred(...given)
  const proxy = new Proxy(schema, handler)
  known.set(proxy, schema)
  return proxy
}

const making =
  (name: keyof Full['makers']) =>
  (...given: unknown[]): object =>
    deferred(
      () => (full().makers[name] as (...given: unknown[]) => unknown)(...given.map(argument)),
      () => readers[name]?.(readerOf, ...given) ?? leftToZod,
    )

export const array = making('array')
export const boolean = making('boolean')
export const discriminatedUnion = making('discriminatedUnion')
export const email = making('email')
const oneOf = making('enum')

export { oneOf as enum }
export const int = making('int')
export const iso = { datetime: making('datetime') }
export const literal = making('literal')
export const looseObject = making('looseObject')
const nothing = making('null')

export { nothing as null }
export const number = making('number')
export const object = making('object')
export const partialRecord = making('partialRecord')
export const record = making('record')
export const strictObject = making('strictObject')
export const string = making('string')
export const tuple = making('tuple')
export const union = making('union')
export const unknown = making('unknown')
export const url = making('url')

/** As zod's: what a transform returns that has pushed an issue. */
export const NEVER = Object.freeze({ status: 'aborted' })
export const ZodObject = { [Symbol.hasInstance]: (value: unknown) => full().isObjectSchema(value) }
export const toJSONSchema = (schema: unknown, options: unknown) => full().toJSONSchema(built(schema), options)
