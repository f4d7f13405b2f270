import type { Verdict } from '../../lib/admission/authorize.ts'
import type { GatewayRequest } from '../../lib/apis/gateway-request.ts'
import type { Decision } from '../../lib/decision/decide.ts'
import { apiIdOf } from '../../lib/decision/decision-request.ts'
import { shownPath } from '../../lib/decision/shown-path.ts'
import { rolesIn, vendorOf } from '../../lib/decision/subject.ts'
import type { LogEntry } from '../../lib/effects/log-entry.ts'
import { refusalCode } from '../../lib/http/refusal.ts'
import { rateLimitContext } from '../../lib/limits/rate-limit-status.ts'
import type { Fields } from './event-fields.ts'
import { fieldsOf, textOf } from './event-fields.ts'
import {
  gatewayOfConnection,
  gatewayOfHttpApi1,
  gatewayOfHttpApi2,
  gatewayOfMethodArn,
  gatewayOfRestRequest,
} from './gateway-of-event.ts'

/** A request to decide about, and the response format that API Gateway expects. */
export type AuthorizerRequest = {
  /** `rest-request` is also what WebSocket APIs send and expect, and HTTP APIs with payload 1.0. */
  readonly kind: 'http-api' | 'rest-request' | 'rest-token'
  readonly authorization: string | undefined
  /** The source address that API Gateway reports; `not-given` for events without one (REST TOKEN). */
  readonly address: string
  /** Gateway, stage and route, to find the API and the endpoint. */
  readonly gateway: GatewayRequest
  readonly requestId: string
  /** Not in HTTP APIs with payload 2.0: the requested method and path; `$connect` in WebSocket APIs. */
  readonly methodArn: string
}

/** Missing fields become '', which the decision denies. */
export const readAuthorizerEvent = (event: unknown): AuthorizerRequest => {
  const fields = fieldsOf(event)
  if (fields['version'] === '2.0') return readHttpApi(fields)
  return fields['type'] === 'TOKEN' ? readToken(fields) : readRequest(fields)
}

const readHttpApi = (event: Fields): AuthorizerRequest => {
  const context = fieldsOf(event['requestContext'])
  const http = fieldsOf(context['http'])
  return {
    kind: 'http-api',
    authorization: authorizationIn(event),
    requestId: textOf(context['requestId']),
    methodArn: '',
    address: textOf(http['sourceIp']),
    gateway: gatewayOfHttpApi2(event),
  }
}

const readRequest = (event: Fields): AuthorizerRequest => {
  const context = fieldsOf(event['requestContext'])
  const identity = fieldsOf(context['identity'])
  return {
    kind: 'rest-request',
    authorization: authorizationIn(event),
    requestId: textOf(context['requestId']),
    methodArn: textOf(event['methodArn']),
    address: textOf(identity['sourceIp']),
    gateway: gatewayOfRequest(event),
  }
}

const gatewayOfRequest = (event: Fields): GatewayRequest => {
  if (event['version'] === '1.0') return gatewayOfHttpApi1(event)
  const { eventType } = fieldsOf(event['requestContext'])
  return eventType === 'CONNECT' ? gatewayOfConnection(event) : gatewayOfRestRequest(event)
}

/** A TOKEN event has no address, and the path only in the ARN. */
const readToken = (event: Fields): AuthorizerRequest => {
  const methodArn = textOf(event['methodArn'])
  const gateway = gatewayOfMethodArn(methodArn)
  return {
    kind: 'rest-token',
    authorization: textOf(event['authorizationToken']) || undefined,
    requestId: '',
    methodArn,
    address: 'not-given',
    gateway,
  }
}

/**
 * REST APIs keep the case of header names. If a header is sent twice, `headers` has the last value and `multiValueHeaders` both. Two
 * Authorization headers are not a valid credential.
 */
const authorizationIn = (event: Fields): string | undefined => {
  const [single, multiple] = [event['headers'], event['multiValueHeaders']].map((headers) =>
    Object.entries(fieldsOf(headers)).flatMap(([name, values]) =>
      name.toLowerCase() === 'authorization' ? values : [],
    ),
  )
  const [value, ...others] = single ?? []
  const isOne = others.length === 0 && (multiple ?? []).length <= 1
  return isOne && typeof value === 'string' ? value : undefined
}

