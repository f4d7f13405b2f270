import { StoredOrganization } from '../../organizations/stored-organization.ts'
import type { Table } from '../../table/document-client.ts'
import { keys } from '../../table/keys.ts'
import { readCollection, readManyItems } from '../../table/read.ts'
import { isAdministrator } from '../../users/administrator.ts'
import { readPlaces } from '../../users/directory-store.ts'
import { StoredUser } from '../../users/stored-user.ts'
import { StoredCredential } from '../stored-credential.ts'
import type { EndingCredential } from './ending-credential.ts'
import { endingCredential } from './ending-credential.ts'
import { StoredExpiryEntry } from './stored-expiry-entry.ts'

/** The entries of these days, in no particular order. */
export const readExpiryEntries = async (
  table: Table,
  days: readonly string[],
): Promise<StoredExpiryEntry[]> => {
  const pages = await Promise.all(days.map((day) => readCollection(table, keys.expiryDay(day))))
  return pages.flat().map((item) => StoredExpiryEntry.parse(item))
}

/** Those of one organization. */
export const readOrganizationEntries = async (
  table: Table,
  organizationId: string,
  days: readonly string[],
): Promise<StoredExpiryEntry[]> => {
  const pages = await Promise.all(
    days.map((day) => readCollection(table, keys.organizationExpiryDay(day, organizationId))),
  )
  return pages.flat().map((item) => StoredExpiryEntry.parse(item))
}

/** Follows the entries, in their order; those that lead nowhere any more are left out. */
export const readEnding = async (
  table: Table,
  entries: readonly StoredExpiryEntry[],
): Promise<EndingCredential[]> => {
  const userIds = [...new Set(entries.map(({ userId }) => userId))]
  const [credentials, users] = await Promise.all([
    readManyItems(
      table,
      entries.map(({ userId, keyId }) => keys.credential(userId, keyId)),
    ),
    readManyItems(
      table,
      userIds.map((userId) => keys.user(userId)),
    ),
  ])
  const userById = new Map(userIds.map((userId, index) => [userId, users[index]]))
  return entries.flatMap((entry, index) => {
    const credential = credentials[index]
    const user = userById.get(entry.userId)
    const ending = endingCredential(
      entry,
      credential === undefined ? undefined : StoredCredential.parse(credential),
      user === undefined ? undefined : StoredUser.parse(user),
    )
    return ending === undefined ? [] : [ending]
  })
}

export const readOrganizations = async (
  table: Table,
  organizationIds: readonly string[],
): Promise<StoredOrganization[]> => {
  const items = await readManyItems(
    table,
    organizationIds.map((organizationId) => keys.organization(organizationId)),
  )
  return items.flatMap((item) => (item === undefined ? [] : [StoredOrganization.parse(item)]))
}

/** By username. Who holds the role comes from the directory, which may lag a moment; the users themselves are as they are now. */
export const readAdministrators = async (table: Table, organizationId: string): Promise<StoredUser[]> => {
  const places = (await readPlaces(table, organizationId)).filter((place) =>
    isAdministrator({ status: 'active', homeOrganizationId: organizationId }, place),
  )
  const users = await readManyItems(
    table,
    places.map(({ userId }) => keys.user(userId)),
  )
  return places.flatMap((place, index) => {
    const item = users[index]
    if (item === undefined) return []
    const user = StoredUser.parse(item)
    return isAdministrator(user, place) ? [user] : []
  })
}
