import middy from '@middy/core'
import httpSecurityHeaders from '@middy/http-security-headers'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { Admission } from '../admission/admit.ts'
import type { Endpoint, HttpFunctionName } from '../contract/endpoint.ts'
import { routeKeysOf, targetOf } from '../contract/endpoint.ts'
import type { ErrorStyle } from '../contract/error-styles.ts'
import { errorShapes } from '../contract/error-styles.ts'
import type { Caller, Operations } from '../contract/operation.ts'
import type { WriteRefusal } from '../contract/problem.ts'
import { asDomainError, problems, writeProblem } from '../contract/problem.ts'
import type { DecisionRequest } from '../decision/decision-request.ts'
import type { Subject } from '../decision/subject.ts'
import { vendorOf } from '../decision/subject.ts'
import { DomainError } from '../effects/domain-error.ts'
import { faultText } from '../effects/fault-text.ts'
import type { Log, LogEntry } from '../effects/log-entry.ts'
import type { Reach } from '../identity/account-group-reach.ts'
import { noReach, reachOf } from '../identity/account-group-reach.ts'
import type { RateLimitStatus } from '../limits/rate-limit-status.ts'
import { RateLimited, rateLimitHeaders } from '../limits/rate-limit-status.ts'
import type { RefusedOperation } from '../refusals/refusal.ts'
import type { Seal } from '../secrets/seal.ts'
import type { AnyOperation, AnyReply, Bound } from './carry-out.ts'
import { carryOut } from './carry-out.ts'
import { carryOutBatch } from './carry-out-batch.ts'
import { cursorsOf, hasCursors } from './cursors.ts'
import { preflight, publicDocument } from './public-document.ts'
import { readInput } from './read-input.ts'
import { refusalCode } from './refusal.ts'
import type { TableOfRequests } from './request-writes.ts'
import { noTable } from './request-writes.ts'
import { accountGroupRefused, requestedAccountGroup } from './requested-account-group.ts'
import { refuseOtherSites } from './same-origin.ts'
import { isPreflight, methodsAt, pageWithoutSlash, unrouted } from './unrouted.ts'

export type HttpDependencies = {
  /** Absent in functions with public endpoints only. */
  readonly admit?: (authorization: string | undefined, request: DecisionRequest) => Promise<Admission>
  readonly log: Log
  /** For the function of the fallback route, to tell 404 from 405. Default: the function's own endpoints. */
  readonly everyEndpoint?: readonly Endpoint[]
  readonly now: () => number
  /** Absent in functions that do not write in operations. */
  readonly table?: TableOfRequests
  /** Called for each 403 of an operation for an admitted caller; must not throw. */
  readonly onRefused?: (refused: RefusedOperation) => Promise<void>
  /** Awaited at the end of each invocation: lets the work beside it finish. Must not reject. */
  readonly finishWork?: () => Promise<void>
  /** The origin of the deployment's own pages. Required if an endpoint works with cookies. */
  readonly origin?: string
  /** Required if an endpoint lists in pages. */
  readonly seal?: Seal
  /** Required if an endpoint has an error style of its own. */
  readonly refusals?: Readonly<Partial<Record<ErrorStyle, WriteRefusal>>>
}

type Result = APIGatewayProxyStructuredResultV2
type Noted = Pick<LogEntry, 'reason' | 'userId' | 'organizationId' | 'keyId' | 'integrationVendor'>
type Progress = { current: Noted; caller: Caller | null; rateLimit: RateLimitStatus | undefined }

/**
 * A Lambda handler (API Gateway HTTP API, payload 2.0) for the endpoints of one function: authenticate, authorize, validate the request,
 * run the operation, and write the response by its schema. Refusals are problem+json.
 *
 * @param endpoints the endpoints of its rooms; it serves those that name the function.
 */
