import type { KeyId, OrganizationId, SessionId, UserId } from '../secrets/key-id.ts'
import { newSessionId } from '../secrets/key-id.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import type { SessionClaims } from './session-claims.ts'
import { readSessionClaims } from './session-claims.ts'
import { encodedHeader } from './session-text.ts'

/** Signs session tokens: KMS in AWS (`kms-signer.ts`). */
export type SessionSigner = {
  /** RFC 7638 thumbprint of the current signing key. */
  readonly signingKeyId: () => Promise<string>
  /** RSASSA-PKCS1-v1_5 with SHA-256 over the signing input of RFC 7515 section 5.1. */
  readonly sign: (signingInput: Uint8Array) => Promise<Uint8Array>
}

/** The subject of a new session. */
export type SessionGrant = {
  readonly userId: UserId
  readonly organizationId: OrganizationId
  readonly accountGroup: number | null
  readonly epoch: string
  /** The audience of a protected API; null for the issuer's own. */
  readonly audience: string | null
  /** The key or token that was presented; null after a password login. */
  readonly keyId: KeyId | null
  /** The user who acts as `userId`, and its epoch; null for one's own session. */
  readonly actor: { readonly userId: UserId; readonly epoch: string } | null
  readonly lifetimeSeconds: number
  /** Default: a new one. */
  readonly sessionId?: SessionId | undefined
}

export type SignedSession = {
  readonly text: string
  readonly claims: SessionClaims
  readonly expiresInSeconds: number
}

type Dependencies = {
  readonly signer: SessionSigner
  readonly issuer: string
  readonly now: () => number
  readonly randomBytes: RandomBytes
}

/**
 * Opens a session: an RS256 JWT of type `at+jwt` (RFC 9068).
 *
 * @throws DomainError `temporarily_unavailable` if the signer cannot be reached. @throws Error if the claims would not verify (a
 * programming error; nothing is signed).
 */
export const signSession = async (
  grant: SessionGrant,
  dependencies: Dependencies,
): Promise<SignedSession> => {
  const { signer, issuer } = dependencies
  const now = dependencies.now()
  const claims = claimsOf(grant, issuer, now, grant.sessionId ?? newSessionId(dependencies.randomBytes))
  // Never sign what the verifier would refuse.
  const verdict = readSessionClaims(claims, { issuer, now })
  if (!verdict.ok) throw new Error(`session claims refused: ${verdict.reason}`)
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
  const signingInput = `${encodedHeader(await signer.signingKeyId())}.${payload}`
  const signature = await signer.sign(Buffer.from(signingInput, 'latin1'))
  return {
    text: `${signingInput}.${Buffer.from(signature).toString('base64url')}`,
    claims,
    expiresInSeconds: grant.lifetimeSeconds,
  }
}

const claimsOf = (grant: SessionGrant, issuer: string, now: number, sessionId: SessionId): SessionClaims => {
  const issuedAt = Math.floor(now / 1000)
  return {
    iss: issuer,
    sub: grant.userId,
    aud: grant.audience ?? issuer,
    exp: issuedAt + grant.lifetimeSeconds,
    iat: issuedAt,
    jti: sessionId,
    client_id: grant.keyId ?? grant.actor?.userId ?? grant.userId,
    org: grant.organizationId,
    epoch: grant.epoch,
    ...(grant.accountGroup === null ? {} : { aid: grant.accountGroup }),
    ...(grant.actor === null ? {} : { act: { sub: grant.actor.userId, epoch: grant.actor.epoch } }),
  }
}
