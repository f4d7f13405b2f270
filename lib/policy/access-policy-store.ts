import { StoredAccessPolicy } from '../identity/stored-organization.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'

export const readAccessPolicy = async (
  table: Table,
  organizationId: OrganizationId,
): Promise<StoredAccessPolicy | undefined> => {
  const item = await readItem(table, keys.accessPolicy(organizationId))
  return item === undefined ? undefined : StoredAccessPolicy.parse(item)
}
