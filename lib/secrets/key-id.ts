import * as z from '../effects/shape.ts'
import type { RandomBytes, SecretText } from './secret-text.ts'
import { isSecretText, newSecretText, randomId } from './secret-text.ts'

/** The prefix of an id is part of its type, so that no function takes an id of one kind for an id of another. */
export const UserId = z.startingWith('usr_')
export type UserId = z.infer<typeof UserId>
/** Is it spelt as those are that `newUserId` makes? */
export const isUserId = (value: unknown): value is UserId =>
  typeof value === 'string' && /^usr_[0-9a-z]{16}$/.test(value)

export const OrganizationId = z.startingWith('org_')
export type OrganizationId = z.infer<typeof OrganizationId>

export const ApiId = z.startingWith('api_')
export type ApiId = z.infer<typeof ApiId>
/** The names of APIs contain no underscore, so a name is never taken for an id. */
export const isApiId = (text: string): text is ApiId => text.startsWith('api_')

/** Of a key or a token. */
export const KeyId = z.startingWith('key_')
export type KeyId = z.infer<typeof KeyId>

/** Of a membership: a user that is removed from an organization and invited again has a new one. */
export const MembershipId = z.startingWith('mem_')
export type MembershipId = z.infer<typeof MembershipId>

/** Of a second factor. */
export const FactorId = z.startingWith('fac_')
export type FactorId = z.infer<typeof FactorId>

/** Of one exchange with an authenticator: the enrollment of a factor, or a challenge for a passkey. */
export const CeremonyId = z.startingWith('cer_')
export type CeremonyId = z.infer<typeof CeremonyId>

export const SessionId = z.startingWith('ses_')
export type SessionId = z.infer<typeof SessionId>
export const isSessionId = (value: unknown): value is SessionId =>
  typeof value === 'string' && /^ses_[0-9a-z]{20}$/.test(value)

/** Of an integration vendor. */
export const VendorId = z.startingWith('vnd_')
export type VendorId = z.infer<typeof VendorId>

/** Of the binding of a gateway's path to an API. */
export const BindingId = z.startingWith('gwb_')
export type BindingId = z.infer<typeof BindingId>

/**
 * A key id contains the ids of its organization and user, so that one read by exact keys returns everything about the caller.
 * Clients treat it as opaque. Format: `key_` + 10 + 16 + 10 characters.
 */
export type KeyOwner = { readonly organizationId: OrganizationId; readonly userId: UserId }

/**
 * The kinds of credentials besides passwords. Code that depends on the kind is a record over this list, so a new kind does not compile
 * until every such place handles it.
 */
export const credentialKinds = ['key', 'token'] as const
export type CredentialKind = (typeof credentialKinds)[number]

const body = /^[0-9a-z]{36}$/
const keyPrefix = 'key_'
const tokenPrefix = 'pst_'

export const isOrganizationId = (value: unknown): value is OrganizationId =>
  typeof value === 'string' && /^org_[0-9a-z]{10}$/.test(value)

export const newOrganizationId = (randomBytes: RandomBytes): OrganizationId =>
  `org_${randomId(10, randomBytes)}`
export const newApiId = (randomBytes: RandomBytes): ApiId => `api_${randomId(12, randomBytes)}`
export const newBindingId = (randomBytes: RandomBytes): BindingId => `gwb_${randomId(12, randomBytes)}`
export const newMembershipId = (randomBytes: RandomBytes): MembershipId => `mem_${randomId(12, randomBytes)}`
/** 36^20 ≈ 2^103. */
export const newSessionId = (randomBytes: RandomBytes): SessionId => `ses_${randomId(20, randomBytes)}`
/** Of a session that takes the place of another. Its first half says that both belong to one sign-in (36^10 ≈ 2^51). */
export const nextSessionId = (before: SessionId, randomBytes: RandomBytes): SessionId =>
  `ses_${before.slice(4, 14)}${randomId(10, randomBytes)}`
/** What the ids of all sessions of one sign-in have in common. */
export const signInOf = (sessionId: SessionId): string => sessionId.slice(0, 14)
export const newUserId = (randomBytes: RandomBytes): UserId => `usr_${randomId(16, randomBytes)}`
export const newFactorId = (randomBytes: RandomBytes): FactorId => `fac_${randomId(12, randomBytes)}`
export const newCeremonyId = (randomBytes: RandomBytes): CeremonyId => `cer_${randomId(20, randomBytes)}`
export const newVendorId = (randomBytes: RandomBytes): VendorId => `vnd_${randomId(12, randomBytes)}`

export const newKeyId = (owner: KeyOwner, randomBytes: RandomBytes): KeyId =>
  `${keyPrefix}${owner.organizationId.slice(4)}${owner.userId.slice(4)}${randomId(10, randomBytes)}`

export const isKeyId = (text: string): text is KeyId =>
  text.startsWith(keyPrefix) && body.test(text.slice(keyPrefix.length))

/** Undefined if the id is not spelt as those are that `newKeyId` makes. */
export const ownerOfKey = (keyId: KeyId): KeyOwner | undefined => {
  if (!isKeyId(keyId)) return undefined
  const ids = keyId.slice(keyPrefix.length)
  return { organizationId: `org_${ids.slice(0, 10)}`, userId: `usr_${ids.slice(10, 26)}` }
}

/** The text in front of a secret's random part. */
const prefixOf: Readonly<Record<CredentialKind, (keyId: KeyId) => string>> = {
  /** The secret of a key id + secret pair: `pst_<49>`. */
  key: () => tokenPrefix,
  /** One opaque string that carries its key id: `pst_<36>_<49>`. */
  token: (keyId) => `${tokenPrefix}${keyId.slice(keyPrefix.length)}_`,
}

export const newSecretOf = (kind: CredentialKind, keyId: KeyId, randomBytes: RandomBytes): SecretText =>
  newSecretText(prefixOf[kind](keyId), randomBytes)

/** Parses a token; undefined if its format or checksum is wrong. */
export const readToken = (text: string): { keyId: KeyId; secret: SecretText } | undefined => {
  const ids = text.slice(tokenPrefix.length, tokenPrefix.length + 36)
  const prefix = `${tokenPrefix}${ids}_`
  if (!body.test(ids) || !isSecretText(prefix, text)) return undefined
  return { keyId: `${keyPrefix}${ids}`, secret: text }
}

/** True if the text starts like a credential that Postern issues. */
export const isOwnText = (text: string): boolean => text.startsWith(tokenPrefix) || text.startsWith(keyPrefix)

export const readKeySecret = (text: string): SecretText | undefined =>
  isSecretText(tokenPrefix, text) ? text : undefined
