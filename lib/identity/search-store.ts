import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import type { WordName } from '../table/schema.ts'
import { tableSchema } from '../table/schema.ts'

/** A member at one of its search words. @property position as in `wordPosition`. */
export type WordEntry = { readonly position: string; readonly userId: UserId }

export type WordQuery = {
  /** A folded word or the beginning of one. */
  readonly prefix: string
  /** Only entries after this position. */
  readonly after: string | null
  readonly count: number
  readonly isDescending: boolean
}

/** Greater than every text that begins with the prefix, in the order of DynamoDB. */
const endOf = (prefix: string): string => `${prefix}\u{10ffff}`

/** DynamoDB orders texts by their UTF-8 bytes; JavaScript's `<` differs beyond U+FFFF. */
const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other))

/**
 * The members of an organization with a search word that begins with the prefix, by word and then by username; a member is there once for
 * each such word. Reads six indexes, which are eventually consistent.
 *
 * @returns `next` = the position after which more can be; null at the end
 * @throws DomainError temporarily_unavailable
 */
export const readWords = async (
  table: Table,
  organizationId: OrganizationId,
  query: WordQuery,
): Promise<{ entries: WordEntry[]; next: string | null }> => {
  const order = query.isDescending ? -1 : 1
  const reads = await Promise.all(
    tableSchema.words.names.map((name) => readIndex(table, organizationId, name, query)),
  )
  // Complete only to the first position at which a read stopped: behind it, one index may have unread entries.
  const [stop = null] = reads
    .flatMap(({ stoppedAt }) => (stoppedAt === null ? [] : [stoppedAt]))
    .toSorted((one, other) => order * byBytes(one, other))
  const complete = reads
    .flatMap(({ entries }) => entries)
    .filter(({ position }) => stop === null || order * byBytes(position, stop) <= 0)
    .toSorted((one, other) => order * byBytes(one.position, other.position))
    // While the indexes follow a change at different times, two can have the same word of a user.
    .filter(
      ({ position, userId }, index, all) =>
        position !== all[index - 1]?.position || userId !== all[index - 1]?.userId,
    )
  const entries = complete.slice(0, query.count)
  return { entries, next: complete.length > query.count ? (entries.at(-1)?.position ?? null) : stop }
}

type IndexRead = { readonly entries: readonly WordEntry[]; readonly stoppedAt: string | null }

const readIndex = async (
  table: Table,
  organizationId: OrganizationId,
  name: WordName,
  { prefix, after, count, isDescending }: WordQuery,
): Promise<IndexRead> => {
  const [from, to] = isDescending ? [prefix, after ?? endOf(prefix)] : [after ?? prefix, endOf(prefix)]
  try {
    const answer = await table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        IndexName: name,
        KeyConditionExpression: '#partition = :organization AND #word BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#partition': tableSchema.words.partitionKey, '#word': name },
        ExpressionAttributeValues: {
          ':organization': keys.directory(organizationId, '').directoryPk,
          ':from': from,
          ':to': to,
        },
        ScanIndexForward: !isDescending,
        // BETWEEN includes the entry after which the page begins.
        Limit: count + 1,
      }),
    )
    const stoppedAt = answer.LastEvaluatedKey?.[name]
    return {
      entries: (answer.Items ?? [])
        .map((item) => ({ position: String(item[name]), userId: UserId.parse(item['userId']) }))
        .filter(({ position }) => position !== after),
      stoppedAt: stoppedAt === undefined ? null : String(stoppedAt),
    }
  } catch (cause) {
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
  }
}
