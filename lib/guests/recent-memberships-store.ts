import { readAuditMonth } from '../audit/audit-store.ts'
import { readDirectory } from '../identity/directory-store.ts'
import { readOrganizations } from '../identity/organization-store.ts'
import { StoredMembership } from '../identity/stored-membership.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readManyItems } from '../table/read.ts'

/** Far longer than the lag of the directory index, and than the time from a request's time stamp to its commit. */
const recentSeconds = 60
const rowsPerPage = 500

const recentlyConcerned = async (
  table: Table,
  organizationId: OrganizationId,
  now: number,
): Promise<Set<UserId>> => {
  const [organization] = await readOrganizations(table, [organizationId])
  const audit = { organizationId, auditShards: organization?.auditShards ?? 1 }
  const from = new Date(now - recentSeconds * 1000).toISOString()
  const months = new Set([from.slice(0, 7), new Date(now).toISOString().slice(0, 7)])
  const userIds = new Set<UserId>()
  for (const month of months) {
    // Greater than every sort key, which begins with a time.
    let below = '~'
    for (;;) {
      const { rows, more } = await readAuditMonth(table, audit, month, { from, below }, rowsPerPage)
      for (const { targetUserId } of rows) if (targetUserId !== null) userIds.add(targetUserId)
      const last = rows.at(-1)
      if (!more || last === undefined) break
      below = last.sk
    }
  }
  return userIds
}

/**
 * All memberships of an organization, strongly consistent. The directory index may lag, but every change of a membership has an audit row
 * from the same transaction; memberships that the audit names in the last minute are read from the base table.
 *
 * @throws DomainError temporarily_unavailable
 */
export const readDirectoryNow = async (
  table: Table,
  organizationId: OrganizationId,
  now: number,
): Promise<StoredMembership[]> => {
  const memberships = await readDirectory(table, organizationId)
  const recent = [...(await recentlyConcerned(table, organizationId, now))]
  const items = await readManyItems(
    table,
    recent.map((userId) => keys.membership(userId, organizationId)),
  )
  const changed = new Set(recent)
  return [
    ...memberships.filter(({ userId }) => !changed.has(userId)),
    ...items.flatMap((item) => (item === undefined ? [] : [StoredMembership.parse(item)])),
  ].sort((one, other) => (one.directorySk < other.directorySk ? -1 : 1))
}
