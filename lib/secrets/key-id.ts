import type { RandomBytes, SecretText } from './secret-text.ts'
import { isSecretText, newSecretText, randomId } from './secret-text.ts'

/**
 * A key id names its organization and its user, so that whoever checks a credential can read everything about the caller by exact
 * keys in one call. To everybody else it is an opaque text: `key_` + 10 + 16 + 10 characters.
 */
export type KeyOwner = { readonly organizationId: string; readonly userId: string }

/**
 * What a user proves itself with, beside a password. Whatever differs between kinds is a record over them: a new kind does not compile
 * until each place says what it does with it.
 */
export const credentialKinds = ['key', 'token'] as const
export type CredentialKind = (typeof credentialKinds)[number]

const body = /^[0-9a-z]{36}$/
const keyPrefix = 'key_'
const tokenPrefix = 'pst_'

export const newOrganizationId = (randomBytes: RandomBytes): string => `org_${randomId(10, randomBytes)}`
export const newApiId = (randomBytes: RandomBytes): string => `api_${randomId(12, randomBytes)}`
export const newPlaceId = (randomBytes: RandomBytes): string => `plc_${randomId(12, randomBytes)}`
export const newUserId = (randomBytes: RandomBytes): string => `usr_${randomId(16, randomBytes)}`

export const newKeyId = (owner: KeyOwner, randomBytes: RandomBytes): string =>
  `${keyPrefix}${owner.organizationId.slice(4)}${owner.userId.slice(4)}${randomId(10, randomBytes)}`

export const ownerOfKey = (keyId: string): KeyOwner | undefined => {
  const ids = keyId.slice(keyPrefix.length)
  if (!keyId.startsWith(keyPrefix) || !body.test(ids)) return undefined
  return { organizationId: `org_${ids.slice(0, 10)}`, userId: `usr_${ids.slice(10, 26)}` }
}

/** What the random part of a secret begins with. */
const prefixOf: Readonly<Record<CredentialKind, (keyId: string) => string>> = {
  /** The secret of a key id + secret pair: `pst_<49>`. */
  key: () => tokenPrefix,
  /** One opaque string that carries its key id: `pst_<36>_<49>`. */
  token: (keyId) => `${tokenPrefix}${keyId.slice(keyPrefix.length)}_`,
}

export const newSecretOf = (kind: CredentialKind, keyId: string, randomBytes: RandomBytes): SecretText =>
  newSecretText(prefixOf[kind](keyId), randomBytes)

/** Reads a token's text; undefined when no token can look like this (shape or checksum). */
export const readToken = (text: string): { keyId: string; secret: SecretText } | undefined => {
  const ids = text.slice(tokenPrefix.length, tokenPrefix.length + 36)
  const prefix = `${tokenPrefix}${ids}_`
  if (!body.test(ids) || !isSecretText(prefix, text)) return undefined
  return { keyId: `${keyPrefix}${ids}`, secret: text }
}

/** Does it begin like what Postern hands out? */
export const isOwnText = (text: string): boolean => text.startsWith(tokenPrefix) || text.startsWith(keyPrefix)

export const readKeySecret = (text: string): SecretText | undefined =>
  isSecretText(tokenPrefix, text) ? text : undefined
