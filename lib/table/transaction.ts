import { setTimeout as wait } from 'node:timers/promises'
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from './document-client.ts'
import type { Key } from './keys.ts'

export type Item = Readonly<Record<string, unknown>>

export type Condition = {
  readonly condition?: string
  readonly names?: Readonly<Record<string, string>>
  readonly values?: Item
}

/**
 * One write of a transaction. `label` names it in the outcome, so that nobody counts positions. One that `givesWay` is left out when
 * another transaction is at its item: for what many write alike, where one of them is enough.
 */
export type Write = { readonly label: string; readonly givesWay?: true } & (
  | ({ readonly put: Item } & Condition)
  | ({ readonly update: Key; readonly set: string } & Condition)
  | ({ readonly delete: Key } & Condition)
  | ({ readonly check: Key } & Condition)
)

export type TransactionOutcome =
  /** `withheld` in a dry run: all conditions hold, and nothing was written. */
  | { readonly committed: true; readonly withheld?: true }
  /** The first write, in the order given, whose condition failed, and the item that stood there. */
  | { readonly committed: false; readonly failed: string; readonly found: Item | undefined }

/** One transaction. `answer` is what comes of it if it commits, kept for whoever repeats the request. */
export type WriteTransaction = (writes: readonly Write[], answer?: unknown) => Promise<TransactionOutcome>

export const notExists = 'attribute_not_exists(pk)'
export const exists = 'attribute_exists(pk)'

/** Conflicts with another transaction pass in milliseconds; forty racers on one item are through after a few rounds. */
const conflictAttempts = 10
/** The longest pause after the first attempt, and after any: below 2.4 s in all, on average half of that. */
const firstPauseMilliseconds = 15
const longestPauseMilliseconds = 500

/**
 * All of the writes, or none. A failed condition is a value; a conflict with a transaction under way is tried again, after a
 * pause by chance (those who met would else meet again);
 * anything else is `temporarily_unavailable`, with nothing written (or, after a lost reply, everything).
 */
export const writeTransaction = async (
  table: Table,
  writes: readonly Write[],
): Promise<TransactionOutcome> => {
  let wanted = writes
  for (let attempt = 1; ; attempt += 1) {
    try {
      const TransactItems = wanted.map((write) => toTransactItem(table.tableName, write))
      await table.client.send(new TransactWriteCommand({ TransactItems }))
      return { committed: true }
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw unavailable(error)
      const reasons = error.CancellationReasons ?? []
      const failedAt = reasons.findIndex((reason) => reason.Code === 'ConditionalCheckFailed')
      const failed = wanted[failedAt]
      if (failed !== undefined) {
        const item = reasons[failedAt]?.Item
        return {
          committed: false,
          failed: failed.label,
          found: item === undefined ? undefined : unmarshall(item),
        }
      }
      const mayPass = reasons.some((reason) => passing.has(reason.Code ?? ''))
      if (!mayPass || attempt >= conflictAttempts) throw unavailable(error)
      wanted = wanted.filter(
        ({ givesWay }, index) => givesWay !== true || reasons[index]?.Code !== 'TransactionConflict',
      )
      await wait(
        Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** (attempt - 1)) * table.chance(),
      )
    }
  }
}

const passing = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])

const unavailable = (cause: unknown): DomainError =>
  new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })

const toTransactItem = (TableName: string, write: Write) => {
  const conditional = {
    TableName,
    ...(write.condition === undefined ? {} : { ConditionExpression: write.condition }),
    ...(write.names === undefined ? {} : { ExpressionAttributeNames: { ...write.names } }),
    ...(write.values === undefined ? {} : { ExpressionAttributeValues: { ...write.values } }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  }
  if ('put' in write) return { Put: { ...conditional, Item: { ...write.put } } }
  if ('update' in write) return { Update: { ...conditional, Key: write.update, UpdateExpression: write.set } }
  if ('delete' in write) return { Delete: { ...conditional, Key: write.delete } }
  return {
    ConditionCheck: { ...conditional, Key: write.check, ConditionExpression: write.condition ?? exists },
  }
}
