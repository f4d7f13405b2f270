import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { CountedAttempt, InARowRule, ThrottleRule } from './throttle-rule.ts'
import { inARowEnd, throttleSubject, windowAt } from './throttle-rule.ts'

/** Counts one attempt and returns the new count, of the window or in a row. One atomic write, so that concurrent attempts cannot get the same count (L3). */
export const countAttempt = async (
  table: Table,
  rule: ThrottleRule | InARowRule,
  subject: string,
  now: number,
): Promise<number> => {
  try {
    const answer = await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keyOf({ rule, subject, at: now }),
        UpdateExpression: 'ADD attempts :one SET kind = :kind, expiresAtSeconds = :expiry',
        ExpressionAttributeValues: {
          ':one': 1,
          ':kind': itemKinds.throttle,
          ':expiry': rule.windowSeconds === null ? inARowEnd(now) : windowAt(rule, now).endSeconds,
        },
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
export const uncountAttempt = (table: Table, attempt: CountedAttempt): Promise<void> =>
  changeCounted(table, attempt, 'ADD attempts :change', -1)

/** Ends a row of failures, after a success. */
export const resetAttempts = (table: Table, rule: InARowRule, subject: string): Promise<void> =>
  changeCounted(table, { rule, subject, at: 0 }, 'SET attempts = :change', 0)

const changeCounted = async (
  table: Table,
  attempt: CountedAttempt,
  UpdateExpression: string,
  change: number,
): Promise<void> => {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keyOf(attempt),
        UpdateExpression,
        ConditionExpression: 'attempts > :zero',
        ExpressionAttributeValues: { ':change': change, ':zero': 0 },
      }),
    )
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw unavailable(cause)
  }
}

const keyOf = ({ rule, subject, at }: CountedAttempt): Key =>
  keys.throttle(
    throttleSubject(rule, subject),
    rule.windowSeconds === null ? null : windowAt(rule, at).startSeconds,
  )

const unavailable = (cause: unknown): DomainError =>
  new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