type SimpleResponse = { readonly isAuthorized: boolean; readonly context: Record<string, string> }
type PolicyResponse = {
  readonly principalId: string
  readonly policyDocument: {
    readonly Version: '2012-10-17'
    readonly Statement: readonly [
      { readonly Action: string; readonly Effect: 'Allow' | 'Deny'; readonly Resource: string },
    ]
  }
  readonly context: Record<string, string>
}

/** REST APIs answer 401 for an error with this message only. Its name distinguishes it from faults in the Lambda log. */
class Unauthorized extends Error {
  override readonly name = 'Unauthorized'
  constructor() {
    super('Unauthorized')
  }
}

/**
 * Thrown if no decision is possible: API Gateway answers 500, and Lambda counts an error. The cause is logged separately and not
 * repeated here.
 */
export class Undecided extends Error {
  override readonly name = 'Undecided'
  constructor() {
    super('The request could not be decided: see authorizer_fault in this log')
  }
}

/** True if a REST API must get a denial as "Unauthorized". */
const isUnknownCaller = ({ kind }: AuthorizerRequest, decision: Verdict): boolean =>
  kind !== 'http-api' &&
  !decision.allow &&
  ['authentication_required', 'invalid_credentials'].includes(refusalCode(decision.reason))

/**
 * The decision in API Gateway's format. The caller gets a code, never the reason.
 *
 * @throws Error "Unauthorized" for a REST API if the caller is not authenticated
 */
export const answerFor = (asked: AuthorizerRequest, decision: Verdict): SimpleResponse | PolicyResponse => {
  const context = {
    ...(decision.allow
      ? { ...contextOf(decision), ...apiContext(decision) }
      : { code: refusalCode(decision.reason) }),
    ...rateLimitContext(decision.rateLimit),
  }
  if (asked.kind === 'http-api') return { isAuthorized: decision.allow, context }
  if (isUnknownCaller(asked, decision)) throw new Unauthorized()
  // `*` and `?` are wildcards in a policy: a path with one would allow more than the request.
  const isExact = asked.methodArn !== '' && !/[*?]/.test(asked.methodArn) && !asked.methodArn.includes('${')
  const allowed = decision.allow && isExact
  return {
    principalId: decision.subject?.userId ?? 'unknown',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Action: 'execute-api:Invoke',
          Effect: allowed ? 'Allow' : 'Deny',
          Resource: isExact ? asked.methodArn : 'arn:aws:execute-api:*:*:*',
        },
      ],
    },
    context: allowed || !decision.allow ? context : { code: 'access_denied' },
  }
}

/** The context for the protected API. API Gateway accepts only strings. */
const contextOf = (decision: Extract<Decision, { allow: true }>): Record<string, string> => {
  const { subject, aid } = decision
  const { provenBy } = subject
  const integrationVendor = vendorOf(subject)
  return {
    userId: subject.userId,
    username: subject.username,
    organization: subject.organization.organizationId,
    organizationId: subject.organization.organizationId,
    roles: rolesIn(subject, aid)
      .map((role) => role.name)
      .join(','),
    credentialId: provenBy.keyId ?? provenBy.sessionId ?? '',
    ...(aid === null ? {} : { accountGroup: String(aid) }),
    ...(integrationVendor === null ? {} : { integrationVendor }),
    ...(provenBy.actorId === null ? {} : { actorId: provenBy.actorId }),
  }
}

/** The requested API, with its owner's name for it. */
const apiContext = ({ request: { target } }: Verdict): Record<string, string> =>
  target.kind === 'protected' && target.api !== null ? { apiId: target.api.apiId, api: target.api.name } : {}

/** The log entry of a decision. */
export const decisionEntry = (asked: AuthorizerRequest, decision: Verdict): LogEntry => {
  const { requestId, address } = asked
  const { subject, request } = decision
  const apiId = apiIdOf(request)
  const integrationVendor = subject === null ? null : vendorOf(subject)
  return {
    event: 'decision',
    requestId,
    // Some callers put a credential into the path (F5).
    operation: `${request.method} ${shownPath(request.path)}`,
    status: decision.allow ? 200 : isUnknownCaller(asked, decision) ? 401 : 403,
    address,
    ...(apiId === null ? {} : { apiId }),
    ...(decision.allow ? {} : { reason: decision.reason }),
    ...(subject === null
      ? {}
      : { userId: subject.userId, organizationId: subject.organization.organizationId }),
    ...(subject?.provenBy.keyId == null ? {} : { keyId: subject.provenBy.keyId }),
    ...(subject?.actor == null ? {} : { actingUserId: subject.actor.userId }),
    ...(integrationVendor === null ? {} : { integrationVendor }),
  }
}
