import { expect } from 'vitest'
import * as z from 'zod'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { problems } from '../../lib/contract/problem.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { JsonSchema } from '../../lib/reference/openapi/document.ts'
import { responseBehind } from '../../lib/reference/openapi/document.ts'
import { buildOpenApi, documentedPath } from '../../lib/reference/openapi/openapi.ts'

export const document = buildOpenApi({ endpoints, problems, origin: 'https://api.example.com' })

const pointsAt = /"#\/components\/schemas\/(\w+)"/g

/** The definitions that a schema points at, straight or through others. */
const definitionsOf = (schema: JsonSchema): Readonly<Record<string, JsonSchema>> => {
  const found = new Map<string, JsonSchema>()
  const texts = [JSON.stringify(schema)]
  for (const text of texts)
    for (const [, name = ''] of text.matchAll(pointsAt)) {
      const definition = document.components.schemas[name]
      if (definition === undefined || found.has(name)) continue
      found.set(name, definition)
      texts.push(JSON.stringify(definition))
    }
  return Object.fromEntries(found)
}

const known = new Map<string, z.ZodType>()

/** The schema with everything that it points at, for zod's own reader of JSON Schema. */
export const validatorOf = (schema: JsonSchema): z.ZodType => {
  const bundled = JSON.stringify({ $defs: definitionsOf(schema), ...schema })
    .replaceAll('#/components/schemas/', '#/$defs/')
    // zod takes a relative reference for a broken URL.
    .replaceAll('"format":"uri-reference",', '')
  const validator = known.get(bundled) ?? z.fromJSONSchema(JSON.parse(bundled))
  known.set(bundled, validator)
  return validator
}

type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Is this an answer that the document promises of the endpoint: its status, its media type, its shape? */
export const expectToConform = (endpoint: Endpoint, { status, headers, text }: Answer): void => {
  const told = `${endpoint.method} ${endpoint.path} ${status}`
  const operation = document.paths[documentedPath(endpoint)]?.[endpoint.method.toLowerCase()]
  const response = responseBehind(document, operation?.responses[String(status)])
  expect(response, `${told} is documented`).toBeDefined()
  const mediaType = String(headers['content-type'] ?? '').split(';')[0] ?? ''
  if (text === '' && response?.content === undefined) return
  const content = response?.content?.[mediaType] ?? response?.content?.['*/*']
  expect(content, `${told} is documented as ${mediaType}`).toBeDefined()
  if (content === undefined || !/[/+]json$/.test(mediaType)) return
  const { error } = validatorOf(content.schema).safeParse(JSON.parse(text))
  expect(error?.issues ?? [], `${told} has the documented shape`).toEqual([])
}
