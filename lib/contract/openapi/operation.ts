import type * as z from 'zod'
import type { DomainErrorCode } from '../../domain-error.ts'
import { AccountGroupQuery, takesAccountGroup } from '../account-group-query.ts'
import type { Endpoint } from '../endpoint.ts'
import { errorCodesOf } from '../error-codes.ts'
import { exampleCredential, exampleUser } from '../shapes.ts'
import type { Body, Content, Operation, Parameter, Response } from './document.ts'
import { inErrorStyle } from './drop-in.ts'
import { headersOfRefusal, headersOfSuccess, isCounted } from './headers.ts'
import { OAuthErrorShape, oauthDescriptions, oauthErrorTexts } from './oauth.ts'
import type { ProblemTable } from './problem.ts'
import { problemResponses } from './problem.ts'
import type { SchemaCollection } from './schema.ts'
import { permissionOf, permissionText, securityOf } from './security.ts'

export const operationOf = (
  endpoint: Endpoint,
  schemas: SchemaCollection,
  problems: ProblemTable,
): Operation => {
  const parameters = [
    ...parametersOf(endpoint.request.params, 'path', schemas),
    ...parametersOf(endpoint.request.query, 'query', schemas),
    ...(takesAccountGroup(endpoint) ? parametersOf(AccountGroupQuery, 'query', schemas) : []),
    ...parametersOf(endpoint.request.headers, 'header', schemas),
  ]
  const body = bodyOf(endpoint, schemas)
  return {
    operationId: endpoint.operationId,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: [endpoint.description, permissionText(endpoint)].filter(Boolean).join('\n\n'),
    security: securityOf(endpoint),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responsesOf(endpoint, schemas, problems),
    'x-postern-permission': permissionOf(endpoint),
  }
}

/** Parameters named like these are shown with the ids that the example answers have. */
const exampleIds: Readonly<Record<string, string | number>> = {
  userId: exampleUser.userId,
  keyId: exampleCredential.keyId,
  aid: 1000,
  roleId: 1001,
  name: 'orders',
  vendorId: 'vnd_4k2m9x7q1w8e',
}

/** Parameters that mean the same wherever they occur, and how a header is spelt where people read it. */
const parameterNotes: Readonly<Record<string, { readonly spelling?: string; readonly description: string }>> =
  {
    userId: { description: 'Of the user in question.' },
    keyId: { description: 'Of the key or token in question.' },
    roleId: { description: 'The number of the role in question.' },
    name: { description: 'Of the section in question.' },
    vendorId: { description: 'Of the integration vendor in question.' },
    'if-match': {
      spelling: 'If-Match',
      description:
        'The ETag that the change was made from; when it is not the current one the answer is 412.',
    },
    'idempotency-key': {
      spelling: 'Idempotency-Key',
      description: 'Makes it safe to repeat a request whose answer was lost.',
    },
    token: { description: 'From the mail.' },
  }

const parametersOf = (
  schema: z.ZodObject | undefined,
  place: Parameter['in'],
  schemas: SchemaCollection,
): Parameter[] => {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemas.convert(schema, 'input')
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === 'boolean' ? {} : property
    const example = exampleIds[name]
    const note = parameterNotes[name]
    const about = description ?? note?.description
    return {
      name: note?.spelling ?? name,
      in: place,
      ...(about === undefined ? {} : { description: about }),
      required: place === 'path' || required.includes(name),
      schema: rest,
      ...(example === undefined ? {} : { example }),
    }
  })
}

const bodyOf = (endpoint: Endpoint, schemas: SchemaCollection): Body | undefined => {
  const { body, mediaType, example } = endpoint.request
  if (body === undefined || mediaType === undefined) return undefined
  const schema = oauthDescriptions[endpoint.operationId]?.request ?? body
  return { required: true, content: { [mediaType]: content(schema, 'input', example, schemas) } }
}

const content = (
  schema: z.ZodType,
  direction: 'input' | 'output',
  example: unknown,
  schemas: SchemaCollection,
): Content => ({
  schema: schemas.convert(schema, direction),
  ...(example === undefined ? {} : { example }),
})

const responsesOf = (
  endpoint: Endpoint,
  schemas: SchemaCollection,
  problems: ProblemTable,
): Readonly<Record<string, Response>> => {
  const codes = errorCodesOf(endpoint).filter((code) => !isToldByOAuth(endpoint, code))
  const asProblems = problemResponses(codes, problems, isCounted(endpoint))
  const refusals = inErrorStyle(endpoint, asProblems, problems, schemas)
  if (answersWithPage(endpoint)) {
    for (const [status, problem] of Object.entries(refusals)) {
      refusals[status] = { ...problem, content: { 'text/html': { schema: text }, ...problem.content } }
    }
  }
  for (const [status, response] of Object.entries(oauthRefusals(endpoint, schemas))) {
    const problem = refusals[status]
    refusals[status] = {
      ...problem,
      ...response,
      description: [response.description, problem?.description].filter(Boolean).join('; '),
      content: { ...response.content, ...problem?.content },
    }
  }
  return { [String(endpoint.response.status)]: successOf(endpoint, schemas), ...refusals }
}

const text = { type: 'string' } as const

/** A form that a browser sent is refused with a page; a problem is left for what keeps it from being read. */
const answersWithPage = ({ request, response }: Endpoint): boolean =>
  response.mediaType === 'text/html' && request.body !== undefined

const successOf = (endpoint: Endpoint, schemas: SchemaCollection): Response => {
  const { description, mediaType, alternative, schema, example } = endpoint.response
  const headers = headersOfSuccess(endpoint)
  // RFC 9110 section 9.3.2: an answer to HEAD has no content.
  if (mediaType === undefined || endpoint.method === 'HEAD') return { description, headers }
  const shape = oauthDescriptions[endpoint.operationId]?.response ?? schema
  // Each line is a JSON text, all of them together are none: OpenAPI 3.1 has no words for it.
  const isText = shape === undefined || mediaType === 'application/x-ndjson'
  const shown = isText ? { schema: text } : content(shape, 'output', example, schemas)
  // Elements named like the fields, one for each item of a list: what OpenAPI says of XML when nothing else is said.
  const other = alternative === undefined ? {} : { [alternative]: { schema: shown.schema } }
  return { description, headers, content: { [mediaType]: shown, ...other } }
}

/** These are answered in the words of the OAuth RFCs instead. */
const isToldByOAuth = (endpoint: Endpoint, code: DomainErrorCode): boolean =>
  oauthDescriptions[endpoint.operationId]?.request !== undefined &&
  (code === 'invalid_request' || code === 'unsupported_media_type')

const oauthRefusals = (endpoint: Endpoint, schemas: SchemaCollection): Record<string, Response> => {
  const errors = oauthDescriptions[endpoint.operationId]?.errors ?? {}
  return Object.fromEntries(
    Object.entries(errors).map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `${oauthErrorTexts[code]} (\`${code}\`)`).join('; '),
        headers: headersOfRefusal(Number(status)),
        content: {
          'application/json': {
            schema: schemas.convert(OAuthErrorShape, 'output'),
            examples: Object.fromEntries(
              codes.map((error) => [error, { value: { error, error_description: oauthErrorTexts[error] } }]),
            ),
          },
        },
      },
    ]),
  )
}
