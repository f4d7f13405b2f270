import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { RateCounter } from './rate-limiter.ts'

/** A container whose clock is behind must still find the counter of its window. */
const keptAfterEndSeconds = 600

/**
 * Adds tokens to a counter and returns what it stands at then: one atomic write. A write that was repeated after a lost reply counts
 * twice, which only ever gives less.
 *
 * @param patienceMilliseconds after which it fails: a request waits for it
 */
export const leaseTokens = async (
  table: Table,
  counter: RateCounter,
  tokens: number,
  patienceMilliseconds: number,
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
    { abortSignal: AbortSignal.timeout(patienceMilliseconds) },
  )
  const leased: unknown = answer.Attributes?.['leased']
  if (typeof leased !== 'number' || !Number.isSafeInteger(leased))
    throw new Error('a rate counter holds no number')
  return leased
}
