import * as z from '../effects/shape.ts'
import { CeremonyId, FactorId, UserId } from '../secrets/key-id.ts'
import { SecretHash } from '../secrets/secret-hash.ts'
import { itemShape } from '../table/stored-item.ts'

export const factorKinds = ['totp', 'passkey'] as const
export type FactorKind = (typeof factorKinds)[number]

const common = {
  factorId: FactorId,
  name: z.string(),
  createdAt: z.string(),
  lastUsedAt: z.nullable(z.string()),
}

/** An authenticator app (RFC 6238). */
const StoredTotp = z.object({
  ...common,
  factorKind: z.literal('totp'),
  /** Encrypted by KMS with the user id as encryption context; base64. */
  sealedSecret: z.string(),
  /** The last time step whose code was accepted: a code counts once. */
  lastStep: z.int(),
})
export type StoredTotp = z.infer<typeof StoredTotp>

/** A WebAuthn credential. */
const StoredPasskey = z.object({
  ...common,
  factorKind: z.literal('passkey'),
  /** Base64url, like the public key (COSE). */
  credentialId: z.string(),
  publicKey: z.string(),
  /** The signature counter of the authenticator; always 0 for passkeys that are synchronised. */
  counter: z.int(),
  transports: z.array(z.string()),
})
export type StoredPasskey = z.infer<typeof StoredPasskey>

const StoredFactor = z.union([StoredTotp, StoredPasskey])
export type StoredFactor = z.infer<typeof StoredFactor>

/**
 * `USER#<uid>` / `SECRET#FACTORS`: all second factors of a user. One item, so that a login reads them with the account, and rules about
 * all of them are conditions of one write. The authorizer never reads it.
 */
export const StoredFactors = z.object({
  ...itemShape('factors'),
  userId: UserId,
  factors: z.array(StoredFactor),
  /** Hashes of the unused recovery codes. */
  recoveryCodes: z.array(SecretHash),
  version: z.int(),
})
export type StoredFactors = z.infer<typeof StoredFactors>

/** `USER#<uid>` / `CEREMONY#<ceremonyId>`: what Postern expects of an authenticator. Its completion deletes it, so it happens once. */
export const StoredCeremony = z.object({
  ...itemShape('ceremony'),
  ceremonyId: CeremonyId,
  userId: UserId,
  purpose: z.enum(['enroll-totp', 'enroll-passkey', 'use-passkey']),
  /** The WebAuthn challenge, base64url; null for `enroll-totp`. */
  challenge: z.nullable(z.string()),
  /** For `enroll-totp`. */
  sealedSecret: z.nullable(z.string()),
  /** Whether whoever began it had proven a second factor. Else it adds the first one only. */
  hadFactor: z.boolean(),
  /** The user's epoch when an enrollment began, which ends with it; null for `use-passkey`. */
  epoch: z.nullable(z.int()),
  expiresAtSeconds: z.int(),
})
export type StoredCeremony = z.infer<typeof StoredCeremony>

/** `USER#<uid>` / `PROOF#<hash>`: the caller has proven again to be the user (`prove-identity.ts`). */
export const StoredIdentityProof = z.object({
  ...itemShape('identityProof'),
  userId: UserId,
  /** The session, key or token with which it was made; valid with this one only. */
  madeWith: z.string(),
  /** Whether it took a second factor, because the user had one. */
  hadFactor: z.boolean(),
  /** The user's epoch then. Keys outlive a new password; a proof that took the old one must not. */
  epoch: z.int(),
  expiresAtSeconds: z.int(),
})
export type StoredIdentityProof = z.infer<typeof StoredIdentityProof>
