import type { Verdict } from '../../lib/access/authorize.ts'
import type { Decision, DecisionRequest } from '../../lib/access/decide.ts'
import { shownPath } from '../../lib/access/shown-path.ts'
import { rolesIn } from '../../lib/access/subject.ts'
import type { LogEntry } from '../../lib/http/log-entry.ts'
import { refusalCode } from '../../lib/http/refusal.ts'
import { rateLimitContext } from '../../lib/rate-limit/rate-limit-status.ts'

/** A request that waits for a decision, and the form in which API Gateway wants to hear it. */
export type AuthorizerRequest = {
  readonly kind: 'http-api' | 'rest-request' | 'rest-token'
  readonly authorization: string | undefined
  readonly request: DecisionRequest
  readonly requestId: string
  /** REST only: the one method and path that is asked about. */
  readonly methodArn: string
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

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
    authorization: authorizationIn(event['headers']),
    requestId: textOf(context['requestId']),
    methodArn: '',
    request: requestOf(textOf(http['sourceIp']), textOf(http['method']), textOf(event['rawPath'])),
  }
}

const readRequest = (event: Fields): AuthorizerRequest => {
  const context = fieldsOf(event['requestContext'])
  const identity = fieldsOf(context['identity'])
  return {
    kind: 'rest-request',
    authorization: authorizationIn(event['headers']),
    requestId: textOf(context['requestId']),
    methodArn: textOf(event['methodArn']),
    request: requestOf(textOf(identity['sourceIp']), textOf(event['httpMethod']), textOf(event['path'])),
  }
}

/** A TOKEN event knows neither address nor path but what stands in the ARN: `…:apiId/stage/METHOD/path`. */
const readToken = (event: Fields): AuthorizerRequest => {
  const methodArn = textOf(event['methodArn'])
  const [, , method = '', ...segments] = methodArn.split(':').slice(5).join(':').split('/')
  return {
    kind: 'rest-token',
    authorization: textOf(event['authorizationToken']) || undefined,
    requestId: '',
    methodArn,
    request: requestOf('not-given', method, `/${segments.join('/')}`),
  }
}

const requestOf = (address: string, method: string, path: string): DecisionRequest => ({
  address,
  method,
  path,
  aid: null,
  needs: 'endpoint',
})

/** REST APIs hand on names as they were typed. Two Authorization headers are nobody's credential. */
const authorizationIn = (headers: unknown): string | undefined => {
  const found = Object.entries(fieldsOf(headers)).filter(([name]) => name.toLowerCase() === 'authorization')
  const value = found.length === 1 ? found[0]?.[1] : undefined
  return typeof value === 'string' ? value : undefined
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

/**
 * The decision in API Gateway's words. The caller learns a code, never the reason.
 *
 * @throws Error "Unauthorized", which REST APIs turn into a 401, when it is not known who calls
 */
export const answerFor = (asked: AuthorizerRequest, decision: Verdict): SimpleResponse | PolicyResponse => {
  const context = {
    ...(decision.allow ? contextOf(decision) : { code: refusalCode(decision.reason) }),
    ...rateLimitContext(decision.rateLimit),
  }
  if (asked.kind === 'http-api') return { isAuthorized: decision.allow, context }
  const isUnknown =
    !decision.allow &&
    ['authentication_required', 'invalid_credentials'].includes(refusalCode(decision.reason))
  if (isUnknown) throw new Error('Unauthorized')
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
  const { provenBy, membership } = subject
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
    ...(membership?.integrationVendor == null ? {} : { integrationVendor: membership.integrationVendor }),
    ...(provenBy.actorId === null ? {} : { actorId: provenBy.actorId }),
  }
}

/** What the log says of a decision. */
export const decisionEntry = ({ requestId, request }: AuthorizerRequest, decision: Verdict): LogEntry => {
  const { subject } = decision
  return {
    event: 'decision',
    requestId,
    // Paths are the callers' text, and some put a credential there (F5).
    operation: `${request.method} ${shownPath(request.path)}`,
    status: decision.allow ? 200 : 403,
    address: request.address,
    ...(decision.allow ? {} : { reason: decision.reason }),
    ...(subject === null
      ? {}
      : { userId: subject.userId, organizationId: subject.organization.organizationId }),
    ...(subject?.provenBy.keyId == null ? {} : { keyId: subject.provenBy.keyId }),
    ...(subject?.membership?.integrationVendor == null
      ? {}
      : { integrationVendor: subject.membership.integrationVendor }),
  }
}
