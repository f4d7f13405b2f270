import type { StoredUser } from '../../users/stored-user.ts'
import type { StoredCredential } from '../stored-credential.ts'
import type { StoredExpiryEntry } from './stored-expiry-entry.ts'

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
