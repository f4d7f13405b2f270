/** A password as somebody typed it. */
export type PasswordText = string & { readonly passwordText: unique symbol }
/** A hash as it is stored: argon2id in PHC string form, or, until the first login with it, the one that was imported. */
export type PasswordHash = string & { readonly passwordHash: unique symbol }

/** `hash` is argon2id (`lib/secrets/argon2.ts`); `verify` knows imported hashes too where a password is checked (`password-hasher.ts`). */
export type PasswordHasher = {
  readonly hash: (password: PasswordText) => Promise<PasswordHash>
  readonly verify: (hash: PasswordHash, password: PasswordText) => Promise<boolean>
  /** Was it made elsewhere, or with other parameters than today's? Then the next login hashes anew. */
  readonly isOutdated: (hash: PasswordHash) => boolean
  /** The hash of no password, to spend the same work on a user who does not exist (CVE-2025-6011). */
  readonly decoy: () => Promise<PasswordHash>
}

/** Bytes of UTF-8. All of them are hashed; more is refused before hashing (CVE-2013-1443). */
export const maximumPasswordBytes = 1024

/** For a check against a stored hash: whatever could have been set can be checked. */
export const asPasswordText = (text: string): PasswordText | undefined =>
  Buffer.byteLength(text, 'utf8') <= maximumPasswordBytes ? (text as PasswordText) : undefined
