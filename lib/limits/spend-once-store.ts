import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { CountedAttempt } from './throttle-rule.ts'
import { throttleSubject, windowAt } from './throttle-rule.ts'

/**
 * Spends one of the attempts that a rule allows, and tells whether there was one. What the attempt is for has an id: however often
 * it is delivered, at the same time even, it is counted once and gets the same answer in a window. For rules of a few attempts only,
 * since the row holds the ids.
 */
export const spendOnce = async (
  table: Table,
  { rule, subject, at }: CountedAttempt,
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
