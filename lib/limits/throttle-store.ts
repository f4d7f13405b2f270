import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { CountedAttempt, ThrottleRule } from './throttle-rule.ts'
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
    throw unavailable(cause)
  }
}

/** Takes back the count of one attempt, e.g. of a password that was right. */
export const uncountAttempt = async (table: Table, { rule, subject, at }: CountedAttempt): Promise<void> => {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keys.throttle(throttleSubject(rule, subject), windowAt(rule, at).startSeconds),
        UpdateExpression: 'ADD attempts :step',
        ExpressionAttributeValues: { ':step': -1 },
      }),
    )
  } catch (cause) {
    throw unavailable(cause)
  }
}

const unavailable = (cause: unknown): DomainError =>
  new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
