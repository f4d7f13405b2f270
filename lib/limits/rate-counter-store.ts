import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { BatchGetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { RateCounter } from './rate-limiter.ts'

/** Tolerance for containers whose clocks are behind. */
const keptAfterEndSeconds = 600

const keyOf = (counter: RateCounter): Key => keys.rateCounter(counter, counter.window.startSeconds)

/**
 * Adds tokens to a counter atomically and returns its new value. A retry after a lost response counts twice, so it never grants more
 * than the limit.
 *
 * @param timeoutMilliseconds a request waits for the result
 */
export const leaseTokens = (
  table: Table,
  counter: RateCounter,
  tokens: number,
  timeoutMilliseconds: number,
): Promise<number> => add(table, counter, tokens, timeoutMilliseconds, {})

/** The same, or null and nothing added if the new value were above `most`. */
export const leaseEarly = async (
  table: Table,
  counter: RateCounter,
  tokens: number,
  most: number,
  timeoutMilliseconds: number,
): Promise<number | null> => {
  try {
    return await add(table, counter, tokens, timeoutMilliseconds, { ':before': most - tokens })
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return null
    throw cause
  }
}

const add = async (
  table: Table,
  counter: RateCounter,
  tokens: number,
  timeoutMilliseconds: number,
  bound: { readonly ':before'?: number },
): Promise<number> => {
  const answer = await table.client.send(
    new UpdateCommand({
      TableName: table.tableName,
      Key: keyOf(counter),
      UpdateExpression: 'ADD leased :tokens SET kind = :kind, expiresAtSeconds = :expiry',
      ...(':before' in bound
        ? { ConditionExpression: 'attribute_not_exists(leased) OR leased <= :before' }
        : {}),
      ExpressionAttributeValues: {
        ':tokens': tokens,
        ':kind': itemKinds.rateCounter,
        ':expiry': counter.window.endSeconds + keptAfterEndSeconds,
        ...bound,
      },
      ReturnValues: 'UPDATED_NEW',
    }),
    { abortSignal: AbortSignal.timeout(timeoutMilliseconds) },
  )
  return wholeNumber(answer.Attributes?.['leased'])
}

/** The values of up to 100 counters, in their order; 0 for one that DynamoDB leaves unread, whose next lease tells its value. */
export const readCounters = async (
  table: Table,
  counters: readonly RateCounter[],
  timeoutMilliseconds: number,
): Promise<number[]> => {
  const wanted = counters.map(keyOf)
  const answer = await table.client.send(
    new BatchGetCommand({ RequestItems: { [table.tableName]: { Keys: wanted, ConsistentRead: true } } }),
    { abortSignal: AbortSignal.timeout(timeoutMilliseconds) },
  )
  const items = new Map(answer.Responses?.[table.tableName]?.map((item) => [item['pk'], item]))
  return wanted.map(({ pk }) => wholeNumber(items.get(pk)?.['leased'] ?? 0))
}

const wholeNumber = (leased: unknown): number => {
  if (typeof leased !== 'number' || !Number.isSafeInteger(leased))
    throw new Error('a rate counter is not a whole number')
  return leased
}
