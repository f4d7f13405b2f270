import { roundRobin as byTurns } from '../../effects/round-robin.ts'
import type { StoredCredential } from '../../identity/stored-credential.ts'
import type { StoredUser } from '../../identity/stored-user.ts'
import type { StoredExpiryEntry } from './stored-expiry-entry.ts'

/** Whose a row is, as far as its key tells. */
export type RowIds = { readonly organizationId?: string; readonly userId?: string; readonly keyId?: string }
/** Hears of a row that cannot be read; it is left out, so that it holds up no other. */
export type OnMalformed = (ids: RowIds, fault: unknown) => void

/** What an entry leads to. */
export type EndingCredential = {
  readonly entry: StoredExpiryEntry
  readonly credential: StoredCredential
  readonly user: StoredUser
}

/** Only a credential that is still there and still ends when the entry says; everything else has been dealt with. */
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

/** For `toSorted`: what ends sooner comes first. */
export const soonestFirst = (one: StoredExpiryEntry, other: StoredExpiryEntry): number =>
  Date.parse(one.expiresAt) - Date.parse(other.expiresAt) || (one.keyId < other.keyId ? -1 : 1)

/**
 * The organizations in turns: the soonest of each, then the second of each. One that has thousands to warn of must not
 * keep the others waiting behind it.
 */
export const roundRobin = <T extends { readonly ending: EndingCredential }>(all: readonly T[]): T[] =>
  byTurns(
    all.toSorted((one, other) => soonestFirst(one.ending.entry, other.ending.entry)),
    ({ ending }) => ending.entry.organizationId,
  )
