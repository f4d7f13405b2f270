import { hash } from 'node:crypto'
import type { FoundEndpoint } from '../apis/find-endpoint.ts'
import type { GatewayRequest } from '../apis/gateway-request.ts'
import type { Decision, DecisionStep, DenialReason } from '../decision/decide.ts'
import type { DecisionRequest } from '../decision/decision-request.ts'
import { keepRecentReads } from '../effects/recent-reads.ts'
import type { CallerSnapshot } from '../identity/caller-snapshot.ts'
import type { RateLimitStatus } from '../limits/rate-limit-status.ts'
import type { AdmitDependencies } from './admit.ts'
import { isUseDue } from './admit.ts'
import { decideWithinLimit } from './decide-within-limit.ts'
import type { Claimed } from './identify.ts'
import { identify, readClaim } from './identify.ts'

type Loaded = {
  readonly claimed: Claimed
  readonly snapshot: CallerSnapshot
  readonly loadedAt: number
  useNoted: boolean
}

export type AuthorizerSettings = {
  /** How long a caller is cached, and so the longest time that a revoked credential works at protected APIs. 0 = no cache. */
  readonly cacheSeconds: number
}

/** Cached callers per container. A snapshot takes a few kilobytes. */
export const mostCallersKept = 1000

/** A request as the authorizer gets it. */
export type AuthorizerAsked = Pick<DecisionRequest, 'address' | 'requestId'> & {
  readonly gateway: GatewayRequest
}

/** The decision, the caller's rate limit (absent if there is no active caller), and the request. */
export type Verdict = Decision & {
  readonly rateLimit?: RateLimitStatus
  readonly request: Pick<DecisionRequest, 'method' | 'path' | 'target'>
}

export type AuthorizerDependencies = AdmitDependencies & {
  /** Finds the API and the endpoint of a request. */
  readonly findEndpoint: (gateway: GatewayRequest) => Promise<FoundEndpoint>
}

/**
 * The authorizer's decision. The cache holds callers, never decisions: address, method and path are checked for each request (I6).
 * Rejects if it cannot decide, which is not a denial (A2).
 */
export const makeAuthorizer = (dependencies: AuthorizerDependencies, settings: AuthorizerSettings) => {
  const kept = keepRecentReads<Loaded>(settings.cacheSeconds, mostCallersKept, dependencies.now)

  const load = async (authorization: string, cacheKey: string): Promise<Loaded | DenialReason> => {
    const found = kept.get(cacheKey)
    if (found !== undefined) return found
    const claim = await readClaim(dependencies, authorization)
    if (!claim.ok) return claim.reason
    // Before the read, because the age of an entry counts from the start of its read.
    const loadedAt = dependencies.now()
    const snapshot = await dependencies.readSnapshot(claim.claimed.lookUp)
    return { claimed: claim.claimed, snapshot, loadedAt, useNoted: false }
  }

  const noteUse = async (loaded: Loaded, now: number): Promise<void> => {
    const { credential } = loaded.snapshot
    if (credential === null || loaded.useNoted || !isUseDue(credential, now)) return
    loaded.useNoted = true
    await dependencies.noteUse(credential, new Date(now).toISOString())
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
    const cacheKey = hash('sha256', authorization, 'base64')
    const [loaded, endpoint] = await Promise.all([
      load(authorization, cacheKey),
      dependencies.findEndpoint(gateway),
    ])
    request = { ...request, ...endpoint }
    if (typeof loaded === 'string') return deny(loaded)
    const identified = identify(loaded.claimed, loaded.snapshot, now)
    // Only authenticated callers: guesses must not evict them, and a new credential must work at once.
    if (identified.ok) kept.keep(cacheKey, loaded, loaded.loadedAt)
    const steps: DecisionStep[] = []
    const counted = await decideWithinLimit(dependencies, identified, loaded.snapshot, request, steps)
    const { decision, ...standing } = counted
    if (decision.allow) await noteUse(loaded, now)
    else await dependencies.onDenied?.({ ...decision, request, steps, snapshot: loaded.snapshot })
    return { ...decision, ...standing, request }
  }
}
