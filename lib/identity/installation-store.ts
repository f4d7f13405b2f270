import * as z from 'zod/mini'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'

/** `INSTALLATION` / `FIRST`: the organization that the deployment was made with, and the API of gateways that nobody registered. */
const StoredInstallation = z.object({
  organizationId: z.string(),
  defaultApiId: z.string(),
  /** Its first administrator, who may be gone. */
  administratorId: z.string(),
})
export type Installation = z.infer<typeof StoredInstallation>

/** Undefined before there is one. */
export const readInstallation = async (table: Table): Promise<Installation | undefined> => {
  const item = await readItem(table, keys.installation())
  return item === undefined ? undefined : StoredInstallation.parse(item)
}
