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
  'second-factors',
  'login',
  'console',
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
  'console-files',
  'meta',
] as const

export type HttpFunctionName = (typeof httpFunctionNames)[number]

/** The sections of Postern's own API. The prefix is reserved, so sections of protected APIs have other names. */
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
 * Who may call: `public` needs no credential, `self` any valid one (callers manage themselves); otherwise the caller needs the level on
 * the section.
 */
type EndpointAccess =
  | 'public'
  | 'self'
  | {
      readonly section: ManagementSection
      readonly level: 'read' | 'write'
      /**
       * `account-group`: the level in the account group of the request is enough; the operation then covers only users of that group.
       * Default: `organization`.
       */
      readonly scope?: Scope
    }

export type MediaType =
  | 'application/json'
  | 'application/x-www-form-urlencoded'
  | 'text/html'
  | 'application/xml'
  | 'application/x-ndjson'
  | '*/*'

type EndpointResponse = {
  readonly status: number
  readonly description: string
  /** Any type = a file, whose own type the reply names. */
  readonly mediaType?: MediaType
  /** The other media type that a request may choose. */
  readonly alternative?: MediaType
  /** Headers specific to this endpoint. */
  readonly headers?: readonly string[]
  /** Fields that the schema does not name are removed. Absent = an empty body (or a page). */
  readonly schema?: z.ZodType
  readonly example?: unknown
}

/** The input of an endpoint. Undeclared query parameters, bodies and headers with an effect are refused. */
type EndpointRequest = {
  readonly params?: z.ZodObject
  /** Strict, except for pages that mailed links open. Absent = no parameters. `aid` is not part of it. */
  readonly query?: z.ZodObject
  /** Lower-case names of the headers that this endpoint reads, besides Authorization and Content-Type. */
  readonly headers?: z.ZodObject
  readonly mediaType?: MediaType
  /** The media type that Accept must allow. Absent = Accept is ignored. */
  readonly accept?: MediaType
  /** If the endpoint takes larger bodies than the default. */
  readonly maximumBodyBytes?: number
  /** Absent = no body. */
  readonly body?: z.ZodType
  /** A missing body counts as `{}`. */
  readonly bodyIsOptional?: true
  readonly example?: unknown
}

/** One HTTP endpoint as data. Routes, validation, response shaping, OpenAPI, permissions and docs derive from it. */
export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In API Gateway's format: `/v1/users/{userId}`; a last `{path+}` is one or more segments. */
  readonly path: string
  readonly function: HttpFunctionName
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly access: EndpointAccess
  /** It only ends the presented session. Open to every session, including those with an audience or an acting user. */
  readonly endsSession?: boolean
  /**
   * It works with the cookie of the console's session: `sets` it, or `needs` it as its only credential. Takes requests from the
   * deployment's own pages only, so that no other site can make them with the cookie (CSRF).
   */
  readonly cookie?: 'sets' | 'needs'
  /** A `self` endpoint that only gives up what the caller holds: the rate limit neither counts nor refuses it. */
  readonly uncounted?: true
  /** Takes `?dryRun=true`. Every management endpoint that makes changes has it. */
  readonly dryRun?: true
  /** The format of refusals; absent = problem+json. */
  readonly errorStyle?: ErrorStyle
  /** The errors of an OAuth endpoint that its protocol defines. */
  readonly oauthErrors?: readonly OAuthErrorCode[]
  /** A public, cacheable document with CORS for all origins. */
  readonly publicDocument?: { readonly maxAgeSeconds: number }
  /** A batch endpoint has no operation of its own: the operations of other endpoints carry out its items. */
  readonly batch?: Batch
  readonly request: EndpointRequest
  readonly response: EndpointResponse
  /** Codes in addition to those of `errorCodesOf`. */
  readonly errors: readonly DomainErrorCode[]
}

/** The target of the decision about a request. @throws Error for public endpoints, which need no decision */
export const targetOf = ({ access, operationId, endsSession = false }: Endpoint): Target => {
  if (access === 'public') throw new Error(`${operationId} is public`)
  if (access === 'self') return { kind: 'self', endsSession }
  const { section, level, scope = 'organization' } = access
  return { kind: 'management', section, level, scope }
}

/** A public GET also has HEAD (RFC 9110 section 9.1). Endpoints with a credential do not, to save a route for each. */
export const methodsOf = ({ method, access }: Pick<Endpoint, 'method' | 'access'>) =>
  method === 'GET' && access === 'public' ? (['GET', 'HEAD'] as const) : ([method] as const)

/** The routes of an endpoint in API Gateway's format. */
export const routeKeysOf = (endpoint: Pick<Endpoint, 'method' | 'access' | 'path'>): string[] =>
  methodsOf(endpoint).map((method) => `${method} ${endpoint.path}`)
