import * as z from '../effects/shape.ts'

/** A password in plain text. */
export type PasswordText = string & { readonly passwordText: unique symbol }
/** A stored hash: argon2id as a PHC string, or an imported hash until the first login with it. */
export type PasswordHash = string & { readonly passwordHash: unique symbol }
export const PasswordHash = z.matching<PasswordHash>(
  /^(?:\$argon2|\$2[aby]\$|pbkdf2_sha(?:256|512)\$|\$pbkdf2-sha(?:256|512)\$)/,
)

/** `hash` creates argon2id (`argon2.ts`). `verify` accepts imported hashes if it is the one of `password-hasher.ts`. */
export type PasswordHasher = {
  readonly hash: (password: PasswordText) => Promise<PasswordHash>
  readonly verify: (hash: PasswordHash, password: PasswordText) => Promise<boolean>
  /** True for imported hashes and for other parameters than the current ones. The next login replaces such a hash. */
  readonly isOutdated: (hash: PasswordHash) => boolean
  /** A hash to verify against if the user does not exist, so that the answer takes the same time (CVE-2025-6011). */
  readonly decoy: () => Promise<PasswordHash>
}

/** In UTF-8 bytes. Longer passwords are refused before hashing (CVE-2013-1443), never truncated. */
export const maximumPasswordBytes = 1024

/** For verification only: checks the length, but no rule for new passwords. */
export const asPasswordText = (text: string): PasswordText | undefined =>
  Buffer.byteLength(text, 'utf8') <= maximumPasswordBytes ? (text as PasswordText) : undefined
