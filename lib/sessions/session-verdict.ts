import type { Session, SessionVerdict } from '../admission/identify.ts'
import type { KeyId } from '../secrets/key-id.ts'
import { isUserId } from '../secrets/key-id.ts'
import type { SessionClaims } from './session-claims.ts'
import { looksLikeSession } from './session-text.ts'
import type { SessionRefusal, SessionVerification, VerificationKey } from './verify-session.ts'
import { sessionVerifier } from './verify-session.ts'

/**
 * The session of verified claims. `keyId` is set only if the key is the subject's own: during impersonation, the key belongs to the
 * actor.
 */
const sessionOf = (claims: SessionClaims): Session => ({
  userId: claims.sub,
  organizationId: claims.org,
  audience: claims.aud === claims.iss ? null : claims.aud,
  sessionId: claims.jti,
  keyId: claims.act === undefined ? keyOf(claims) : null,
  epoch: claims.epoch,
  actor:
    claims.act === undefined
      ? null
      : { userId: claims.act.sub, keyId: keyOf(claims), epoch: claims.act.epoch },
  expiresAt: claims.exp * 1000,
})

/** Null if the client is the user itself, after a password login. */
const keyOf = ({ client_id }: SessionClaims): KeyId | null => (isUserId(client_id) ? null : client_id)

/** The reason for the decision; the log gets the detailed one. */
const sessionVerdictOf = (verification: SessionVerification): SessionVerdict =>
  verification.ok
    ? { ok: true, session: sessionOf(verification.claims) }
    : { ok: false, reason: denialOf(verification.reason) }

const denialOf = (reason: SessionRefusal): 'session_invalid' | 'session_expired' =>
  reason === 'expired' ? 'session_expired' : 'session_invalid'

type Dependencies = {
  /** Returns the same array until the keys change, so that its verifier is made once. */
  readonly publicKeys: () => Promise<readonly VerificationKey[]>
  readonly issuer: string
  readonly now: () => number
}

/**
 * Verifies session tokens with keys that it fetches when needed.
 *
 * @throws DomainError `temporarily_unavailable` if the keys cannot be fetched.
 */
export const sessionVerdictReader = (
  dependencies: Dependencies,
): ((text: string) => Promise<SessionVerdict>) => {
  let made: { keys: readonly VerificationKey[]; verify: ReturnType<typeof sessionVerifier> } | undefined
  return async (text) => {
    // Other texts must not cause a fetch of keys.
    if (!looksLikeSession(text)) return { ok: false, reason: 'session_invalid' }
    const keys = await dependencies.publicKeys()
    if (made?.keys !== keys) made = { keys, verify: sessionVerifier({ ...dependencies, keys }) }
    return sessionVerdictOf(made.verify(text))
  }
}
