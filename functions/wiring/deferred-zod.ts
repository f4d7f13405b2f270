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

/** How a deferred schema is built. */
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
const checking =
  <G extends readonly unknown[]>(check: (...given: G) => unknown) =>
  (schema: Schema, ...given: G) =>
    schema.check(check(...given) as Check)
type Bound = (limit: number, message?: string) => unknown
/** A check of a number, or of the length of a text or list. */
const bounding =
  (ofNumber: Bound, ofLength: Bound) =>
  (schema: Schema, limit: number, message?: string): Schema =>
    schema.check((schema.type === 'number' ? ofNumber : ofLength)(limit, message) as Check)

/** Methods of zod's schemas that make another one, by the functions of its smaller half. */
const steps: Readonly<Record<string, Step>> = {
  array: zod.array,
  check: (schema: Schema, ...checks: Check[]) => schema.check(...checks),
  default: zod._default,
  endsWith: checking(zod.endsWith),
  extend: zod.extend,
  includes: checking(zod.includes),
  length: checking(zod.length),
  max: bounding(zod.lte, zod.maxLength),
  meta: (schema: Schema, meta: Parameters<typeof zod.globalRegistry.add>[1]) => {
    const described = schema.clone()
    zod.globalRegistry.add(described, meta)
    return described
  },
  min: bounding(zod.gte, zod.minLength),
  nonnegative: checking(zod.nonnegative),
  nullable: zod.nullable,
  nullish: zod.nullish,
  omit: zod.omit,
  optional: zod.optional,
  overwrite: checking(zod.overwrite),
  partial: zod.partial,
  pick: zod.pick,
  pipe: zod.pipe,
  positive: checking(zod.positive),
  refine: checking(zod.refine),
  regex: checking(zod.regex),
  startsWith: checking(zod.startsWith),
  superRefine: checking(zod.superRefine),
  toLowerCase: checking(zod.toLowerCase),
  toUpperCase: checking(zod.toUpperCase),
  transform: (schema: Schema, change: (value: unknown) => unknown) => zod.pipe(schema, zod.transform(change)),
  trim: checking(zod.trim),
}

const deferred = (build: () => unknown): object => {
  let made: object | undefined
  const real = (): object => {
    made ??= Object(build())
    return made as object
  }
  const schema = new Proxy(
    {},
    {
      get: (_, name) => {
        const step = typeof name === 'string' && Object.hasOwn(steps, name) ? steps[name] : undefined
        return step === undefined
          ? Reflect.get(real(), name)
          : (...given: unknown[]) =>
              deferred(() => step(real() as never, ...(given.map(argument) as never[])))
      },
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
