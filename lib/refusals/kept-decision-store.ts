import type { OrganizationId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys, timelineKeys } from '../table/keys.ts'
import { readItem, readItems } from '../table/read.ts'
import { writeOnce } from '../table/write-once.ts'
import { everyDecision, StoredDecision } from './kept-decision.ts'

/** The decision with its keys of the indexes. */
export const keptItem = (decision: StoredDecision) => {
  const { organizationId, at, requestId } = decision
  const timelines = timelineKeys(
    keys.timelinePosition(at, requestId),
    (value) => keys.decisionTimeline(organizationId, value),
    {
      byActor: decision.userId,
      byActing: decision.actingUserId,
      byTarget: decision.apiId,
      byAction: decision.reason,
      byTime: everyDecision,
    },
  )
  return { ...decision, ...timelines }
}

/** Does not overwrite a decision with the same id. */
export const keepDecision = (table: Table, decision: StoredDecision): Promise<void> => {
  const { pk, sk, ...fields } = keptItem(decision)
  return writeOnce(table, { pk, sk }, fields)
}

export const readDecision = async (
  table: Table,
  organizationId: OrganizationId,
  requestId: string,
): Promise<StoredDecision | undefined> => {
  const item = await readItem(table, keys.decision(organizationId, requestId))
  return item === undefined ? undefined : StoredDecision.parse(item)
}

/** In the order of the keys; undefined for decisions that no longer exist. */
export const readDecisions = async (
  table: Table,
  wanted: readonly Key[],
): Promise<(StoredDecision | undefined)[]> =>
  (await readItems(table, wanted)).map((item) =>
    item === undefined ? undefined : StoredDecision.parse(item),
  )
