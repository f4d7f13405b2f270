import { hash } from 'node:crypto'
import { isUseDue } from '../credentials/last-use.ts'
import type { RateLimitStatus } from '../rate-limit/rate-limit-status.ts'
import type { AdmitDependencies } from './admit.ts'
import type { CallerSnapshot } from './caller-snapshot.ts'
import type { Decision, DecisionRequest, DecisionStep, DenialReason } from './decide.ts'
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
  /** How long a loaded caller is kept; with it the longest that a revoked credential lives on protected APIs. 0 = not at all. */
  readonly cacheSeconds: number
  readonly maximumCached: number
}

/** With where the caller stands with its limit; absent when no live caller was recognized. */
export type Verdict = Decision & { readonly rateLimit?: RateLimitStatus }

/**
 * The authorizer's decision. What is kept between requests is who the caller is, never the answer: address, method and path are
 * looked at anew each time, so no answer can serve another request (I6). Whatever goes wrong denies.
 */
export const makeAuthorizer = (
  dependencies: AdmitDependencies & { readonly onFault: (fault: unknown) => void },
  settings: AuthorizerSettings,
) => {
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
    const loaded: Loaded = { claimed: claim.claimed, snapshot, loadedAt, useNoted: false }
    const isKnown = snapshot.user !== null && snapshot.organization !== null
    // Only callers that exist are kept: guesses must not push them out, and a new credential works at once.
    if (settings.cacheSeconds > 0 && isKnown) {
      const oldest = cache.keys().next()
      if (cache.size >= settings.maximumCached && !oldest.done) cache.delete(oldest.value)
      cache.set(cacheKey, loaded)
    }
    return loaded
  }

  const noteUse = async (loaded: Loaded, now: number): Promise<void> => {
    const { credential } = loaded.snapshot
    if (credential === null || loaded.useNoted || !isUseDue(credential, now)) return
    loaded.useNoted = true
    try {
      await dependencies.noteUse(credential, new Date(now).toISOString())
    } catch (fault) {
      dependencies.onFault(fault)
    }
  }

  return async (authorization: string | undefined, request: DecisionRequest): Promise<Verdict> => {
    const deny = (reason: DenialReason): Verdict => ({ allow: false, reason, subject: null })
    if (authorization === undefined || authorization === '') return deny('credential_missing')
    try {
      const now = dependencies.now()
      const loaded = await load(authorization, now)
      if (typeof loaded === 'string') return deny(loaded)
      const identified = identify(loaded.claimed, loaded.snapshot, now, dependencies.managementSections)
      const steps: DecisionStep[] = []
      const counted = await decideWithinLimit(dependencies, identified, loaded.snapshot, request, steps)
      const { decision, ...standing } = counted
      if (decision.allow) await noteUse(loaded, now)
      else await dependencies.onDenied?.({ ...decision, request, steps, snapshot: loaded.snapshot })
      return { ...decision, ...standing }
    } catch (fault) {
      dependencies.onFault(fault)
      return deny('decision_failed')
    }
  }
}
