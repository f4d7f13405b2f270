import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { ReservedAttempt, ThrottleRule } from './throttle-rule.ts'
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

/**
 * Takes one of the attempts that a rule allows, under the condition that there is one: however many ask at the same time, there are
 * never more under way and failed together (L3).
 *
 * @returns `under_way` when some of those taken may come back, `spent` when all of them failed
 */
export const reserveAttempt = async (
  table: Table,
  { rule, subject, at }: ReservedAttempt,
): Promise<'reserved' | 'under_way' | 'spent'> => {
  const window = windowAt(rule, at)
  const isOneLeft = 'attribute_not_exists(attempts) OR attempts < :most'
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keys.throttle(throttleSubject(rule, subject), window.startSeconds),
        UpdateExpression: 'ADD attempts :one SET kind = :kind, expiresAtSeconds = :expiry',
        ConditionExpression: isOneLeft,
        ExpressionAttributeValues: {
          ':one': 1,
          ':most': rule.attempts,
          ':kind': itemKinds.throttle,
          ':expiry': window.endSeconds,
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    )
    return 'reserved'
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw unavailable(cause)
    const failed = Number(cause.Item?.['failed']?.N ?? 0)
    return failed >= rule.attempts ? 'spent' : 'under_way'
  }
}

/** A reserved attempt stays used up; those who wait need not wait for it. */
export const failAttempt = (table: Table, attempt: ReservedAttempt): Promise<void> =>
  add(table, attempt, 'failed', 1)

/** Gives one attempt back, e.g. after a login that succeeded. */
export const returnAttempt = (table: Table, attempt: ReservedAttempt): Promise<void> =>
  add(table, attempt, 'attempts', -1)

const add = async (
  table: Table,
  { rule, subject, at }: ReservedAttempt,
  count: 'attempts' | 'failed',
  step: 1 | -1,
): Promise<void> => {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keys.throttle(throttleSubject(rule, subject), windowAt(rule, at).startSeconds),
        UpdateExpression: 'ADD #count :step',
        ExpressionAttributeNames: { '#count': count },
        ExpressionAttributeValues: { ':step': step },
      }),
    )
  } catch (cause) {
    throw unavailable(cause)
  }
}

const unavailable = (cause: unknown): DomainError =>
  new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
