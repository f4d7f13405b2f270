import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'
import { writeOnce } from '../table/write-once.ts'
import { StoredDecision } from './kept-decision.ts'

/** The first decision under an id stays. */
export const keepDecision = (table: Table, { pk, sk, ...fields }: StoredDecision): Promise<void> =>
  writeOnce(table, { pk, sk }, fields)

export const readDecision = async (
  table: Table,
  organizationId: string,
  requestId: string,
): Promise<StoredDecision | undefined> => {
  const item = await readItem(table, keys.decision(organizationId, requestId))
  return item === undefined ? undefined : StoredDecision.parse(item)
}
