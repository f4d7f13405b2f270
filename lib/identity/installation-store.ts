import * as z from '../effects/shape.ts'
import { ApiId, OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'
import { itemShape } from '../table/stored-item.ts'

/** `INSTALLATION` / `FIRST`: the first organization of the deployment, and the API for gateways that are not registered. */
export const StoredInstallation = z.object({
  ...itemShape('installation'),
  organizationId: OrganizationId,
  defaultApiId: ApiId,
  /** The first administrator; the user may have been deleted. */
  administratorId: UserId,
  at: z.string(),
})
export type Installation = z.infer<typeof StoredInstallation>

/** Undefined before the first organization exists. */
export const readInstallation = async (table: Table): Promise<Installation | undefined> => {
  const item = await readItem(table, keys.installation())
  return item === undefined ? undefined : StoredInstallation.parse(item)
}
