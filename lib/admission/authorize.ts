import type { FoundEndpoint } from '../apis/find-endpoint.ts'
import type { GatewayRequest } from '../apis/gateway-request.ts'
import type { Decision, DecisionStep, DenialReason } from '../decision/decide.ts'
import type { DecisionRequest } from '../decision/decision-request.ts'
import type { RateLimitStatus } from '../limits/rate-limit-status.ts'
import type { AdmitDependencies } from './admit.ts'
import { dueUse } from './admit.ts'
import { decideWithinLimit } from './decide-within-limit.ts'
import type { RecentCallersDependencies, RecognizedCaller } from './recent-callers.ts'
import { makeRecentCallers } from './recent-callers.ts'

export type AuthorizerSettings = {
  /** How long the items of a decision are cached, and so the longest time that a revoked credential works at protected APIs. 0 = no cache. */
  readonly cacheSeconds: number
}

/** A request as the authorizer gets it. */
export type AuthorizerAsked = Pick<DecisionRequest, 'address' | 'requestId'> & {
  readonly gateway: GatewayRequest
}

/** The decision, the caller's rate limit (absent if there is no active caller), and the request. */
export type Verdict = Decision & {
  readonly rateLimit?: RateLimitStatus
  readonly request: Pick<DecisionRequest, 'method' | 'path' | 'target'>
}

export type AuthorizerDependencies = Omit<AdmitDependencies, 'readSnapshot'> &
  RecentCallersDependencies & {
    /** Finds the API and the endpoint of a request. */
    readonly findEndpoint: (gateway: GatewayRequest) => Promise<FoundEndpoint>
  }

/**
 * The authorizer's decision. The cache holds callers, never decisions: address, method and path are checked for each request (I6).
 * Rejects if it cannot decide, which is not a denial (A2).
 */
export const makeAuthorizer = (dependencies: AuthorizerDependencies, settings: AuthorizerSettings) => {
  const findCaller = makeRecentCallers(dependencies, settings.cacheSeconds)

  const noteUse = async ({ caller }: RecognizedCaller, now: number): Promise<void> => {
    const used = caller.useNoted ? null : dueUse(caller.own, now)
    if (used === null) return
    caller.useNoted = true
    await dependencies.noteUse(used, new Date(now).toISOString())
  }

  return async (authorization: string | undefined, asked: AuthorizerAsked): Promise<Verdict> => {
    const { gateway, ...rest } = asked
    let request: DecisionRequest = {
      ...rest,
      method: gateway.method,
      path: gateway.path,
      aid: null,
      target: { kind: 'protected', api: null },
    }
    const deny = (reason: DenialReason): Verdict => ({ allow: false, reason, subject: null, request })
    if (authorization === undefined || authorization === '') return deny('credential_missing')
    const now = dependencies.now()
    const [found, endpoint] = await Promise.all([
      findCaller(authorization),
      dependencies.findEndpoint(gateway),
    ])
    request = { ...request, ...endpoint }
    if (typeof found === 'string') return deny(found)
    const { identified, snapshot } = found
    const steps: DecisionStep[] = []
    const counted = await decideWithinLimit(dependencies, identified, snapshot, request, steps)
    const { decision, ...standing } = counted
    if (decision.allow) await noteUse(found, now)
    else await dependencies.onDenied?.({ ...decision, request, steps, snapshot })
    return { ...decision, ...standing, request }
  }
}
