import { ConditionalCheckFailedException, TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { conflictAttempts, waitAfterConflict } from '../table/transaction.ts'
import { spending } from './spend-write.ts'
import type { CountedAttempt, ThrottleRule } from './throttle-rule.ts'

/**
 * Uses one of the attempts that a rule allows; false if none is left. Idempotent per `id` and window: repeated and concurrent calls with
 * the same id count once and get the same result. The row stores the ids, so this is for rules with few attempts.
 */
export const spendOnce = async (
  table: Table,
  attempt: CountedAttempt<ThrottleRule>,
  id: string,
): Promise<boolean> => {
  const { update, set, condition, values } = spending(attempt, id)
  const command = new UpdateCommand({
    TableName: table.tableName,
    Key: update,
    UpdateExpression: set,
    ConditionExpression: condition,
    ExpressionAttributeValues: values,
  })
  for (let tried = 1; ; tried += 1) {
    try {
      await table.client.send(command)
      return true
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return false
      // `spendWrite` is part of a transaction.
      if (!(cause instanceof TransactionConflictException) || tried >= conflictAttempts)
        throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
      await waitAfterConflict(table, tried)
    }
  }
}
