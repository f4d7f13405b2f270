import { holdsAdministratorRole, isAdministrator } from '../../identity/administrator.ts'
import { readDirectory } from '../../identity/directory-store.ts'
import { StoredCredential } from '../../identity/stored-credential.ts'
import { StoredOrganization } from '../../identity/stored-organization.ts'
import { StoredUser } from '../../identity/stored-user.ts'
import type { OrganizationId } from '../../secrets/key-id.ts'
import type { Table } from '../../table/document-client.ts'
import { keys } from '../../table/keys.ts'
import type { RawItem } from '../../table/read.ts'
import { readCollection, readManyItems, readPages } from '../../table/read.ts'
import type { EndingCredential, OnMalformed, RowIds } from './ending-credential.ts'
import { endingCredential } from './ending-credential.ts'
import { StoredExpiryEntry } from './stored-expiry-entry.ts'

/** The entries of a UTC day that have no warning yet, in pages of at most 1 MB. */
export async function* readUnwarned(
  table: Table,
  day: string,
  onMalformed: OnMalformed,
): AsyncGenerator<StoredExpiryEntry[]> {
  const unwarned = { FilterExpression: 'NOT attribute_type(warnedAt, :text)', values: { ':text': 'S' } }
  for await (const page of readPages(table, keys.expiryDay(day), unwarned))
    yield page.flatMap((item) => wellFormed(StoredExpiryEntry.safeParse(item), idsIn(item), onMalformed))
}

const entryKey = /^(org_[0-9a-z]+)#(usr_[0-9a-z]+)#(key_[0-9a-z]+)$/

/** Reads only the key, because the rest of a malformed row can be anything. */
const idsIn = ({ sk }: RawItem): RowIds => {
  const [, organizationId, userId, keyId] = entryKey.exec(String(sk)) ?? []
  return organizationId === undefined || userId === undefined || keyId === undefined
    ? {}
    : { organizationId, userId, keyId }
}

type Parsed<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly error: unknown }

const wellFormed = <T>(parsed: Parsed<T>, ids: RowIds, onMalformed: OnMalformed): T[] => {
  if (parsed.success) return [parsed.data]
  onMalformed(ids, parsed.error)
  return []
}

/** The entries of one organization. */
export const readOrganizationEntries = async (
  table: Table,
  organizationId: OrganizationId,
  days: readonly string[],
): Promise<StoredExpiryEntry[]> => {
  const pages = await Promise.all(
    days.map((day) => readCollection(table, keys.organizationExpiryDay(day, organizationId))),
  )
  return pages.flat().map((item) => StoredExpiryEntry.parse(item))
}

const unreadable: OnMalformed = (_ids, fault) => {
  throw fault
}

/** Reads the credentials of entries, in the same order; entries without one are left out. */
export const readEnding = async (
  table: Table,
  entries: readonly StoredExpiryEntry[],
  onMalformed: OnMalformed = unreadable,
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
    const { organizationId, userId, keyId } = entry
    const [credentialItem, userItem] = [credentials[index], userById.get(userId)]
    if (credentialItem === undefined || userItem === undefined) return []
    const ids = { organizationId, userId, keyId }
    const [credential] = wellFormed(StoredCredential.safeParse(credentialItem), ids, onMalformed)
    const [user] = wellFormed(StoredUser.safeParse(userItem), ids, onMalformed)
    const ending = endingCredential(entry, credential, user)
    return ending === undefined ? [] : [ending]
  })
}

export const readOrganizations = async (
  table: Table,
  organizationIds: readonly OrganizationId[],
  onMalformed: OnMalformed,
): Promise<StoredOrganization[]> => {
  const items = await readManyItems(
    table,
    organizationIds.map((organizationId) => keys.organization(organizationId)),
  )
  return organizationIds.flatMap((organizationId, index) => {
    const item = items[index]
    return item === undefined
      ? []
      : wellFormed(StoredOrganization.safeParse(item), { organizationId }, onMalformed)
  })
}

/** Ordered by username. The directory index, which is eventually consistent, tells who is an administrator; the users are read consistently. */
export const readAdministrators = async (
  table: Table,
  organizationId: OrganizationId,
): Promise<StoredUser[]> => {
  const memberships = await readDirectory(table, organizationId, holdsAdministratorRole)
  const users = await readManyItems(
    table,
    memberships.map(({ userId }) => keys.user(userId)),
  )
  return memberships.flatMap((membership, index) => {
    const item = users[index]
    if (item === undefined) return []
    const user = StoredUser.parse(item)
    return isAdministrator(user, membership) ? [user] : []
  })
}
