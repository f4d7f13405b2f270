import type { KeyObject } from 'node:crypto'
import { createPublicKey, hash } from 'node:crypto'

/** RFC 7517 section 4, RFC 7518 section 6.3.1. */
export type PublicJwk = {
  readonly kty: 'RSA'
  readonly use: 'sig'
  readonly alg: 'RS256'
  readonly kid: string
  readonly n: string
  readonly e: string
}

/** A public key for verification (`key`) and for publication (`jwk`). */
export type PublicKey = { readonly keyId: string; readonly key: KeyObject; readonly jwk: PublicJwk }

/** RFC 7638: SHA-256 over the required members in alphabetical order. So the key id depends on the key only. */
const thumbprint = (e: string, n: string): string =>
  hash('sha256', JSON.stringify({ e, kty: 'RSA', n }), 'base64url')

/**
 * @param spki SubjectPublicKeyInfo in DER, as KMS GetPublicKey returns it.
 * @throws Error when it is not an RSA key of 2048 bits or more.
 */
export const publicKeyOf = (spki: Uint8Array): PublicKey => {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  // Excludes RSA-PSS keys, which have a type of their own: they sign PS256 only, and node:crypto cannot export them as JWK.
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048) throw new Error('a session key must be RSA, 2048 bits')
  const { n, e } = key.export({ format: 'jwk' })
  if (n === undefined || e === undefined) throw new Error('an RSA key without modulus or exponent')
  const keyId = thumbprint(e, n)
  return { keyId, key, jwk: { kty: 'RSA', use: 'sig', alg: 'RS256', kid: keyId, n, e } }
}

/** The body of `/.well-known/jwks.json` (RFC 7517 section 5). */
export const jwksDocument = (keys: readonly Pick<PublicKey, 'jwk'>[]): { readonly keys: PublicJwk[] } => ({
  keys: keys.map(({ jwk }) => jwk),
})
