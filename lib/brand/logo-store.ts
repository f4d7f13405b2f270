import type { OrganizationId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'
import { StoredLogo } from './stored-logo.ts'

export const readLogo = async (
  table: Table,
  organizationId: OrganizationId,
): Promise<StoredLogo | undefined> => {
  const item = await readItem(table, keys.logo(organizationId))
  return item === undefined ? undefined : StoredLogo.parse(item)
}
