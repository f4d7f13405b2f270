import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { takesAccountGroup } from '../../lib/contract/account-group-query.ts'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { fieldErrors } from '../../lib/http/read-input.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { JsonSchema } from '../../lib/reference/openapi/document.ts'
import { parametersBehind } from '../../lib/reference/openapi/document.ts'
import { documentedPath } from '../../lib/reference/openapi/openapi.ts'
import { document } from './conformance.ts'

/** The document against what validates requests: each value at a limit, and each just beyond it. */

const own = (schema: JsonSchema | boolean | undefined): JsonSchema => {
  const given = typeof schema === 'object' ? schema : {}
  const name = given.$ref?.replace('#/components/schemas/', '')
  return name === undefined ? given : own(document.components.schemas[name])
}

const alternatives = (schema: JsonSchema): JsonSchema[] => (schema.anyOf ?? schema.oneOf ?? [schema]).map(own)

const isOfType = (type: unknown, value: unknown): boolean => {
  if (type === undefined) return true
  if (type === 'null') return value === null
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === type
}

/** JSON Schema by hand, so that lengths are code points and patterns have the u flag, as its specification has them. */
const allows = (given: JsonSchema, value: unknown): boolean =>
  alternatives(own(given)).some((schema) => {
    if (!isOfType(schema.type, value)) return false
    if (!(schema.allOf ?? []).every((part) => allows(own(part), value))) return false
    if (schema.enum !== undefined && !schema.enum.some((choice) => choice === value)) return false
    if (schema.const !== undefined && schema.const !== value) return false
    if (typeof value === 'number')
      return (
        value >= (schema.minimum ?? -Infinity) &&
        value <= (schema.maximum ?? Infinity) &&
        value > Number(schema.exclusiveMinimum ?? -Infinity)
      )
    if (typeof value === 'string') {
      const { length } = [...value]
      return (
        length >= (schema.minLength ?? 0) &&
        length <= (schema.maxLength ?? Infinity) &&
        (schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value))
      )
    }
    if (Array.isArray(value))
      return (
        value.length <= (schema.maxItems ?? Infinity) &&
        value.every((item) => allows(own(schema.items as JsonSchema), item))
      )
    return true
  })

const valuesFor = (given: JsonSchema): unknown[] =>
  alternatives(own(given)).flatMap((schema): unknown[] => {
    const { type, enum: choices = [], minimum, maximum, exclusiveMinimum, maxLength, maxItems } = schema
    if (type === 'integer') {
      const limits = [minimum, maximum, exclusiveMinimum].filter((limit) => typeof limit === 'number')
      return limits.flatMap((limit) => [limit - 1, limit, limit + 1]).concat(1.5)
    }
    if (type === 'boolean') return [true, false, 'true', 1]
    if (choices.length > 0) return [...choices, 'no-such-choice', 7]
    if (type === 'string') {
      const most = maxLength ?? 3
      const long = ['a'.repeat(most), '😀'.repeat(most), 'a'.repeat(most + 1)]
      return [...(maxLength === undefined ? [] : long), '', 'a\u0000b', 'a\nb', 7, true, ['a']]
    }
    if (type === 'array' && maxItems !== undefined) {
      const [item] = valuesFor(own(schema.items as JsonSchema)).filter((one) =>
        allows(schema.items as JsonSchema, one),
      )
      return item === undefined ? ['a'] : [Array.from({ length: maxItems + 1 }, () => item), 'a', [null]]
    }
    return []
  })

/** Beyond what JSON Schema has words for: names of time zones, hashes, addresses, URIs. Their descriptions say it. */
const hasFurtherRules = (schema: JsonSchema): boolean =>
  alternatives(own(schema)).some(
    ({ type, format, pattern, enum: choices }) =>
      type === 'array' ||
      type === 'object' ||
      (type === 'string' && choices === undefined && (format !== undefined || pattern === undefined)),
  )

type Place = {
  readonly name: string
  readonly schema: JsonSchema
  readonly isText?: true
  readonly refuses: (value: unknown) => boolean
}

const refusing =
  (schema: z.ZodType, whole: (value: unknown) => unknown, name: string) => (value: unknown) => {
    const result = schema.safeParse(whole(value))
    const at = (result.error?.issues ?? []).flatMap(fieldErrors).map(({ path }) => path)
    return at.some((path) => path === name || path.startsWith(`${name}.`))
  }

const placesOf = (endpoint: Endpoint): Place[] => {
  const operation = document.paths[documentedPath(endpoint)]?.[endpoint.method.toLowerCase()]
  if (operation === undefined) throw new Error(`${endpoint.operationId} is not described`)
  const { body, example, query, params } = endpoint.request
  const content = Object.values(operation.requestBody?.content ?? {})[0]
  const inBody =
    body === undefined || endpoint.errorStyle === 'oauth'
      ? []
      : Object.entries(own(content?.schema).properties ?? {}).map(([name, schema]) => ({
          name,
          schema: own(schema),
          refuses: refusing(body, (value) => ({ ...Object(example), [name]: value }), name),
        }))
  const inText = parametersBehind(document, operation).flatMap(({ name, in: place, schema }) => {
    const shape = place === 'query' ? query : place === 'path' ? params : undefined
    if (shape === undefined || (name === 'aid' && takesAccountGroup(endpoint))) return []
    // Whatever is in a path or a query is text.
    return [
      {
        name,
        schema,
        isText: true as const,
        refuses: refusing(shape, (value) => ({ [name]: String(value) }), name),
      },
    ]
  })
  return [...inBody, ...inText.filter(({ schema }) => schema.type !== 'string' || schema.enum !== undefined)]
}

const named = endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const)

describe('the limits in the document are those of the service', () => {
  it.each(named)('%s', (_, endpoint) => {
    for (const { name, schema, refuses, isText } of placesOf(endpoint)) {
      for (const value of valuesFor(schema)) {
        if (isText && typeof value === 'string' && schema.type !== 'string') continue
        const told = `${name} = ${JSON.stringify(value)?.slice(0, 60)}`
        if (!allows(schema, value)) expect({ told, refused: refuses(value) }).toEqual({ told, refused: true })
        else if (!hasFurtherRules(schema))
          expect({ told, refused: refuses(value) }).toEqual({ told, refused: false })
      }
    }
  })

  it('are there for every integer that comes in', () => {
    let seen = 0
    for (const endpoint of endpoints)
      for (const { name, schema } of placesOf(endpoint))
        for (const one of alternatives(own(schema)).filter(({ type }) => type === 'integer')) {
          const lower = one.minimum ?? one.exclusiveMinimum
          expect([typeof lower, typeof one.maximum], `${endpoint.operationId} ${name}`).toEqual([
            'number',
            'number',
          ])
          seen += 1
        }
    expect(seen).toBeGreaterThan(20)
  })

  it('name every time as one, and tell how large an integer can get', () => {
    const properties = Object.entries(document.components.schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties).flatMap(([field, schema]) =>
        alternatives(own(schema)).map((one) => ({ told: `${name}.${field}`, field, one })),
      ),
    )
    const times = properties.filter(({ field, one }) => /^at$|[a-z]At$/.test(field) && one.type === 'string')
    expect(times.length).toBeGreaterThan(15)
    for (const { told, one } of times) expect(one.format, told).toBe('date-time')
    for (const { told, one } of properties.filter(({ one }) => one.type === 'integer'))
      expect(one.format, told).toMatch(/^int(?:32|64)$/)
  })
})
