import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { CountedAttempt, ThrottleRule } from './throttle-rule.ts'
import { throttleSubject, windowAt } from './throttle-rule.ts'

/** Counts one attempt and returns the new count of the window. One atomic write, so that concurrent attempts cannot get the same count (L3). */
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

/**
 * Undoes the count of one attempt, e.g. after a correct password. A row that DynamoDB has deleted since its window ended is not
 * written again: it would have no expiry.
 */
export const uncountAttempt = async (table: Table, { rule, subject, at }: CountedAttempt): Promise<void> => {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keys.throttle(throttleSubject(rule, subject), windowAt(rule, at).startSeconds),
        UpdateExpression: 'ADD attempts :step',
        ConditionExpression: 'attempts > :zero',
        ExpressionAttributeValues: { ':step': -1, ':zero': 0 },
      }),
    )
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw unavailable(cause)
  }
}

const unavailable = (cause: unknown): DomainError =>
  new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
