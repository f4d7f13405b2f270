import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyId, OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { PublicKey } from '../../lib/sessions/jwks.ts'
import { publicKeyOf } from '../../lib/sessions/jwks.ts'
import type { SessionClaims } from '../../lib/sessions/session-claims.ts'
import type { SessionGrant, SessionSigner } from '../../lib/sessions/sign-session.ts'
import { signSession } from '../../lib/sessions/sign-session.ts'
import type { SessionVerification } from '../../lib/sessions/verify-session.ts'
import { sessionVerifier } from '../../lib/sessions/verify-session.ts'

export const issuer = 'https://api.example.com'
export const now = Date.parse('2026-03-01T12:00:00.250Z')
export const nowSeconds = Math.floor(now / 1000)
export const userId: UserId = 'usr_0123456789abcdef'
export const otherUserId: UserId = 'usr_fedcba9876543210'
export const organizationId: OrganizationId = 'org_abcdefghij'
/** As `epochOf` writes it: the user's epoch, the membership and the membership's epoch. */
export const epoch = '3.mem_0123456789ab.1'
export const actorEpoch = '7.mem_ba9876543210.0'
export const keyId: KeyId = `key_${organizationId.slice(4)}${userId.slice(4)}klmnopqrst`

export type TestKey = PublicKey & { readonly privateKey: KeyObject }

export const newTestKey = (bits = 2048): TestKey => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  return { ...publicKeyOf(publicKey.export({ format: 'der', type: 'spki' })), privateKey }
}

export const signerWith = (key: TestKey): SessionSigner => ({
  signingKeyId: async () => key.keyId,
  sign: async (signingInput) => sign('RSA-SHA256', signingInput, key.privateKey),
})

export const grant: SessionGrant = {
  userId,
  organizationId,
  accountGroup: 691,
  epoch,
  audience: null,
  keyId,
  actor: null,
  lifetimeSeconds: 900,
}

export const signed = async (key: TestKey, changed: Partial<SessionGrant> = {}, at = now) =>
  signSession({ ...grant, ...changed }, { signer: signerWith(key), issuer, now: () => at, randomBytes })

export const verifierOf = (keys: readonly PublicKey[], at = now): ((text: string) => SessionVerification) =>
  sessionVerifier({ keys, issuer, now: () => at })

export const goodClaims: SessionClaims = {
  iss: issuer,
  sub: userId,
  aud: issuer,
  exp: nowSeconds + 900,
  iat: nowSeconds,
  jti: 'ses_0123456789abcdefghij',
  client_id: keyId,
  org: organizationId,
  epoch,
}

export const encoded = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64url')

export const headerText = (key: PublicKey): string =>
  JSON.stringify({ alg: 'RS256', typ: 'at+jwt', kid: key.keyId })

/** Any header and payload text under a signature that really holds. */
export const crafted = (key: TestKey, header: string | Uint8Array, payload: string | Uint8Array): string => {
  const signingInput = `${encoded(header)}.${encoded(payload)}`
  return `${signingInput}.${encoded(sign('RSA-SHA256', Buffer.from(signingInput), key.privateKey))}`
}

/** Claims of any kind under a signature that really holds. */
export const craftedClaims = (key: TestKey, claims: unknown): string =>
  crafted(key, headerText(key), JSON.stringify(claims))
