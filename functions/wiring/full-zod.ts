import * as zod from 'zod/mini'
import english from 'zod/v4/locales/en.js'

/** What builds the schemas of `deferred-zod.ts`: the smaller half of zod, with the chains of the larger one. */

// Code that zod generates for an object pays after hundreds of requests, and its generation costs a start 1 to 2 ms.
// Messages of the smaller half are all "Invalid input" until it gets a language; zod takes English by itself.
zod.config({ jitless: true, ...english() })

export type Schema = zod.ZodMiniType
type Step = (schema: never, ...given: never[]) => unknown

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

/** Methods of zod's schemas that add a check. */
export const checks: Readonly<Record<string, Step>> = {
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
export const steps: Readonly<Record<string, Step>> = {
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

export type Meta = Parameters<typeof zod.globalRegistry.add>[1]
export const withMeta = (schema: Schema, meta: Meta): Schema => {
  zod.globalRegistry.add(schema, { ...zod.globalRegistry.get(schema), ...meta })
  return schema
}

/** The functions that make a schema, by the names that zod has for them. */
export const makers = {
  array: zod.array,
  boolean: zod.boolean,
  datetime: zod.iso.datetime,
  discriminatedUnion: zod.discriminatedUnion,
  email: zod.email,
  enum: zod.enum,
  int: zod.int,
  literal: zod.literal,
  looseObject: zod.looseObject,
  null: zod.null,
  number: zod.number,
  object: zod.object,
  partialRecord: zod.partialRecord,
  record: zod.record,
  strictObject: zod.strictObject,
  string: zod.string,
  tuple: zod.tuple,
  union: zod.union,
  unknown: zod.unknown,
  url: zod.url,
}

export const isObjectSchema = (value: unknown): boolean => value instanceof zod.ZodMiniObject
export const toJSONSchema = (schema: unknown, options: unknown) =>
  zod.toJSONSchema(schema as Schema, options as Parameters<typeof zod.toJSONSchema>[1])
