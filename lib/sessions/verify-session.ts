import type { KeyObject } from 'node:crypto'
import { verify } from 'node:crypto'
import type { ClaimsRefusal, SessionClaims } from './session-claims.ts'
import { readSessionClaims } from './session-claims.ts'
import { decodeCanonical, encodedHeader, maximumSessionTextLength } from './session-text.ts'

/** RSA, 2048 bits or more; `publicKeyOf` in `jwks.ts` makes it. */
export type VerificationKey = { readonly keyId: string; readonly key: KeyObject }

/** `malformed`: cannot be our token; `unknown_key`: our form, but signed by an unknown key. */
export type SessionRefusal = 'malformed' | 'unknown_key' | 'bad_signature' | ClaimsRefusal

export type SessionVerification =
  | { readonly ok: true; readonly claims: SessionClaims }
  | { readonly ok: false; readonly reason: SessionRefusal }

type Dependencies = {
  readonly keys: readonly VerificationKey[]
  readonly issuer: string
  readonly now: () => number
}

/**
 * Makes a verifier of session tokens. It is stricter than a JWT library: one signer (ourselves), one algorithm, one spelling.
 *
 * The header is not parsed. It must equal the header that we write for one of our keys, so that it cannot choose an algorithm, contain or
 * reference a key, or repeat a member (RFC 8725 sections 2.1, 3.1 and 3.10).
 */
export const sessionVerifier = (dependencies: Dependencies): ((text: string) => SessionVerification) => {
  const { issuer, now } = dependencies
  const keyByHeader = new Map(
    dependencies.keys.map(({ keyId, key }) => [encodedHeader(keyId), requirePublicRsa(key)]),
  )
  return (text) => {
    if (text.length > maximumSessionTextLength) return refused('malformed')
    const [header, payload, signature, ...rest] = text.split('.', 4)
    if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
      return refused('malformed')
    }
    const key = keyByHeader.get(header)
    if (key === undefined) return refused(isOurForm(header) ? 'unknown_key' : 'malformed')
    const payloadBytes = decodeCanonical(payload)
    const signatureBytes = decodeCanonical(signature)
    if (payloadBytes === undefined || signatureBytes === undefined) return refused('malformed')
    // OpenSSL refuses other lengths and s + n (RFC 8017 section 8.2.2), so a signature has one spelling.
    const signingInput = Buffer.from(`${header}.${payload}`, 'latin1')
    if (!verify('RSA-SHA256', signingInput, key, signatureBytes)) return refused('bad_signature')
    const value = parseCanonicalJson(payloadBytes.toString('utf8'))
    return readSessionClaims(value, { issuer, now: now() })
  }
}

const refused = (reason: SessionRefusal): SessionVerification => ({ ok: false, reason })

/** @throws Error for a key that RS256 must not use (RFC 7518 section 3.3: RSA of at least 2048 bits). */
const requirePublicRsa = (key: KeyObject): KeyObject => {
  const bits = key.asymmetricKeyDetails?.modulusLength
  const isPublicRsa = key.type === 'public' && key.asymmetricKeyType === 'rsa'
  if (!isPublicRsa || bits === undefined || bits < 2048)
    throw new Error('a session key must be RSA, 2048 bits')
  return key
}

/** A thumbprint is 43 characters of base64url. */
const ourHeader = /^\{"alg":"RS256","typ":"at\+jwt","kid":"[A-Za-z0-9_-]{43}"\}$/

const isOurForm = (header: string): boolean => {
  const bytes = decodeCanonical(header)
  return bytes !== undefined && ourHeader.test(bytes.toString('latin1'))
}

/**
 * Undefined unless the text is what JSON.stringify writes. A member that stands twice, for which two readers would pick two values
 * (RFC 8725 section 2.4), does not survive the comparison.
 */
const parseCanonicalJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined
  }
}
