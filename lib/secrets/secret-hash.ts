import { hash, timingSafeEqual } from 'node:crypto'
import * as z from '../effects/shape.ts'
import type { SecretText } from './secret-text.ts'

/** SHA-256 of a secret text in lower-case hex, as it is stored. */
export type SecretHash = string & { readonly secretHash: unique symbol }
export const SecretHash = z.matching<SecretHash>(/^[0-9a-f]{64}$/)

/**
 * A plain SHA-256 is enough for 256 random bits, which cannot be guessed (NIST SP 800-63B-4 section 3.1.2.2, look-up secrets).
 * Hashes the text and not its decoded bytes, so that a secret has only one spelling.
 */
export const hashSecret = (secret: SecretText): SecretHash => hash('sha256', secret, 'hex') as SecretHash

/** Compares in constant time, so that the duration does not disclose how many leading characters match. */
export const secretMatches = (secret: SecretText, stored: SecretHash): boolean => {
  const presented = Buffer.from(hashSecret(secret), 'latin1')
  const expected = Buffer.from(stored, 'latin1')
  return presented.length === expected.length && timingSafeEqual(presented, expected)
}
