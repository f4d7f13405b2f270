/** A password as somebody typed it. */
export type PasswordText = string & { readonly passwordText: unique symbol }
/** An argon2id hash in PHC string form, salt and parameters included. */
export type PasswordHash = string & { readonly passwordHash: unique symbol }

/** `hash` and `verify` are argon2id (`lib/credentials/argon2.ts`); only functions that need them bundle it. */
export type PasswordHasher = {
  readonly hash: (password: PasswordText) => Promise<PasswordHash>
  readonly verify: (hash: PasswordHash, password: PasswordText) => Promise<boolean>
  /** Were other parameters used than today's? Then the next login hashes anew. */
  readonly isOutdated: (hash: PasswordHash) => boolean
  /** The hash of no password, to spend the same work on a user who does not exist (CVE-2025-6011). */
  readonly decoy: () => Promise<PasswordHash>
}

/** Bytes of UTF-8. All of them are hashed; more is refused before hashing (CVE-2013-1443). */
export const maximumPasswordBytes = 1024

/** For a check against a stored hash: whatever could have been set can be checked. */
export const asPasswordText = (text: string): PasswordText | undefined =>
  Buffer.byteLength(text, 'utf8') <= maximumPasswordBytes ? (text as PasswordText) : undefined
