import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { RateCounter } from './rate-limiter.ts'

/** Tolerance for containers whose clocks are behind. */
const keptAfterEndSeconds = 600

/**
 * Adds tokens to a counter atomically and returns its new value. A retry after a lost response counts twice, so it never grants more
 * than the limit.
 *
 * @param timeoutMilliseconds a request waits for the result
 */
export const leaseTokens = async (
  table: Table,
  counter: RateCounter,
  tokens: number,
  timeoutMilliseconds: number,
): Promise<number> => {
  const answer = await table.client.send(
    new UpdateCommand({
      TableName: table.tableName,
      Key: keys.rateCounter(counter, counter.window.startSeconds),
      UpdateExpression: 'ADD leased :tokens SET kind = :kind, expiresAtSeconds = :expiry',
      ExpressionAttributeValues: {
        ':tokens': tokens,
        ':kind': itemKinds.rateCounter,
        ':expiry': counter.window.endSeconds + keptAfterEndSeconds,
      },
      ReturnValues: 'UPDATED_NEW',
    }),
    { abortSignal: AbortSignal.timeout(timeoutMilliseconds) },
  )
  const leased: unknown = answer.Attributes?.['leased']
  if (typeof leased !== 'number' || !Number.isSafeInteger(leased))
    throw new Error('a rate counter is not a whole number')
  return leased
}