export const httpFunction = <F extends HttpFunctionName, const E extends Endpoint>(
  name: F,
  endpoints: readonly E[],
  operations: Operations<Extract<E, { function: F }>>,
  dependencies: HttpDependencies,
) => {
  const { everyEndpoint = endpoints } = dependencies
  const own: readonly Endpoint[] = endpoints.filter((candidate) => candidate.function === name)
  const routes = new Map(own.flatMap((endpoint) => routeKeysOf(endpoint).map((key) => [key, endpoint])))
  const bound = new Map<string, Bound>()
  for (const endpoint of own.filter(({ batch }) => batch === undefined)) {
    const operation = Object.entries(operations).find(([id]) => id === endpoint.operationId)?.[1]
    if (operation === undefined) throw new Error(`${name} does not implement ${endpoint.operationId}`)
    const { errorStyle, cookie } = endpoint
    if (cookie !== undefined && dependencies.origin === undefined)
      throw new Error(`${name} does not know its own origin`)
    if (hasCursors(endpoint) && dependencies.seal === undefined)
      throw new Error(`${name} cannot seal the cursors of ${endpoint.operationId}`)
    if (errorStyle !== undefined && dependencies.refusals?.[errorStyle] === undefined)
      throw new Error(`${name} cannot refuse in the style of ${errorStyle}`)
    bound.set(endpoint.operationId, { endpoint, operation: operation as AnyOperation })
  }
  const operationNamed = (operationId: string): Bound => {
    const found = bound.get(operationId)
    if (found === undefined) throw new Error(`${name} does not implement ${operationId}`)
    return found
  }
  const handle = async (event: APIGatewayProxyEventV2): Promise<Result> => {
    const startedAt = dependencies.now()
    const { requestId } = event.requestContext
    const endpoint = routes.get(event.routeKey)
    const noted: Progress = { current: {}, caller: null, rateLimit: undefined }
    const entry = (status: number, operation = endpoint?.operationId ?? 'none'): LogEntry => ({
      event: status >= 500 ? 'request_failed' : 'request',
      requestId,
      operation,
      status,
      address: event.requestContext.http.sourceIp,
      milliseconds: dependencies.now() - startedAt,
      ...noted.current,
    })
    const heard = async (error: DomainError, operation?: string): Promise<void> => {
      const { status } = problems[error.code]
      dependencies.log({
        ...entry(status, operation),
        code: error.code,
        ...(status >= 500 ? { error: faultText(error.cause) } : {}),
      })
      const { caller } = noted
      if (caller !== null && status === 403) {
        await dependencies.onRefused?.({ caller, code: error.code, request: askedIn(event) })
      }
    }
    try {
      if (endpoint === undefined && isPreflight(everyEndpoint, event)) return preflight
      const page = endpoint === undefined ? pageWithoutSlash(everyEndpoint, event) : undefined
      if (page !== undefined) {
        dependencies.log(entry(308))
        return withHeaders({ statusCode: 308, headers: { location: page, 'cache-control': 'no-store' } }, {})
      }
      if (endpoint === undefined) throw unrouted(everyEndpoint, event)
      if (endpoint.cookie !== undefined) refuseOtherSites(event, dependencies.origin)
      const caller =
        endpoint.access === 'public' ? null : await admitted(endpoint, event, dependencies, noted)
      const given = readInput(endpoint, event)
      const { seal } = dependencies
      const cursors =
        seal === undefined || caller === null || !hasCursors(endpoint)
          ? null
          : cursorsOf(seal, endpoint, caller, given)
      const raw = cursors === null ? given : await cursors.open()
      const { now, table = noTable } = dependencies
      const around = { event, caller, table: { ...table, now }, operationNamed, onRefused: heard }
      const done =
        endpoint.batch === undefined
          ? await carryOut(operationNamed(endpoint.operationId), raw, around)
          : await carryOutBatch({ ...endpoint, batch: endpoint.batch }, raw, around)
      const answer = cursors === null ? done.reply : await cursors.seal(done.reply)
      const reply = await publicDocument(done.endpoint, event, shaped(done.endpoint, answer))
      dependencies.log(entry(reply.statusCode ?? 200))
      const { cookies = [] } = done.reply
      const sent = cookies.length === 0 ? reply : { ...reply, cookies: [...cookies] }
      return withHeaders(sent, rateLimitHeaders(noted.rateLimit))
    } catch (thrown) {
      const error = asDomainError(thrown)
      await heard(error)
      return withHeaders(
        refuse(error, event, writerOf(endpoint, dependencies), everyEndpoint),
        rateLimitHeaders(error instanceof RateLimited ? error.rateLimit : noted.rateLimit),
      )
    } finally {
      await dependencies.finishWork?.()
    }
  }
  return middy<APIGatewayProxyEventV2, Result>().use(httpSecurityHeaders(securityHeaders)).handler(handle)
}

const withHeaders = (result: Result, more: Readonly<Record<string, string>>): Result => ({
  ...result,
  headers: { 'cross-origin-resource-policy': 'same-origin', ...result.headers, ...more },
})

const admitted = async (
  endpoint: Endpoint,
  event: APIGatewayProxyEventV2,
  dependencies: HttpDependencies,
  noted: Progress,
): Promise<Caller> => {
  if (dependencies.admit === undefined)
    throw new Error(`${endpoint.operationId} needs a caller and has no way to admit one`)
  const aid = requestedAccountGroup(event.rawQueryString)
  const {
    decision,
    admitted: caller,
    rateLimit,
  } = await dependencies.admit(event.headers['authorization'], {
    // Set by API Gateway. X-Forwarded-For and similar headers are never read.
    address: event.requestContext.http.sourceIp ?? '',
    method: endpoint.method,
    path: event.rawPath,
    aid,
    target: targetOf(endpoint),
    uncounted: endpoint.uncounted === true,
    requestId: event.requestContext.requestId,
  })
  noted.rateLimit = rateLimit
  const { subject } = decision
  noted.current =
    subject === null
      ? {}
      : {
          userId: subject.userId,
          organizationId: subject.organization.organizationId,
          ...(subject.provenBy.keyId === null ? {} : { keyId: subject.provenBy.keyId }),
          ...(vendorOf(subject) === null ? {} : { integrationVendor: vendorOf(subject) ?? '' }),
        }
  if (!decision.allow) {
    const { reason } = decision
    noted.current = { ...noted.current, reason }
    if (reason === 'account_group_unknown') throw accountGroupRefused(aid)
    if (reason === 'rate_limited') throw new RateLimited(rateLimit, dependencies.now())
    throw new DomainError(refusalCode(reason))
  }
  if (caller === null) throw new Error('a decision without a caller')
  noted.caller = { ...caller, reach: reachAt(endpoint, caller.subject) }
  return noted.caller
}

