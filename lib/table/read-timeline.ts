import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from './document-client.ts'
import type { TimelineName } from './schema.ts'
import { tableSchema } from './schema.ts'
import type { TimelineEntry, TimelinePart, TimelineSpan, TimelineTerm } from './timeline.ts'
import { shareOf } from './timeline.ts'

type IndexRead = {
  readonly entries: readonly TimelineEntry[]
  /** The last position that was read; null at the end of the index. */
  readonly stoppedAt: string | null
}

/**
 * The keys of the items that match all terms, newest first. Queries the indexes of the first term and filters by the others.
 * Eventually consistent: an item appears about a second after its write.
 *
 * @param want maximum number of keys.
 * @param most maximum number of index entries read per index of the first term, if other terms filter.
 */
export const readTimeline = async (
  table: Table,
  [driver, ...others]: readonly [TimelineTerm, ...TimelineTerm[]],
  span: TimelineSpan,
  want: number,
  most: number,
): Promise<TimelinePart> => {
  // One more to detect a next page, and one for the upper end of BETWEEN, which is the last item of the previous page.
  const count = shareOf(others.length === 0 ? want + 2 : most, driver.partitions)
  const reads = await Promise.all(
    driver.names.flatMap((name) =>
      driver.partitions.map((partition) => readIndex(table, name, partition, others, span, count)),
    ),
  )
  // Results are complete only down to the highest position at which a read stopped: below it, one index may have unread items.
  const stops = reads.flatMap(({ stoppedAt }) => (stoppedAt === null ? [] : [stoppedAt]))
  const floor = stops.toSorted().at(-1) ?? null
  const found = new Map(reads.flatMap(({ entries }) => entries).map((entry) => [entry.position, entry]))
  const complete = [...found.values()]
    .filter(({ position }) => position < span.below && (floor === null || position >= floor))
    .toSorted((one, other) => (one.position < other.position ? 1 : -1))
  const entries = complete.slice(0, want)
  return { entries, next: complete.length > want ? (entries.at(-1)?.position ?? null) : floor }
}

const readIndex = async (
  table: Table,
  name: TimelineName,
  partition: string,
  others: readonly TimelineTerm[],
  { from, below }: TimelineSpan,
  count: number,
): Promise<IndexRead> => {
  const values = Object.fromEntries(
    others.flatMap(({ partitions }, index) => partitions.map((one, at) => [`:other${index}at${at}`, one])),
  )
  const conditions = others.map(({ names, partitions }, index) => {
    const among = partitions.map((_one, at) => `:other${index}at${at}`).join(', ')
    return `(${names.map((other) => `${other} IN (${among})`).join(' OR ')})`
  })
  try {
    const answer = await table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        IndexName: name,
        ScanIndexForward: false,
        KeyConditionExpression: '#partition = :partition AND #position BETWEEN :from AND :below',
        ExpressionAttributeNames: { '#partition': name, '#position': tableSchema.timelines.sortKey },
        ExpressionAttributeValues: { ':partition': partition, ':from': from, ':below': below, ...values },
        ...(conditions.length === 0 ? {} : { FilterExpression: conditions.join(' AND ') }),
        Limit: count,
      }),
    )
    return {
      entries: (answer.Items ?? []).map(entryOf),
      stoppedAt: answer.LastEvaluatedKey === undefined ? null : entryOf(answer.LastEvaluatedKey).position,
    }
  } catch (cause) {
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
  }
}

const entryOf = (item: Readonly<Record<string, unknown>>): TimelineEntry => ({
  pk: String(item[tableSchema.partitionKey]),
  sk: String(item[tableSchema.sortKey]),
  position: String(item[tableSchema.timelines.sortKey]),
})
