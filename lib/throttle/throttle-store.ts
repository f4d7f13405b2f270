import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { ThrottleRule } from './throttle-rule.ts'
import { throttleSubject, windowAt } from './throttle-rule.ts'

/**
 * Counts one attempt and tells how many there were in this window, this one included. One atomic write, so that parallel
 * attempts cannot all see the count from before (L3).
 */
export const countAttempt = async (
  table: Table,
  rule: ThrottleRule,
  subject: string,
  now: number,
): Promise<number> => {
  const window = windowAt(rule, now)
  try {
    const answer = await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keys.throttle(throttleSubject(rule, subject), window.startSeconds),
        UpdateExpression: 'ADD attempts :one SET kind = :kind, expiresAtSeconds = :expiry',
        ExpressionAttributeValues: { ':one': 1, ':kind': itemKinds.throttle, ':expiry': window.endSeconds },
        ReturnValues: 'UPDATED_NEW',
      }),
    )
    return Number(answer.Attributes?.['attempts'])
  } catch (cause) {
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
  }
}

/** Gives one attempt back, e.g. after a login that succeeded. */
export const returnAttempt = async (
  table: Table,
  rule: ThrottleRule,
  subject: string,
  now: number,
): Promise<void> => {
  const window = windowAt(rule, now)
  await table.client.send(
    new UpdateCommand({
      TableName: table.tableName,
      Key: keys.throttle(throttleSubject(rule, subject), window.startSeconds),
      UpdateExpression: 'ADD attempts :minusOne',
      ExpressionAttributeValues: { ':minusOne': -1 },
    }),
  )
}