const reachAt = ({ access }: Endpoint, subject: Subject): Reach =>
  typeof access === 'object' ? reachOf(subject, access.section, access.level) : noReach

const askedIn = ({ rawPath, requestContext }: APIGatewayProxyEventV2) => ({
  method: requestContext.http.method,
  path: rawPath,
  address: requestContext.http.sourceIp,
  requestId: requestContext.requestId,
})

const shaped = (endpoint: Endpoint, reply: AnyReply): Result => {
  const { response } = endpoint
  const statusCode = reply.status ?? response.status
  const headers = { 'cache-control': 'no-store', ...reply.headers }
  if (reply.html !== undefined) {
    return {
      statusCode,
      headers: { 'content-type': 'text/html;charset=UTF-8', ...headers },
      body: reply.html,
    }
  }
  if (reply.file !== undefined) {
    const { mediaType, base64 } = reply.file
    return {
      statusCode,
      headers: { 'content-type': mediaType, ...headers },
      body: base64,
      isBase64Encoded: true,
    }
  }
  if (reply.refusal !== undefined && endpoint.errorStyle !== undefined) {
    const { shape } = errorShapes[endpoint.errorStyle]
    return {
      statusCode,
      headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
      body: JSON.stringify(shape.parse(reply.refusal)),
    }
  }
  if (response.schema === undefined) return { statusCode, headers }
  // Drops fields that the schema does not name; throws for a response that does not match it.
  const body = response.schema.parse(reply.body)
  if (response.mediaType === 'application/x-ndjson' && Array.isArray(body)) {
    const lines = body.map((line) => `${JSON.stringify(line)}\n`)
    return { statusCode, headers: { 'content-type': response.mediaType, ...headers }, body: lines.join('') }
  }
  const { mediaType, text } = reply.write?.(body) ?? {
    mediaType: 'application/json',
    // A final newline for terminals. Drop-in responses are copies of other products' and have none.
    text: `${JSON.stringify(body)}${endpoint.tag === 'drop-in' ? '' : '\n'}`,
  }
  return {
    statusCode,
    headers: { 'content-type': `${mediaType};charset=UTF-8`, ...headers },
    body: text,
  }
}

/** Default Retry-After of refusals, so that clients do not retry immediately. */
const defaultRetryAfterSeconds = 1

const writerOf = (endpoint: Endpoint | undefined, { refusals }: HttpDependencies): WriteRefusal => {
  const own = endpoint?.errorStyle === undefined ? undefined : refusals?.[endpoint.errorStyle]
  return own ?? writeProblem
}

/**
 * RFC 6750 section 3: `error="invalid_token"` if the request had a Bearer token, no error code if it had none or another scheme. Depends
 * on the caller's own header only, so it discloses nothing.
 */
const challengeFor = ({ code }: DomainError, { headers }: APIGatewayProxyEventV2): string => {
  const realm = 'Bearer realm="postern"'
  const { authorization = '' } = headers
  const isOfToken = /^(?:bearer |[^ ]+$)/i.test(authorization)
  return code === 'invalid_credentials' && isOfToken ? `${realm}, error="invalid_token"` : realm
}

const refuse = (
  error: DomainError,
  event: APIGatewayProxyEventV2,
  write: WriteRefusal,
  everyEndpoint: readonly Endpoint[],
): Result => {
  const { status } = problems[error.code]
  const comesBack = status === 429 || status === 503
  const retryAfterSeconds = error.retryAfterSeconds ?? (comesBack ? defaultRetryAfterSeconds : undefined)
  const {
    mediaType,
    text,
    challenge = challengeFor(error, event),
  } = write(error, {
    requestId: event.requestContext.requestId,
    query: new URLSearchParams(event.rawQueryString),
  })
  return {
    statusCode: status,
    headers: {
      'content-type': `${mediaType};charset=UTF-8`,
      'cache-control': 'no-store',
      // RFC 9110 section 15.5.2: a 401 names the scheme.
      ...(status === 401 ? { 'www-authenticate': challenge } : {}),
      // RFC 9110 section 15.5.6: a 405 names the methods.
      ...(status === 405 ? { allow: methodsAt(everyEndpoint, event.rawPath).join(', ') } : {}),
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    },
    body: text,
  }
}

const securityHeaders = {
  contentSecurityPolicy: false,
  crossOriginEmbedderPolicy: false,
  // Set per response, see above.
  crossOriginResourcePolicy: false,
  dnsPrefetchControl: false,
  downloadOptions: false,
  originAgentCluster: false,
  permissionsPolicy: false,
  permittedCrossDomainPolicies: false,
  poweredBy: false,
  xssProtection: false,
  frameOptions: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' as const },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false, preload: false },
}
