import * as z from 'zod'
import type { Endpoint } from '../../contract/endpoint.ts'
import type { Header, Reference } from './document.ts'

const text = { type: 'string' } as const

export const headerComponents = {
  'Cache-Control': {
    description: 'Answers are not to be stored, unless this says otherwise.',
    schema: { ...text, examples: ['no-store'] },
  },
  ETag: {
    description: 'The version of the user, to be sent as If-Match.',
    schema: { ...text, examples: ['"3"'] },
  },
  Location: {
    description: 'The path of what was made, or of what is to be opened instead.',
    schema: { ...text, format: 'uri-reference', examples: ['/v1/users/usr_4k2m9x7q1w8e5r3t'] },
  },
  'Postern-Access-Token': {
    description: 'The access token of the new user, shown this once.',
    schema: { ...text, examples: ['pst_…'] },
  },
  'Postern-Next-Cursor': {
    description: 'The `cursor` of the request that goes on from here; absent from the last answer.',
    schema: { ...text, examples: ['AQICAHh7r0Zr1mJ3yQ2bq0vXk9'] },
  },
  'Retry-After': {
    description: 'Seconds to wait before the next attempt.',
    schema: { type: 'integer', minimum: 0, examples: [1] },
  },
  'WWW-Authenticate': {
    description: 'The scheme to authenticate with (RFC 9110 section 11.6.1).',
    required: true,
    schema: { ...text, examples: ['Bearer realm="postern"', 'Basic realm="postern", charset="UTF-8"'] },
  },
  'X-Organization-Rate-Limit-Limit': {
    description:
      'Requests a minute: the limit of the organization, or of the user when that one will be reached first.',
    schema: { type: 'integer', minimum: 0, examples: [240] },
  },
  'X-Organization-Rate-Limit-Remaining': {
    description:
      'Requests of this kind (self-service or management) that are left of this minute, as far as the answering function knows.',
    schema: { type: 'integer', minimum: 0, examples: [239] },
  },
  'X-Organization-Rate-Limit-Reset': {
    description: 'When the next minute begins, in seconds since 1970.',
    schema: { type: 'integer', examples: [1_795_251_660] },
  },
} as const satisfies Readonly<Record<string, Header>>

const references = (names: readonly string[]): Readonly<Record<string, Reference>> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

const ofRateLimit = [
  'X-Organization-Rate-Limit-Limit',
  'X-Organization-Rate-Limit-Remaining',
  'X-Organization-Rate-Limit-Reset',
] as const

/** Requests of identified callers are counted. Of the public endpoints only introspection identifies its client. */
const isCounted = ({ access, operationId }: Endpoint): boolean =>
  access !== 'public' || operationId === 'introspectToken'

export const headersOfSuccess = (endpoint: Endpoint): Readonly<Record<string, Reference>> => {
  const { schema, status, mediaType, headers = [] } = endpoint.response
  const showsOneUser = schema instanceof z.ZodObject && 'user' in schema.shape
  return references([
    'Cache-Control',
    ...(showsOneUser ? (['ETag'] as const) : []),
    ...(showsOneUser && status === 201 ? (['Location'] as const) : []),
    ...(mediaType === 'application/x-ndjson' ? (['Postern-Next-Cursor'] as const) : []),
    ...headers,
    ...(isCounted(endpoint) ? ofRateLimit : []),
  ])
}

/** The headers that a client acts on. Every refusal of an identified caller has the limits; only `429` documents them. */
export const headersOfRefusal = (status: number): Readonly<Record<string, Reference>> =>
  references([
    ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
    ...(status === 429 || status === 503 ? (['Retry-After'] as const) : []),
    ...(status === 429 ? ofRateLimit : []),
  ])
