import type * as z from 'zod'
import type { Scope, Target } from '../decision/decision-request.ts'
import type { DomainErrorCode } from '../effects/domain-error.ts'
import type { Batch } from './batch.ts'
import type { ErrorStyle, OAuthErrorCode } from './error-styles.ts'

/** One Lambda per name; its entry is `functions/<name>.ts` and exports `handler`. */
export const httpFunctionNames = [
  'create-user',
  'users',
  'keys',
  'change-password',
  'login',
  'oauth',
  'whitelist',
  'check-whitelist',
  'providers',
  'request-password-reset',
  'confirm-password-reset',
  'invitations',
  'access',
  'apis',
  'audit',
  'explain',
  'drop-in',
  'organization',
  'meta',
] as const

export type HttpFunctionName = (typeof httpFunctionNames)[number]

/** The sections of Postern's own API. The prefix is reserved, so that no section of a protected API can be mistaken for one. */
export const managementSections = [
  'postern-users',
  'postern-credentials',
  'postern-whitelist',
  'postern-access',
  'postern-apis',
  'postern-organization',
  'postern-audit',
] as const

export type ManagementSection = (typeof managementSections)[number]

/**
 * Who may call: `public` needs no credential, `self` any live one (the caller acts on itself), otherwise the caller must
 * hold the level in the section.
 */
type EndpointAccess =
  | 'public'
  | 'self'
  | {
      readonly section: ManagementSection
      readonly level: 'read' | 'write'
      /**
       * `account-group`: also for whoever holds the level in the account group of the request; the operation then reaches that group's
       * users only. `organization` unless given.
       */
      readonly scope?: Scope
    }

export type MediaType =
  | 'application/json'
  | 'application/x-www-form-urlencoded'
  | 'text/html'
  | 'application/xml'
  | 'application/x-ndjson'

type EndpointResponse = {
  readonly status: number
  readonly description: string
  readonly mediaType?: MediaType
  /** The other form that a request may choose for the same answer. */
  readonly alternative?: MediaType
  /** Headers that only this endpoint's answers carry. */
  readonly headers?: readonly string[]
  /** Shapes the answer: a field that it does not name cannot leave. Absent = an empty body (or a page). */
  readonly schema?: z.ZodType
  readonly example?: unknown
}

/** What an endpoint takes. What it does not declare is refused: a query parameter, a header that changes what is done, a body. */
type EndpointRequest = {
  readonly params?: z.ZodObject
  /** Strict, except of pages that mailed links open; absent = no parameters. `aid` is read before. */
  readonly query?: z.ZodObject
  /** Lower-case header names that this endpoint reads, beside Authorization and Content-Type. */
  readonly headers?: z.ZodObject
  readonly mediaType?: MediaType
  /** What Accept must name; without it Accept is not looked at. */
  readonly accept?: MediaType
  /** For bodies beyond the size that no other request needs. */
  readonly maximumBodyBytes?: number
  /** Absent = no body. */
  readonly body?: z.ZodType
  /** Without a body the request means `{}`. */
  readonly bodyIsOptional?: true
  readonly example?: unknown
}

/** One HTTP endpoint as data. Routes, validation, shaping, OpenAPI, permissions and docs all derive from it. */
export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** API Gateway's form: `/v1/users/{userId}`. */
  readonly path: string
  readonly function: HttpFunctionName
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly access: EndpointAccess
  /** It ends the session that is presented, and nothing else: for every session, bound to an API or acting as another too. */
  readonly endsSession?: boolean
  /** Of a `self` endpoint that only gives up what the caller holds: the rate limit neither counts nor refuses it. */
  readonly uncounted?: true
  /** Takes `?dryRun=true`: everything is checked, nothing written. Every change that management makes has it. */
  readonly dryRun?: true
  /** How refusals are written; absent = problem+json. */
  readonly errorStyle?: ErrorStyle
  /** The refusals of an OAuth endpoint that are outcomes of its protocol. */
  readonly oauthErrors?: readonly OAuthErrorCode[]
  /** A document that anybody may read from anywhere, scripts of other origins too, and keep for a while. */
  readonly publicDocument?: { readonly maxAgeSeconds: number }
  /** It has no operation of its own: its items are carried out by those of others. */
  readonly batch?: Batch
  readonly request: EndpointRequest
  readonly response: EndpointResponse
  /** Codes beyond those that every endpoint of its kind can answer. */
  readonly errors: readonly DomainErrorCode[]
}

/** What a request to this endpoint is decided on. @throws Error for public ones, about which nothing is decided */
export const targetOf = ({ access, operationId, endsSession = false }: Endpoint): Target => {
  if (access === 'public') throw new Error(`${operationId} is public`)
  if (access === 'self') return { kind: 'self', endsSession }
  const { section, level, scope = 'organization' } = access
  return { kind: 'management', section, level, scope }
}

/** A public GET has its HEAD (RFC 9110 section 9.1). Where a credential is needed, HEAD would be a route more for every read and no use. */
export const methodsOf = ({ method, access }: Pick<Endpoint, 'method' | 'access'>) =>
  method === 'GET' && access === 'public' ? (['GET', 'HEAD'] as const) : ([method] as const)

/** The routes that lead to it, in API Gateway's form. */
export const routeKeysOf = (endpoint: Pick<Endpoint, 'method' | 'access' | 'path'>): string[] =>
  methodsOf(endpoint).map((method) => `${method} ${endpoint.path}`)
