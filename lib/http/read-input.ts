import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import * as z from 'zod'
import { takesAccountGroup } from '../contract/account-group-query.ts'
import { DryRunQuery } from '../contract/dry-run.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { validationMessage } from '../contract/validation-message.ts'
import type { FieldError } from '../effects/domain-error.ts'
import { DomainError } from '../effects/domain-error.ts'
import { parseStrictJson } from '../effects/strict-json.ts'
import { bodyText, contentType, namesType } from './event.ts'

export type RawInput = {
  readonly params: unknown
  readonly query: unknown
  readonly dryRun: boolean
  readonly headers: unknown
  readonly body: unknown
  /** The raw form, for endpoints whose RFC defines its own errors; null if the body is not a form. */
  readonly form: string | null
}

/**
 * Parses and validates a request against its endpoint, and refuses everything that the endpoint does not name. Reports all invalid fields
 * at once.
 */
export const readInput = (endpoint: Endpoint, event: APIGatewayProxyEventV2): RawInput => {
  const { request } = endpoint
  if (request.accept !== undefined && !namesType(event.headers['accept'], request.accept)) {
    throw new DomainError('not_acceptable', { detail: `The Accept header must name ${request.accept}.` })
  }
  const errors: FieldError[] = []
  const params = validate(request.params, event.pathParameters ?? {}, errors)
  const givenQuery = readQuery(event, errors)
  const dryRun = readDryRun(endpoint, givenQuery, errors)
  const query = validate(request.query ?? nothing, ownQuery(endpoint, givenQuery), errors)
  const headers = validate(request.headers, event.headers, errors)
  errors.push(...unreadHeaders(endpoint, event))
  if (request.body === undefined && hasBody(event)) errors.push({ path: 'body', message: 'must be empty' })
  const isForm = request.mediaType === 'application/x-www-form-urlencoded'
  const body =
    isForm || request.body === undefined
      ? undefined
      : validate(
          endpoint.batch?.envelope ?? request.body,
          request.bodyIsOptional && !hasBody(event) ? {} : readJson(event, request.maximumBodyBytes),
          errors,
        )
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  return {
    params,
    query: request.query && query,
    dryRun,
    headers,
    body,
    form: isForm ? readForm(event) : null,
  }
}

/** An item of a batch, as the path parameters and the body of a single request. */
export const readItem = ({ request }: Endpoint, item: unknown): Pick<RawInput, 'params' | 'body'> => {
  const errors: FieldError[] = []
  const inPath = Object.keys(request.params?.shape ?? {})
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item)
  const fields = isObject ? Object.entries(item) : []
  const [given, rest] = [true, false].map((isParameter) =>
    Object.fromEntries(fields.filter(([name]) => inPath.includes(name) === isParameter)),
  )
  const params = validate(request.params, given, errors)
  const body = validate(request.body, isObject ? rest : item, errors)
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  return { params, body }
}

/** The query of endpoints that declare none. */
const nothing = z.strictObject({})

/**
 * Headers that change the meaning of a request. If an endpoint ignored one, the request could run twice, overwrite a newer version, or
 * run as another method. Other unread headers (Range, If-Modified-Since, Prefer, Accept-Language) may be ignored by their own RFCs.
 */
const changingHeaders = [
  'idempotency-key',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
]

const unreadHeaders = ({ method, request }: Endpoint, { headers }: APIGatewayProxyEventV2): FieldError[] => {
  const isRead = method === 'GET'
  const read = Object.keys(request.headers?.shape ?? {})
  return changingHeaders
    .filter((name) => headers[name] !== undefined && !read.includes(name))
    .filter((name) => !(isRead && name === 'if-none-match')) // A full response is always correct (RFC 9110 section 13.1.2).
    .map((name) => ({ path: name, message: 'is not a header of this request' }))
}

const hasBody = ({ body }: APIGatewayProxyEventV2): boolean => body !== undefined && body !== ''

const validate = (schema: z.ZodType | undefined, value: unknown, errors: FieldError[]): unknown => {
  if (schema === undefined) return undefined
  const result = schema.safeParse(value, { error: validationMessage })
  if (result.success) return result.data
  errors.push(...result.error.issues.flatMap((issue) => fieldErrors(issue)))
  return undefined
}

const readDryRun = (
  endpoint: Endpoint,
  { dryRun }: Readonly<Record<string, string>>,
  errors: FieldError[],
): boolean => {
  if (endpoint.dryRun !== true) return false
  const read = DryRunQuery.safeParse({ dryRun }, { error: validationMessage })
  if (read.success) return read.data.dryRun
  errors.push(...read.error.issues.flatMap(fieldErrors))
  return false
}

/** One error per field: an object with three unknown fields gives three. */
export const fieldErrors = (issue: z.core.$ZodIssue): FieldError[] => {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      message: 'is not a field of this request',
    }))
  }
  if (issue.code === 'invalid_key') {
    const why = issue.issues[0]?.message ?? 'is not allowed as a name'
    return [{ path: path.join('.'), message: why }]
  }
  return [{ path: path.join('.'), message: issue.message }]
}

/** The query without parameters that are read elsewhere. */
const ownQuery = (endpoint: Endpoint, query: Record<string, string>): Record<string, string> => {
  const beside = [
    ...(takesAccountGroup(endpoint) ? ['aid'] : []),
    ...(endpoint.dryRun === true ? ['dryRun'] : []),
  ]
  return Object.fromEntries(Object.entries(query).filter(([name]) => !beside.includes(name)))
}

/** API Gateway joins repeated parameters with commas; the raw string shows them. */
const readQuery = (event: APIGatewayProxyEventV2, errors: FieldError[]): Record<string, string> => {
  const query: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(event.rawQueryString)) {
    if (Object.hasOwn(query, name)) errors.push({ path: name, message: 'is given twice' })
    query[name] = value
  }
  return { ...query }
}

const readJson = (event: APIGatewayProxyEventV2, maximumBytes: number | undefined): unknown => {
  const { essence, isUtf8 } = contentType(event)
  if (essence !== 'application/json' || !isUtf8) {
    throw new DomainError('unsupported_media_type', { detail: 'Send the body as application/json in UTF-8.' })
  }
  const parsed = parseStrictJson(bodyText(event, maximumBytes))
  if (parsed.ok) return parsed.value
  throw new DomainError('malformed_body', {
    detail: `The body ${parsed.path === '' ? '' : `field ${parsed.path} `}${parsed.message}.`,
    errors: [{ path: parsed.path, message: parsed.message }],
  })
}

const readForm = (event: APIGatewayProxyEventV2): string | null =>
  contentType(event).essence === 'application/x-www-form-urlencoded' ? bodyText(event) : null
