import type { StoredCredential } from '../../identity/stored-credential.ts'
import type { Key } from '../../table/keys.ts'
import { keys } from '../../table/keys.ts'
import { itemKinds } from '../../table/schema.ts'
import { put } from '../../table/stored-item.ts'
import type { Write } from '../../table/transaction.ts'
import { givenExpiry } from '../lifetime.ts'
import { dayOf } from './expiry-warning.ts'
import type { StoredExpiryEntry } from './stored-expiry-entry.ts'

/** Longer than any delay of the worker, so that TTL never removes an entry that is still due. */
const keptAfterExpirySeconds = 3 * 86_400

/** Uses the expiry that the credential was made with; null if it never expires. */
const expiryEntryKey = (credential: StoredCredential): Key | null => {
  const given = givenExpiry(credential)
  return given === null ? null : keys.expiryEntry(dayOf(Date.parse(given)), credential)
}

/** The writes of a new credential: the item and its expiry entry. */
export const newCredentialWrites = (credential: StoredCredential): Write[] => [
  put<typeof StoredCredential>('credential', credential),
  ...expiryEntryWrites(credential),
]

const expiryEntryWrites = (credential: StoredCredential): Write[] => {
  const { organizationId, userId, keyId, createdAt, expiresAt } = credential
  const key = expiryEntryKey(credential)
  if (key === null || expiresAt === null) return []
  return [
    put<typeof StoredExpiryEntry>('expiry entry', {
      ...key,
      kind: itemKinds.expiryEntry,
      organizationId,
      userId,
      keyId,
      createdAt,
      expiresAt,
      warnedAt: null,
      expiresAtSeconds: Math.floor(Date.parse(expiresAt) / 1000) + keptAfterExpirySeconds,
    }),
  ]
}

/** Moves the expiry entry of a credential whose end was changed. A new entry has no warning yet. */
export const expiryEntryMove = (before: StoredCredential, after: StoredCredential): Write[] => {
  const [from, to] = [expiryEntryKey(before), expiryEntryKey(after)]
  // A transaction writes an item once: the new entry takes the place of one of the same day.
  const isReplaced = from !== null && to !== null && from.pk === to.pk && from.sk === to.sk
  return [...(isReplaced ? [] : expiryEntryRemoval(before)), ...expiryEntryWrites(after)]
}

/** Removes the expiry entry of a deleted or replaced credential, which needs no warning. */
export const expiryEntryRemoval = (credential: StoredCredential): Write[] => {
  const key = expiryEntryKey(credential)
  return key === null ? [] : [{ label: 'expiry entry', delete: key }]
}
