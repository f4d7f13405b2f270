import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { readItems } from '../table/read.ts'
import type { TimelineSpan } from '../table/timeline.ts'
import { setFields } from '../table/update-expression.ts'
import { writeOnce } from '../table/write-once.ts'
import type { AuditEntry, Occasion } from './audit-row.ts'
import { auditItem } from './audit-row.ts'
import { StoredAuditRow } from './stored-audit-row.ts'

/** Rows of one month, newest first. Strongly consistent, so that a change is visible at once. */
export const readAuditMonth = async (
  table: Table,
  organizationId: OrganizationId,
  month: string,
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
          ':pk': keys.auditMonth(organizationId, month).pk,
          ':from': from,
          ':below': below,
        },
        Limit: count,
      }),
    )
    const rows = (answer.Items ?? []).map((item) => StoredAuditRow.parse(item))
    // BETWEEN includes its upper end, which is the last row of the previous page.
    return { rows: rows.filter((row) => row.sk !== below), more: answer.LastEvaluatedKey !== undefined }
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
