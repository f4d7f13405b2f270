import type { AdmitDependencies } from '../admission/admit.ts'
import { admitClaim } from '../admission/admit.ts'
import type { ClaimedResult } from '../admission/identify.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import { refusalCode } from '../http/refusal.ts'
import { noReach } from '../identity/account-group-reach.ts'
import { RateLimited } from '../limits/rate-limit-status.ts'
import { secretMatches } from '../secrets/secret-hash.ts'
import type { SessionKey } from './session-cookie.ts'
import { secretIn } from './session-cookie.ts'
import type { SessionState, StoredConsoleSession } from './stored-console-session.ts'
import { hasEnded } from './stored-console-session.ts'

export type CookieDependencies = {
  readonly issuer: string
  readonly readConsoleSession: (of: SessionKey) => Promise<StoredConsoleSession | undefined>
  readonly now: () => number
}

/** The session of a cookie; undefined for all that is none, after the same read. */
export const sessionOfCookie = async (
  { issuer, readConsoleSession, now }: CookieDependencies,
  cookies: readonly string[],
): Promise<StoredConsoleSession | undefined> => {
  const presented = secretIn(issuer, cookies)
  if (presented === undefined) return undefined
  const session = await readConsoleSession(presented)
  if (session === undefined || !secretMatches(presented.secret, session.secretHash)) return undefined
  return hasEnded(session, now()) ? undefined : session
}

export type AdmitCookieDependencies = CookieDependencies & AdmitDependencies

type CookieRequest = { readonly cookies: readonly string[]; readonly method: 'POST'; readonly path: string }

/**
 * Admits a request by the cookie of a session in one of these states, by the same decision as one with a token of the session.
 *
 * @throws DomainError invalid_credentials, access_denied, too_many_requests
 */
export const admitCookie = async (
  dependencies: AdmitCookieDependencies,
  { cookies, method, path }: CookieRequest,
  states: readonly SessionState[],
  { address, requestId }: Origin,
): Promise<{ readonly session: StoredConsoleSession; readonly caller: Caller }> => {
  const session = await sessionOfCookie(dependencies, cookies)
  const isFitting = session !== undefined && states.includes(session.state)
  const claim = isFitting ? claimOf(session) : ({ ok: false, reason: 'session_invalid' } as const)
  const { decision, admitted, rateLimit } = await admitClaim(dependencies, claim, {
    address,
    method,
    path,
    aid: null,
    target: { kind: 'self', endsSession: false },
    requestId,
  })
  if (!decision.allow) {
    if (decision.reason === 'rate_limited') throw new RateLimited(rateLimit, dependencies.now())
    throw new DomainError(refusalCode(decision.reason))
  }
  if (session === undefined || admitted === null) throw new Error('a decision without a session')
  return { session, caller: { ...admitted, reach: noReach } }
}

const claimOf = (session: StoredConsoleSession): ClaimedResult => {
  const { userId, organizationId, sessionId, epoch, endsAtSeconds } = session
  const own = { userId, organizationId, sessionId, keyId: null, actor: null }
  const proven = { ...own, audience: null, epoch, expiresAt: endsAtSeconds * 1000 }
  return { ok: true, claimed: { lookUp: own, proof: { kind: 'session', session: proven } } }
}
