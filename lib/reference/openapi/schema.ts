import * as z from 'zod'
import type { JsonSchema, Parameter, Reference, Response } from './document.ts'

/** What stands once in the document and is pointed at. One name for two different things throws. */
export type Components = {
  readonly schemas: Readonly<Record<string, JsonSchema>>
  readonly responses: Readonly<Record<string, Response>>
  /** Turns a zod schema into JSON Schema; those that have an id become components. */
  readonly convert: (schema: z.ZodType, direction: 'input' | 'output') => JsonSchema
  /** The same, but the whole becomes a component of this name, unless it is one or is no object. */
  readonly convertNamed: (name: string, schema: z.ZodType, direction: 'input' | 'output') => JsonSchema
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly share: (name: string, response: Response) => Reference
  /** The first parameter of a name becomes a component; one that differs from it stays where it is. */
  readonly shareParameter: (parameter: Parameter) => Parameter | Reference
}

export const collectComponents = (): Components => {
  const schemas: Record<string, JsonSchema> = {}
  const responses: Record<string, Response> = {}
  const parameters: Record<string, Parameter> = {}
  const convert = (schema: z.ZodType, direction: 'input' | 'output'): JsonSchema => {
    const { $schema: _dialect, $defs, ...own } = inComponents(toJsonSchema(schema, direction))
    for (const [id, definition] of Object.entries($defs ?? {})) {
      keep(schemas, id, definition)
    }
    return own
  }
  return {
    schemas,
    responses,
    parameters,
    convert,
    convertNamed: (name, schema, direction) => {
      const own = convert(schema, direction)
      if (own.properties === undefined) return own
      keep(schemas, name, own)
      return { $ref: `#/components/schemas/${name}` }
    },
    share: (name, response) => {
      keep(responses, name, response)
      return { $ref: `#/components/responses/${name}` }
    },
    shareParameter: (parameter) => {
      const { name } = parameter
      parameters[name] ??= parameter
      const isSame = JSON.stringify(parameters[name]) === JSON.stringify(parameter)
      return isSame ? { $ref: `#/components/parameters/${name}` } : parameter
    },
  }
}

const keep = <T>(known: Record<string, T>, name: string, value: T): void => {
  if (Object.hasOwn(known, name) && JSON.stringify(known[name]) !== JSON.stringify(value)) {
    throw new Error(`two components call themselves ${name}`)
  }
  known[name] = value
}

const toJsonSchema = (schema: z.ZodType, direction: 'input' | 'output') =>
  z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: direction,
    unrepresentable: 'throw',
    override: ({ jsonSchema }) => {
      // A client must not break when an answer gains a field; only requests are closed.
      if (direction === 'output' && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties
      }
      // Every integer of JavaScript has these bounds: a request is refused beyond them, an answer never goes there.
      if (direction === 'output' && jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (direction === 'output' && jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      // Generators take an integer without a format for one of 32 bits; counts of addresses and times are larger.
      if (jsonSchema.type === 'integer')
        jsonSchema.format ??= (jsonSchema.maximum ?? Infinity) < 2 ** 31 ? 'int32' : 'int64'
      // Numbers and truths of a query arrive as text: what is checked there says nothing about what they mean.
      if (jsonSchema.type === 'integer') delete jsonSchema.pattern
      if (jsonSchema.type === 'boolean') delete jsonSchema.enum
      // JSON has no other keys than strings.
      if (isBareString(jsonSchema.propertyNames)) delete jsonSchema.propertyNames
    },
  })

const isBareString = (schema: unknown): boolean => JSON.stringify(schema) === '{"type":"string"}'

const inComponents = (schema: JsonSchema): JsonSchema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'))
