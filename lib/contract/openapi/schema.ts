import * as z from 'zod'
import type { JsonSchema } from './document.ts'

/** Turns zod schemas into JSON Schema and keeps those that have an id in one place, to be pointed at. */
export type SchemaCollection = {
  readonly components: Record<string, JsonSchema>
  readonly convert: (schema: z.ZodType, direction: 'input' | 'output') => JsonSchema
}

export const collectSchemas = (): SchemaCollection => {
  const components: Record<string, JsonSchema> = {}
  const convert = (schema: z.ZodType, direction: 'input' | 'output'): JsonSchema => {
    const { $schema: _dialect, $defs, ...own } = inComponents(toJsonSchema(schema, direction))
    for (const [id, definition] of Object.entries($defs ?? {})) {
      const known = components[id]
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition)) {
        throw new Error(`two schemas call themselves ${id}`)
      }
      components[id] = definition
    }
    return own
  }
  return { components, convert }
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
      // Every integer of JavaScript has these bounds: they say nothing about the field.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
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
