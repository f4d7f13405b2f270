import { roundRobin as byTurns } from '../../effects/round-robin.ts'
import type { StoredCredential } from '../../identity/stored-credential.ts'
import type { StoredUser } from '../../identity/stored-user.ts'
import type { StoredExpiryEntry } from './stored-expiry-entry.ts'

/** The ids in the key of a row, as far as it can be parsed. */
export type RowIds = { readonly organizationId?: string; readonly userId?: string; readonly keyId?: string }
/** Called for a malformed row, which is skipped. */
export type OnMalformed = (ids: RowIds, fault: unknown) => void

/** An expiry entry with its credential and user. */
export type EndingCredential = {
  readonly entry: StoredExpiryEntry
  readonly credential: StoredCredential
  readonly user: StoredUser
}

/** The credential of an entry, if it exists and still expires when the entry says. */
export const endingCredential = (
  entry: StoredExpiryEntry,
  credential: StoredCredential | undefined,
  user: StoredUser | undefined,
): EndingCredential | undefined => {
  if (credential === undefined || user === undefined) return undefined
  const isSame =
    credential.expiresAt === entry.expiresAt && credential.organizationId === entry.organizationId
  return isSame ? { entry, credential, user } : undefined
}

/** Comparator for `toSorted`: soonest expiry first. */
export const soonestFirst = (one: StoredExpiryEntry, other: StoredExpiryEntry): number =>
  Date.parse(one.expiresAt) - Date.parse(other.expiresAt) || (one.keyId < other.keyId ? -1 : 1)

/**
 * Orders round-robin by organization: the first of each, then the second of each, so that one with thousands of warnings does not delay
 * the others.
 */
export const roundRobin = (all: readonly StoredExpiryEntry[]): StoredExpiryEntry[] =>
  byTurns(all.toSorted(soonestFirst), ({ organizationId }) => organizationId)
