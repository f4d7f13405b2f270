import * as z from 'zod'
import type { JsonSchema, Parameter, Reference, Response } from './document.ts'

/** The shared components of the document. Throws if two different components share a name. */
export type Components = {
  readonly schemas: Readonly<Record<string, JsonSchema>>
  readonly responses: Readonly<Record<string, Response>>
  /** Converts a zod schema to JSON Schema; schemas with an id become components. */
  readonly convert: (schema: z.ZodType, direction: 'input' | 'output') => JsonSchema
  /** The same, and an object that is not yet a component becomes one of this name. */
  readonly convertNamed: (name: string, schema: z.ZodType, direction: 'input' | 'output') => JsonSchema
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly share: (name: string, response: Response) => Reference
  /** The first parameter of a name becomes a component; a different one stays inline. */
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
      // Clients must accept new fields in answers; only requests are closed.
      if (direction === 'output' && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties
      }
      // JavaScript's bounds of integers. Requests beyond them are refused; answers never exceed them.
      if (direction === 'output' && jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (direction === 'output' && jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      // Generators use 32 bits for an integer without a format; address counts and times are larger.
      if (jsonSchema.type === 'integer')
        jsonSchema.format ??= (jsonSchema.maximum ?? Infinity) < 2 ** 31 ? 'int32' : 'int64'
      // Query numbers arrive as text; the pattern for that text does not describe the number.
      if (jsonSchema.type === 'integer') delete jsonSchema.pattern
      if (jsonSchema.type === 'boolean') delete jsonSchema.enum
      // JSON keys are always strings.
      if (isBareString(jsonSchema.propertyNames)) delete jsonSchema.propertyNames
    },
  })

const isBareString = (schema: unknown): boolean => JSON.stringify(schema) === '{"type":"string"}'

const inComponents = (schema: JsonSchema): JsonSchema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'))
