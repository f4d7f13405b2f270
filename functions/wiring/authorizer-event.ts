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
  gatewayOfHttpApi1,
  gatewayOfHttpApi2,
  gatewayOfMethodArn,
  gatewayOfRestRequest,
} from './gateway-of-event.ts'

/** A request that waits for a decision, and the form in which API Gateway wants to hear it. */
export type AuthorizerRequest = {
  /** `rest-request` is also what HTTP APIs send and expect with payload 1.0. */
  readonly kind: 'http-api' | 'rest-request' | 'rest-token'
  readonly authorization: string | undefined
  /** Source address as API Gateway saw it; `not-given` where the event never carries one (REST TOKEN). */
  readonly address: string
  /** Which gateway, stage and route this is, to find the API and the endpoint by. */
  readonly gateway: GatewayRequest
  readonly requestId: string
  /** REST only: the one method and path that is asked about. */
  readonly methodArn: string
}

/** Anything missing becomes empty text, which the decision denies. */
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
    gateway: event['version'] === '1.0' ? gatewayOfHttpApi1(event) : gatewayOfRestRequest(event),
  }
}

/** A TOKEN event knows neither address nor path but what stands in the ARN. */
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
 * REST APIs pass on header names as they were typed. Of a header that was sent twice, `headers` has the last value, and
 * `multiValueHeaders` both. Two Authorization headers are nobody's credential.
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

/** REST APIs turn this error, and no other, into a 401. Its name keeps it apart from faults in the log of Lambda. */
class Unauthorized extends Error {
  override readonly name = 'Unauthorized'
  constructor() {
    super('Unauthorized')
  }
}

/**
 * What is thrown for a request that could not be decided: API Gateway answers 500, and Lambda counts an error. The cause is in the log;
 * here would be its second copy.
 */
export class Undecided extends Error {
  override readonly name = 'Undecided'
  constructor() {
    super('The request could not be decided: see authorizer_fault in this log')
  }
}

/** Whether a REST API hears of a denial as "Unauthorized". */
const isUnknownCaller = ({ kind }: AuthorizerRequest, decision: Verdict): boolean =>
  kind !== 'http-api' &&
  !decision.allow &&
  ['authentication_required', 'invalid_credentials'].includes(refusalCode(decision.reason))

/**
 * The decision in API Gateway's words. The caller learns a code, never the reason.
 *
 * @throws Error "Unauthorized" to a REST API when it is not known who calls
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
  // In a policy `*` and `?` are wildcards: a path that holds one would let more through than was asked about.
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

/** What the protected API learns of its caller. API Gateway takes texts only. */
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

/** The API that the request is for, by its owner's name for it. */
const apiContext = ({ request: { target } }: Verdict): Record<string, string> =>
  target.kind === 'protected' && target.api !== null ? { apiId: target.api.apiId, api: target.api.name } : {}

/** What the log says of a decision. */
export const decisionEntry = (asked: AuthorizerRequest, decision: Verdict): LogEntry => {
  const { requestId, address } = asked
  const { subject, request } = decision
  const apiId = apiIdOf(request)
  const integrationVendor = subject === null ? null : vendorOf(subject)
  return {
    event: 'decision',
    requestId,
    // Paths are the callers' text, and some put a credential there (F5).
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
