import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readCollection } from '../table/read.ts'
import { itemKinds } from '../table/schema.ts'
import { setFields } from '../table/update-expression.ts'
import type { HourlyCount } from './read-usage.ts'
import type { UsageRow } from './stored-usage.ts'
import { StoredUsage, usageKeptDays, usageShards } from './stored-usage.ts'

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

/** All counts of a day. @param day `2026-11-21`, UTC. @throws DomainError temporarily_unavailable */
export const readUsageDay = async (
  table: Table,
  organizationId: OrganizationId,
  day: string,
): Promise<HourlyCount[]> => {
  const shards = Array.from({ length: usageShards }, (_, shard) => keys.usageDay(organizationId, day, shard))
  const items = await Promise.all(shards.map((shard) => readCollection(table, shard)))
  return items.flat().flatMap((item) => {
    const { sk, callers } = StoredUsage.parse(item)
    const hour = sk.slice(0, sk.indexOf('#'))
    return callers.flatMap(([userId, credential, counts]) =>
      counts.map(([api, endpoint, reason, count]) => ({
        ...{ hour, userId, credential, api, endpoint, reason, count },
      })),
    )
  })
}
