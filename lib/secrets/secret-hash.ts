import { hash, timingSafeEqual } from 'node:crypto'
import type { SecretHash, SecretText } from './secret-text.ts'

/**
 * A plain SHA-256 is enough for 256 random bits: there is nothing to guess (NIST SP 800-63B-4 section 3.1.2.2 on look-up secrets).
 * The text itself is hashed, not what it decodes to, so that no second spelling of a secret exists.
 */
export const hashSecret = (secret: SecretText): SecretHash => hash('sha256', secret, 'hex') as SecretHash

/** In constant time: the time must not tell how many leading characters were right. */
export const secretMatches = (secret: SecretText, stored: string): boolean => {
  const presented = Buffer.from(hashSecret(secret), 'latin1')
  const expected = Buffer.from(stored, 'latin1')
  return presented.length === expected.length && timingSafeEqual(presented, expected)
}
