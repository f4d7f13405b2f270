import type { StoredCredential } from '../../identity/stored-credential.ts'
import type { Key } from '../../table/keys.ts'
import { keys } from '../../table/keys.ts'
import { itemKinds } from '../../table/schema.ts'
import type { Write } from '../../table/transaction.ts'
import { givenExpiry } from '../lifetime.ts'
import { dayOf } from './expiry-warning.ts'
import type { StoredExpiryEntry } from './stored-expiry-entry.ts'

/** Longer than any run of the worker could be late, so that TTL never takes an entry that somebody still looks for. */
const keptAfterExpirySeconds = 3 * 86_400

/** Of the expiry that the credential was made with; null for one that was made for ever. */
const expiryEntryKey = (credential: StoredCredential): Key | null => {
  const given = givenExpiry(credential)
  return given === null ? null : keys.expiryEntry(dayOf(Date.parse(given)), credential)
}

/** What brings a credential into being: itself, and the entry that leads to it when its end comes near. */
export const newCredentialWrites = (credential: StoredCredential): Write[] => [
  { label: 'credential', put: credential },
  ...expiryEntryWrites(credential),
]

const expiryEntryWrites = (credential: StoredCredential): Write[] => {
  const { organizationId, userId, keyId, createdAt, expiresAt } = credential
  const key = expiryEntryKey(credential)
  if (key === null || expiresAt === null) return []
  const entry: StoredExpiryEntry = {
    ...key,
    kind: itemKinds.expiryEntry,
    organizationId,
    userId,
    keyId,
    createdAt,
    expiresAt,
    warnedAt: null,
    expiresAtSeconds: Math.floor(Date.parse(expiresAt) / 1000) + keptAfterExpirySeconds,
  }
  return [{ label: 'expiry entry', put: entry }]
}

/** For the transaction that deletes a credential, or replaces it: nobody need be warned of it any more. */
export const expiryEntryRemoval = (credential: StoredCredential): Write[] => {
  const key = expiryEntryKey(credential)
  return key === null ? [] : [{ label: 'expiry entry', delete: key }]
}
