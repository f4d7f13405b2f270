import * as zod from 'zod/mini'
import english from 'zod/v4/locales/en.js'

/**
 * In place of zod in the bundles: the same schemas, from the smaller half of the package, and each built when it is first used. A function
 * has the schemas of all its endpoints, up to 600 objects of zod, and its first request needs those of one
 * (docs/decisions/0018-own-clients-in-the-bundles.md).
 */

// Code that zod generates for an object pays after hundreds of requests, and its generation costs a start 1 to 2 ms.
// Messages of the smaller half are all "Invalid input" until it gets a language; zod takes English by itself.
zod.config({ jitless: true, ...english() })

type Schema = zod.ZodMiniType
type Step = (schema: never, ...given: never[]) => unknown

/** The schemas of deferred ones. */
const builders = new WeakMap<object, () => unknown>()

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const built = (value: unknown): unknown => (isObject(value) ? (builders.get(value)?.() ?? value) : value)
/** An argument as zod takes it: a schema, a list of schemas, or the fields of an object. */
const argument = (given: unknown): unknown => {
  if (Array.isArray(given)) return given.map(built)
  const isFields =
    isObject(given) && !builders.has(given) && Object.getPrototypeOf(given) === Object.prototype
  return isFields
    ? Object.fromEntries(Object.entries(given).map(([name, value]) => [name, built(value)]))
    : built(given)
}

type Check = Parameters<Schema['check']>[number]
type Bound = (limit: number, message?: string) => unknown
/** A check of a number, or of the length of a text or list. */
const bounding =
  (ofNumber: Bound, ofLength: Bound) =>
  (schema: Schema, limit: number, message?: string): unknown =>
    (schema.type === 'number' ? ofNumber : ofLength)(limit, message)
const of =
  <G extends readonly unknown[]>(check: (...given: G) => unknown) =>
  (_: Schema, ...given: G): unknown =>
    check(...given)

/** Methods of zod's schemas that add a check. Checks that follow each other are added together: each addition is a copy of the schema. */
const checks: Readonly<Record<string, Step>> = {
  check: (_: Schema, ...given: Check[]) => given,
  endsWith: of(zod.endsWith),
  includes: of(zod.includes),
  length: of(zod.length),
  max: bounding(zod.lte, zod.maxLength),
  min: bounding(zod.gte, zod.minLength),
  nonnegative: of(zod.nonnegative),
  overwrite: of(zod.overwrite),
  positive: of(zod.positive),
  refine: of(zod.refine),
  regex: of(zod.regex),
  startsWith: of(zod.startsWith),
  superRefine: of(zod.superRefine),
  toLowerCase: of(zod.toLowerCase),
  toUpperCase: of(zod.toUpperCase),
  trim: of(zod.trim),
}

/** Methods of zod's schemas that make another one, by the functions of its smaller half. */
const steps: Readonly<Record<string, Step>> = {
  array: zod.array,
  default: zod._default,
  extend: zod.extend,
  nullable: zod.nullable,
  nullish: zod.nullish,
  omit: zod.omit,
  optional: zod.optional,
  partial: zod.partial,
  pick: zod.pick,
  pipe: zod.pipe,
  transform: (schema: Schema, change: (value: unknown) => unknown) => zod.pipe(schema, zod.transform(change)),
}

type Meta = Parameters<typeof zod.globalRegistry.add>[1]
const withMeta = (schema: Schema, meta: Meta): Schema => {
  zod.globalRegistry.add(schema, { ...zod.globalRegistry.get(schema), ...meta })
  return schema
}

type AddedChecks = readonly ((schema: Schema) => unknown)[]

/** @param added to what `build` makes, in one copy of it */
const deferred = (build: () => unknown, added: AddedChecks = []): object => {
  const fresh = (): object => {
    const base = Object(build())
    return added.length === 0 ? base : base.check(...added.flatMap((check) => check(base)))
  }
  let made: object | undefined
  const real = (): object => {
    made ??= fresh()
    return made
  }
  const following = (name: PropertyKey): ((...given: unknown[]) => object) | undefined => {
    if (typeof name !== 'string') return undefined
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check !== undefined)
      return (...given) => {
        const [base, before] = added.length === 0 ? [real, []] : [build, added]
        return deferred(base, [...before, (schema) => check(schema as never, ...(given as never[]))])
      }
    // zod describes a copy. Here nothing else has what is described, and a start has three hundred descriptions.
    if (name === 'meta') return (meta) => deferred(() => withMeta(fresh() as Schema, meta as Meta))
    const step = Object.hasOwn(steps, name) ? steps[name] : undefined
    if (step === undefined) return undefined
    return (...given) => deferred(() => step(real() as never, ...(given.map(argument) as never[])))
  }
  const schema = new Proxy(
    {},
    {
      get: (_, name) => following(name) ?? Reflect.get(real(), name),
      has: (_, name) => name in real(),
    },
  )
  builders.set(schema, real)
  return schema
}

const deferring = <F>(make: F): F =>
  ((...given: unknown[]) =>
    deferred(() => (make as (...given: unknown[]) => unknown)(...given.map(argument)))) as F

export const array = deferring(zod.array)
export const boolean = deferring(zod.boolean)
export const discriminatedUnion = deferring(zod.discriminatedUnion)
export const email = deferring(zod.email)
const oneOf = deferring(zod.enum)

export { oneOf as enum }
export const int = deferring(zod.int)
export const iso = { datetime: deferring(zod.iso.datetime) }
export const literal = deferring(zod.literal)
export const looseObject = deferring(zod.looseObject)
export const NEVER = zod.NEVER
const nothing = deferring(zod.null)

export { nothing as null }
export const number = deferring(zod.number)
export const object = deferring(zod.object)
export const partialRecord = deferring(zod.partialRecord)
export const record = deferring(zod.record)
export const strictObject = deferring(zod.strictObject)
export const string = deferring(zod.string)
export const tuple = deferring(zod.tuple)
export const union = deferring(zod.union)
export const unknown = deferring(zod.unknown)
export const url = deferring(zod.url)
export const ZodObject = zod.ZodMiniObject

export const toJSONSchema = (schema: unknown, options: unknown) =>
  zod.toJSONSchema(built(schema) as Schema, options as Parameters<typeof zod.toJSONSchema>[1])
