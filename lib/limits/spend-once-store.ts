import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { CountedAttempt, ThrottleRule } from './throttle-rule.ts'
import { throttleSubject, windowAt } from './throttle-rule.ts'

/**
 * Uses one of the attempts that a rule allows; false if none is left. Idempotent per `id` and window: repeated and concurrent calls with
 * the same id count once and get the same result. The row stores the ids, so this is for rules with few attempts.
 */
export const spendOnce = async (
  table: Table,
  { rule, subject, at }: CountedAttempt<ThrottleRule>,
  id: string,
): Promise<boolean> => {
  const window = windowAt(rule, at)
  const isFirst = 'attribute_not_exists(spentBy)'
  const isCounted = 'contains(spentBy, :id)'
  const isOneLeft = 'size(spentBy) < :most'
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keys.throttle(throttleSubject(rule, subject), window.startSeconds),
        UpdateExpression: 'ADD spentBy :ids SET kind = :kind, expiresAtSeconds = :expiry',
        ConditionExpression: `${isFirst} OR ${isCounted} OR ${isOneLeft}`,
        ExpressionAttributeValues: {
          ':id': id,
          ':ids': new Set([id]),
          ':most': rule.attempts,
          ':kind': itemKinds.throttle,
          ':expiry': window.endSeconds,
        },
      }),
    )
    return true
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return false
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
  }
}
