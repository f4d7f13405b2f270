import { ConditionalCheckFailedException, TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { itemKinds } from '../table/schema.ts'
import { conflictAttempts, waitAfterConflict } from '../table/transaction.ts'
import type { Guess, GuessRow } from './guess.ts'

/**
 * Decides whether the outcome of a guess may be told: only while every count of the row is below its limit. A wrong guess adds itself to
 * all of them, a right one to none. Both are one UpdateItem of the same row under the same condition, so the order in which DynamoDB
 * takes concurrent guesses does not depend on which of them is right: of any number, as many are told as if they came one by one (L3).
 *
 * @returns false if a count is full: nothing was counted, and the caller must answer right and wrong guesses alike.
 * @throws DomainError temporarily_unavailable
 */
export const admitGuess = async (table: Table, row: GuessRow, guess: Guess): Promise<boolean> => {
  const counts = row.counts.map(({ attribute, most }, at) => ({
    name: `#c${at}`,
    limit: `:m${at}`,
    attribute,
    most,
  }))
  const added = counts.map(({ name }) => `${name} :mine`).join(', ')
  const room = counts.map(({ name, limit }) => `(attribute_not_exists(${name}) OR size(${name}) < ${limit})`)
  const update = new UpdateCommand({
    TableName: table.tableName,
    Key: row.key,
    UpdateExpression: `SET kind = :kind, expiresAtSeconds = :expiry${guess.isWrong ? ` ADD ${added}` : ''}`,
    // The SDK repeats a write whose response was lost.
    ConditionExpression: `contains(#c0, :id) OR ${room.join(' AND ')}`,
    ExpressionAttributeNames: Object.fromEntries(counts.map(({ name, attribute }) => [name, attribute])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(counts.map(({ limit, most }) => [limit, most])),
      ':id': guess.id,
      ':kind': itemKinds.throttle,
      ':expiry': row.expiresAtSeconds,
      ...(guess.isWrong ? { ':mine': new Set([guess.id]) } : {}),
    },
  })
  for (let attempt = 1; ; attempt += 1) {
    try {
      await table.client.send(update)
      return true
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return false
      // A login that succeeds resets a count in a transaction.
      if (!(cause instanceof TransactionConflictException) || attempt >= conflictAttempts)
        throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
      await waitAfterConflict(table, attempt)
    }
  }
}
