import { StoredOrganization } from '../identity/stored-organization.ts'
import { StoredUser } from '../identity/stored-user.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItems } from '../table/read.ts'
import type { Recipient } from './message.ts'

/** In the order of the ids, without users that no longer exist. At most 100. */
export const readRecipients = async (table: Table, userIds: readonly UserId[]): Promise<Recipient[]> => {
  const found = await readItems(
    table,
    userIds.map((userId) => keys.user(userId)),
  )
  const users = found.flatMap((item) => (item === undefined ? [] : [StoredUser.parse(item)]))
  const organizationIds = [...new Set(users.map((user) => user.homeOrganizationId))]
  const rows = await readItems(
    table,
    organizationIds.map((organizationId) => keys.organization(organizationId)),
  )
  const organizations = new Map<string, StoredOrganization>()
  for (const row of rows) {
    if (row === undefined) continue
    const organization = StoredOrganization.parse(row)
    organizations.set(organization.organizationId, organization)
  }
  return users.flatMap((user) => {
    const organization = organizations.get(user.homeOrganizationId)
    return organization === undefined ? [] : [{ user, organization }]
  })
}
