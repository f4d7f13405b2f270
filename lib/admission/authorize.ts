import { hash } from 'node:crypto'
import type { FoundEndpoint } from '../apis/find-endpoint.ts'
import type { GatewayRequest } from '../apis/gateway-request.ts'
import type { Decision, DecisionStep, DenialReason, Identified } from '../decision/decide.ts'
import type { DecisionRequest } from '../decision/decision-request.ts'
import type { CallerSnapshot } from '../identity/caller-snapshot.ts'
import type { RateLimitStatus } from '../limits/rate-limit-status.ts'
import type { AdmitDependencies } from './admit.ts'
import { decideWithinLimit } from './decide-within-limit.ts'
import type { Claimed } from './identify.ts'
import { identify, readClaim } from './identify.ts'
import { isUseDue } from './last-use.ts'

type Loaded = {
  readonly claimed: Claimed
  readonly snapshot: CallerSnapshot
  readonly loadedAt: number
  useNoted: boolean
}

export type AuthorizerSettings = {
  /** How long a loaded caller is kept; with it the longest that a revoked credential lives on protected APIs. 0 = not at all. */
  readonly cacheSeconds: number
  readonly maximumCached: number
}

/** A request as the authorizer hears of it. */
export type AuthorizerAsked = Pick<DecisionRequest, 'address' | 'requestId'> & {
  readonly gateway: GatewayRequest
}

/** With where the caller stands with its limit (absent when no live caller was recognized), and what it asked for. */
export type Verdict = Decision & {
  readonly rateLimit?: RateLimitStatus
  readonly request: Pick<DecisionRequest, 'method' | 'path' | 'target'>
}

export type AuthorizerDependencies = AdmitDependencies & {
  /** Which API and endpoint a request is for. */
  readonly findEndpoint: (gateway: GatewayRequest) => Promise<FoundEndpoint>
}

/**
 * The authorizer's decision. What is kept between requests is who the caller is, never the answer: address, method and path are
 * looked at anew each time, so no answer can serve another request (I6). Rejects when it cannot decide: that is no denial (A2).
 */
export const makeAuthorizer = (dependencies: AuthorizerDependencies, settings: AuthorizerSettings) => {
  const cache = new Map<string, Loaded>()

  const load = async (authorization: string, now: number): Promise<Loaded | DenialReason> => {
    const cacheKey = hash('sha256', authorization, 'base64')
    const cached = cache.get(cacheKey)
    const isFresh = cached !== undefined && now - cached.loadedAt < settings.cacheSeconds * 1000
    if (isFresh) return cached
    cache.delete(cacheKey)
    const claim = await readClaim(dependencies, authorization)
    if (!claim.ok) return claim.reason
    // Taken before the read: an entry must not live longer than the bound says.
    const loadedAt = dependencies.now()
    const snapshot = await dependencies.readSnapshot(claim.claimed.lookUp)
    return { claimed: claim.claimed, snapshot, loadedAt, useNoted: false }
  }

  /** Only callers who proved who they are are kept: guesses must not push them out, and a new credential works at once. */
  const keep = (authorization: string, loaded: Loaded, identified: Identified): void => {
    if (settings.cacheSeconds === 0 || !identified.ok) return
    const cacheKey = hash('sha256', authorization, 'base64')
    if (cache.has(cacheKey)) return
    const oldest = cache.keys().next()
    if (cache.size >= settings.maximumCached && !oldest.done) cache.delete(oldest.value)
    cache.set(cacheKey, loaded)
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
    const [loaded, endpoint] = await Promise.all([
      load(authorization, now),
      dependencies.findEndpoint(gateway),
    ])
    request = { ...request, ...endpoint }
    if (typeof loaded === 'string') return deny(loaded)
    const identified = identify(loaded.claimed, loaded.snapshot, now)
    keep(authorization, loaded, identified)
    const steps: DecisionStep[] = []
    const counted = await decideWithinLimit(dependencies, identified, loaded.snapshot, request, steps)
    const { decision, ...standing } = counted
    if (decision.allow) await noteUse(loaded, now)
    else await dependencies.onDenied?.({ ...decision, request, steps, snapshot: loaded.snapshot })
    return { ...decision, ...standing, request }
  }
}
