import type { RandomBytes, SecretText } from './secret-text.ts'
import { randomText } from './secret-text.ts'

/** Crockford's base 32: no letter that is read as a digit or another letter. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** 125 bits: from 112 on, a plain hash is enough (NIST SP 800-63B-4, 3.1.2.2). */
const length = 25
const canonicalForm = new RegExp(`^[${alphabet}]{${length}}$`)

/** A recovery code in the spelling that is hashed. `spacedCode` writes it for people. */
export const newRecoveryCode = (randomBytes: RandomBytes): SecretText =>
  randomText(alphabet, length, randomBytes) as SecretText

export const spacedCode = (code: SecretText): string => code.match(/.{5}/g)?.join('-') ?? ''

/** Case, blanks and hyphens do not count, O is 0, and I and L are 1. Undefined if it cannot be a recovery code. */
export const readRecoveryCode = (text: string): SecretText | undefined => {
  const canonical = text.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')
  return canonicalForm.test(canonical) ? (canonical as SecretText) : undefined
}
