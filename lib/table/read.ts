import { setTimeout as wait } from 'node:timers/promises'
import { BatchGetCommand, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import { oncePer } from '../effects/once-per.ts'
import type { Table } from './document-client.ts'
import type { Key } from './keys.ts'

export type RawItem = Record<string, unknown>

const unavailable = (cause: unknown): DomainError =>
  new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })

const attempt = <T>(read: () => Promise<T>): Promise<T> =>
  read().catch((error) => {
    throw unavailable(error)
  })

/** One item, strongly consistent. */
export const readItem = (table: Table, key: Key): Promise<RawItem | undefined> =>
  attempt(async () => {
    const answer = await table.client.send(
      new GetCommand({ TableName: table.tableName, Key: key, ConsistentRead: true }),
    )
    return answer.Item
  })

const maximumRounds = 5
const firstPauseMilliseconds = 50
/**
 * After the first round that was not whole. Each round may hold the client's own attempts and their pauses, 1.5 s with the SDK: without
 * this limit five of them outlast the function's 10 s, and the authorizer's 5 s.
 */
const repeatMilliseconds = 1000

/** Thrown if a partition is read faster than DynamoDB allows, and the SDK's own attempts met the same. */
const isThrottled = (error: unknown): boolean =>
  error instanceof Error &&
  /^(ProvisionedThroughputExceeded|Throttling|RequestLimitExceeded)/.test(error.name)

/**
 * Up to 100 items by exact key in one strongly consistent call, in the order of `wanted`; undefined for items that do not exist.
 * Reads throttled and unprocessed keys again for up to a second, after pauses by chance, so that containers that start together do not
 * meet again. Fails if some stay unread, so that an unread item never counts as missing.
 *
 * @param attributes the only ones to read, with `pk` and `sk`; by default all. They cost as many read units.
 */
export const readItems = (
  table: Table,
  wanted: readonly Key[],
  attributes?: readonly string[],
): Promise<(RawItem | undefined)[]> =>
  attempt(async () => {
    const projection = attributes === undefined ? {} : projectionOf(attributes)
    const found: RawItem[] = []
    let left: Record<string, unknown>[] = wanted.map((key) => ({ ...key }))
    let late: AbortSignal | undefined
    const isLast = (round: number): boolean => round + 1 === maximumRounds || late?.aborted === true
    for (let round = 0; left.length > 0; round += 1) {
      if (round > 0) await wait(firstPauseMilliseconds * 2 ** (round - 1) * table.chance())
      try {
        const answer = await table.client.send(
          new BatchGetCommand({
            RequestItems: { [table.tableName]: { ...projection, Keys: left, ConsistentRead: true } },
          }),
        )
        found.push(...(answer.Responses?.[table.tableName] ?? []))
        left = answer.UnprocessedKeys?.[table.tableName]?.Keys ?? []
      } catch (error) {
        if (isLast(round) || !isThrottled(error)) throw error
      }
      if (left.length > 0 && isLast(round)) throw new Error('DynamoDB left keys unread')
      if (left.length > 0) late ??= AbortSignal.timeout(repeatMilliseconds)
    }
    return wanted.map(({ pk, sk }) => found.find((item) => item['sk'] === sk && item['pk'] === pk))
  })

/** By other names, since many words are reserved. */
const projectionOf = oncePer((attributes: readonly string[]) => {
  const names = new Map(attributes.map((attribute, index) => [`#${index}`, attribute]))
  return {
    ProjectionExpression: [...names.keys()].join(),
    ExpressionAttributeNames: Object.fromEntries(names),
  }
})

const mostKeysPerCall = 100

/** `readItems` for any number of keys. */
export const readManyItems = async (
  table: Table,
  wanted: readonly Key[],
): Promise<(RawItem | undefined)[]> => {
  const found: (RawItem | undefined)[] = []
  for (let from = 0; from < wanted.length; from += mostKeysPerCall)
    found.push(...(await readItems(table, wanted.slice(from, from + mostKeysPerCall))))
  return found
}

type Range = {
  readonly pk: string
  readonly skPrefix?: string
  /** Reads from this sort key on. */
  readonly skFrom?: string
}

type Filter = { readonly FilterExpression: string; readonly values: Readonly<Record<string, unknown>> }

/** The items of a partition, or those whose sort keys begin with `skPrefix` or follow `skFrom`, in pages of at most 1 MB. Strongly consistent. */
export async function* readPages(table: Table, range: Range, filter?: Filter): AsyncGenerator<RawItem[]> {
  let from: Record<string, unknown> | undefined
  const { condition, values } = conditionOf(range)
  do {
    const answer = await attempt(() =>
      table.client.send(
        new QueryCommand({
          TableName: table.tableName,
          ConsistentRead: true,
          KeyConditionExpression: condition,
          ...(filter === undefined ? {} : { FilterExpression: filter.FilterExpression }),
          ExpressionAttributeValues: { ...values, ...filter?.values },
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      ),
    )
    yield answer.Items ?? []
    from = answer.LastEvaluatedKey
  } while (from !== undefined)
}

const conditionOf = ({ pk, skPrefix, skFrom }: Range) => {
  const values = { ':pk': pk }
  if (skPrefix !== undefined)
    return {
      condition: 'pk = :pk AND begins_with(sk, :prefix)',
      values: { ...values, ':prefix': skPrefix },
    }
  if (skFrom !== undefined)
    return { condition: 'pk = :pk AND sk >= :from', values: { ...values, ':from': skFrom } }
  return { condition: 'pk = :pk', values }
}

/** All items of a partition, or those whose sort keys begin with `skPrefix`. Strongly consistent; reads all pages. */
export const readCollection = async (table: Table, range: Range): Promise<RawItem[]> => {
  const items: RawItem[] = []
  for await (const page of readPages(table, range)) items.push(...page)
  return items
}
