import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { readItems } from '../table/read.ts'
import type { TimelineSpan } from '../table/timeline.ts'
import { shareOf } from '../table/timeline.ts'
import { setFields } from '../table/update-expression.ts'
import { writeOnce } from '../table/write-once.ts'
import type { AuditEntry, Occasion } from './audit-row.ts'
import { auditItem } from './audit-row.ts'
import type { AuditPartitions } from './shards.ts'
import { shardsOf } from './shards.ts'
import { StoredAuditRow } from './stored-audit-row.ts'

/** Rows of one month, newest first, from all shards. Strongly consistent, so that a change is visible at once. */
export const readAuditMonth = async (
  table: Table,
  organization: AuditPartitions,
  month: string,
  span: TimelineSpan,
  count: number,
): Promise<{ rows: StoredAuditRow[]; more: boolean }> => {
  const shards = shardsOf(organization)
  const share = shareOf(count, shards)
  const parts = await Promise.all(
    shards.map((shard) =>
      readPartition(table, keys.auditMonth(organization.organizationId, month, shard), span, share),
    ),
  )
  // Complete only down to the highest row at which a read stopped: below it, that shard may have unread rows.
  const stops = parts.flatMap(({ rows, more }) => (more ? [rows.at(-1)?.sk ?? span.below] : []))
  const floor = stops.toSorted().at(-1) ?? ''
  // BETWEEN includes its upper end, which is the last row of the previous page.
  const complete = parts
    .flatMap(({ rows }) => rows)
    .filter(({ sk }) => sk >= floor && sk !== span.below)
    .toSorted((one, other) => (one.sk < other.sk ? 1 : -1))
  return { rows: complete.slice(0, count), more: stops.length > 0 || complete.length > count }
}

const readPartition = async (
  table: Table,
  { pk }: { readonly pk: string },
  { from, below }: TimelineSpan,
  count: number,
): Promise<{ rows: StoredAuditRow[]; more: boolean }> => {
  try {
    const answer = await table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        ConsistentRead: true,
        ScanIndexForward: false,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :below',
        ExpressionAttributeValues: {
          ':pk': pk,
          ':from': from,
          ':below': below,
        },
        Limit: count,
      }),
    )
    const rows = (answer.Items ?? []).map((item) => StoredAuditRow.parse(item))
    return { rows, more: answer.LastEvaluatedKey !== undefined }
  } catch (cause) {
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
  }
}

/** In the order of the keys; undefined for rows that no longer exist. */
export const readAuditRows = async (
  table: Table,
  wanted: readonly Key[],
): Promise<(StoredAuditRow | undefined)[]> =>
  (await readItems(table, wanted)).map((item) =>
    item === undefined ? undefined : StoredAuditRow.parse(item),
  )

/** For events that change nothing, such as refusals. A change writes its row in its own transaction. */
export const writeAuditRow = (table: Table, entry: AuditEntry, occasion: Occasion): Promise<void> => {
  const { pk, sk, ...fields } = auditItem(entry, occasion)
  return writeOnce(table, { pk, sk }, fields)
}

/** Adds to the count of a row. The row keeps its first expiry. */
export const addToAuditRow = async (
  table: Table,
  entry: AuditEntry,
  occasion: Occasion,
  count: number,
): Promise<void> => {
  const { pk, sk, expiresAtSeconds, ...fields } = auditItem(entry, occasion)
  const { set, names, values } = setFields(fields)
  await table.client.send(
    new UpdateCommand({
      TableName: table.tableName,
      Key: { pk, sk },
      UpdateExpression: `${set}, expiresAtSeconds = if_not_exists(expiresAtSeconds, :expiry) ADD #count :count`,
      ExpressionAttributeNames: { ...names, '#count': 'count' },
      ExpressionAttributeValues: { ...values, ':expiry': expiresAtSeconds, ':count': count },
    }),
  )
}
