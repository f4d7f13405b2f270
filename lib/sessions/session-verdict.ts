import type { Session, SessionVerdict } from '../admission/identify.ts'
import type { SessionClaims } from './session-claims.ts'
import { looksLikeSession } from './session-text.ts'
import type { SessionRefusal, SessionVerification, VerificationKey } from './verify-session.ts'
import { sessionVerifier } from './verify-session.ts'

/**
 * The session that claims speak of. `keyId` is set only when the key is the subject's own: while somebody acts as the subject, the
 * key belongs to the actor.
 */
const sessionOf = (claims: SessionClaims): Session => ({
  userId: claims.sub,
  organizationId: claims.org,
  audience: claims.aud === claims.iss ? null : claims.aud,
  sessionId: claims.jti,
  keyId: claims.act === undefined ? keyOf(claims, claims.sub) : null,
  epoch: claims.epoch,
  actor:
    claims.act === undefined
      ? null
      : { userId: claims.act.sub, keyId: keyOf(claims, claims.act.sub), epoch: claims.act.epoch },
  expiresAt: claims.exp * 1000,
})

/** Null when the client is the user itself, who came with a password. */
const keyOf = ({ client_id }: SessionClaims, holder: string): string | null =>
  client_id === holder ? null : client_id

/** What the decision needs to hear. The finer reason is for the log. */
const sessionVerdictOf = (verification: SessionVerification): SessionVerdict =>
  verification.ok
    ? { ok: true, session: sessionOf(verification.claims) }
    : { ok: false, reason: denialOf(verification.reason) }

const denialOf = (reason: SessionRefusal): 'session_invalid' | 'session_expired' =>
  reason === 'expired' ? 'session_expired' : 'session_invalid'

type Dependencies = {
  /** Gives the same array until the keys change, so that a verifier is made once for it. */
  readonly publicKeys: () => Promise<readonly VerificationKey[]>
  readonly issuer: string
  readonly now: () => number
  /** Hears of every refusal, for the log. */
  readonly onRefusal?: (reason: SessionRefusal) => void
}

/**
 * Verifies session tokens against keys that have to be fetched first.
 *
 * @throws DomainError `temporarily_unavailable` when there are no keys to verify with.
 */
export const sessionVerdictReader = (
  dependencies: Dependencies,
): ((text: string) => Promise<SessionVerdict>) => {
  let made: { keys: readonly VerificationKey[]; verify: ReturnType<typeof sessionVerifier> } | undefined
  return async (text) => {
    // Text that is no session token must not cost a fetch of keys.
    if (!looksLikeSession(text)) return { ok: false, reason: 'session_invalid' }
    const keys = await dependencies.publicKeys()
    if (made?.keys !== keys) made = { keys, verify: sessionVerifier({ ...dependencies, keys }) }
    const verification = made.verify(text)
    if (!verification.ok) dependencies.onRefusal?.(verification.reason)
    return sessionVerdictOf(verification)
  }
}
