import type { OrganizationId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readManyItems } from '../table/read.ts'
import { StoredOrganization } from './stored-organization.ts'

/** Leaves out organizations that no longer exist. */
export const readOrganizations = async (
  table: Table,
  organizationIds: readonly OrganizationId[],
): Promise<StoredOrganization[]> => {
  const items = await readManyItems(
    table,
    organizationIds.map((organizationId) => keys.organization(organizationId)),
  )
  return items.flatMap((item) => (item === undefined ? [] : [StoredOrganization.parse(item)]))
}
