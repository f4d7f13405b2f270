import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import type { RawItem } from '../table/read.ts'
import { readPages } from '../table/read.ts'
import { itemKinds } from '../table/schema.ts'
import { setFields } from '../table/update-expression.ts'
import type { UsageRow } from './stored-usage.ts'
import { StoredUsage, usageKeptDays, usageShards } from './stored-usage.ts'
import type { HourlyCount, UsagePart } from './usage-parts.ts'
import { dayMilliseconds, startOfHour } from './usage-parts.ts'

/** Replaces the row by a newer state of it; leaves one that is as new. */
export const writeUsage = async (table: Table, row: UsageRow): Promise<void> => {
  const { organizationId, id, hour, decisions, counts } = row
  const shard = [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % usageShards
  const callers = Map.groupBy(counts, ({ userId, credential }) => `${userId} ${credential}`)
  const fields: Omit<StoredUsage, 'pk' | 'sk'> = {
    kind: itemKinds.usage,
    decisions,
    callers: [...callers.values()].flatMap((own) =>
      own[0] === undefined
        ? []
        : [
            [
              own[0].userId,
              own[0].credential,
              own.map(({ api, endpoint, reason, count }) => [api, endpoint, reason, count]),
            ],
          ],
    ),
    expiresAtSeconds: Date.parse(`${hour}:00:00Z`) / 1000 + usageKeptDays * 86_400,
  }
  const { set, names, values } = setFields(fields)
  const isNewer = 'attribute_not_exists(pk) OR #decisions < :decisions'
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keys.usage(organizationId, hour, shard, id),
        UpdateExpression: set,
        ConditionExpression: isNewer,
        ExpressionAttributeNames: { ...names, '#decisions': 'decisions' },
        ExpressionAttributeValues: { ...values, ':decisions': decisions },
      }),
    )
  } catch (fault) {
    if (!(fault instanceof ConditionalCheckFailedException)) throw fault
  }
}

/** A shard of a day while it is read. */
type Shard = {
  readonly pages: AsyncIterator<RawItem[]>
  /** Rows of hours that are not read whole. */
  rows: (StoredUsage & { readonly hour: string })[]
  /** Nothing is left to read of the hours before this one; null = of the whole day. */
  reached: string | null
}

/**
 * The counts of a day from an hour on, in parts. Reads the next pages, of at most 1 MB for each shard, when the next part is asked for.
 *
 * @param firstHour `2026-11-21T09`, UTC
 * @throws DomainError temporarily_unavailable
 */
export async function* readUsageDay(
  table: Table,
  organizationId: OrganizationId,
  firstHour: string,
): AsyncGenerator<UsagePart> {
  const day = firstHour.slice(0, 10)
  const shards = Array.from({ length: usageShards }, (_, shard): Shard => {
    const partition = keys.usageDay(organizationId, day, shard)
    return { pages: readPages(table, { ...partition, skFrom: firstHour }), rows: [], reached: firstHour }
  })
  let until = firstHour
  while (shards.some(({ reached }) => reached !== null)) {
    // The others have read further.
    await Promise.all(shards.filter(({ reached }) => reached === until).map(readOn))
    const reached = shards.flatMap((shard) => shard.reached ?? []).toSorted()[0] ?? null
    if (reached === until) continue
    const isWhole = ({ hour }: { hour: string }): boolean => reached === null || hour < reached
    const rows = shards.flatMap((shard) => shard.rows.filter(isWhole))
    for (const shard of shards) shard.rows = shard.rows.filter((row) => !isWhole(row))
    yield {
      counts: rows.toSorted((one, other) => (one.hour < other.hour ? -1 : 1)).flatMap(countsOf),
      until: reached === null ? Date.parse(day) + dayMilliseconds : startOfHour(reached),
    }
    if (reached !== null) until = reached
  }
}

const readOn = async (shard: Shard): Promise<void> => {
  const { done, value: items = [] } = await shard.pages.next()
  for (const item of items) {
    const row = StoredUsage.parse(item)
    shard.rows.push({ ...row, hour: row.sk.slice(0, row.sk.indexOf('#')) })
  }
  shard.reached = done ? null : (shard.rows.at(-1)?.hour ?? shard.reached)
}

const countsOf = ({ hour, callers }: StoredUsage & { readonly hour: string }): HourlyCount[] =>
  callers.flatMap(([userId, credential, counts]) =>
    counts.map(([api, endpoint, reason, count]) => ({
      ...{ hour, userId, credential, api, endpoint, reason, count },
    })),
  )
