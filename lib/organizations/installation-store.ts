import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'

/** The organization that the deployment was made with; undefined before there is one. */
export const readFirstOrganizationId = async (table: Table): Promise<string | undefined> => {
  const item = await readItem(table, keys.installation())
  return typeof item?.['organizationId'] === 'string' ? item['organizationId'] : undefined
}
