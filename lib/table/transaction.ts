import { setTimeout as wait } from 'node:timers/promises'
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from './document-client.ts'
import type { Key } from './keys.ts'
import type { Condition, Item, StoredItem } from './stored-item.ts'

/**
 * One write of a transaction. `label` identifies it in the outcome. With `dropOnConflict` it is left out if a concurrent transaction
 * writes its item: for writes that many requests make alike and of which one is enough. With `dropIfRefused` it is left out if its
 * condition refuses the item that is there, and not if there is none.
 */
export type Write = {
  readonly label: string
  readonly dropOnConflict?: true
  readonly dropIfRefused?: true
  /** An update that makes room where this write is throttled. It is made by itself, before the next attempt. */
  readonly ifThrottled?: Write
} & (
  | ({ readonly put: StoredItem } & Condition)
  | ({ readonly update: Key; readonly set: string } & Condition)
  | ({ readonly delete: Key } & Condition)
  | ({ readonly check: Key } & Condition)
)

export type TransactionOutcome =
  /** `dryRun`: all conditions hold, and nothing was written. */
  | { readonly committed: true; readonly dryRun?: true }
  /** The label of the first write whose condition failed, and the item that it found. */
  | { readonly committed: false; readonly failed: string; readonly found: Item | undefined }

/** Runs one transaction. `answer` is stored with it for repetitions of the request (Idempotency-Key). */
export type WriteTransaction = (writes: readonly Write[], answer?: unknown) => Promise<TransactionOutcome>

export const notExists = 'attribute_not_exists(pk)'
export const exists = 'attribute_exists(pk)'

/** Conflicts last milliseconds; forty concurrent transactions on one item finish within a few attempts. */
export const conflictAttempts = 10
/** Exponential backoff with full jitter: at most 2.4 s in total, half of that on average. */
const firstPauseMilliseconds = 15
const longestPauseMilliseconds = 500

/** @param attempt the number of the write that was refused because of a concurrent transaction, from 1 */
export const waitAfterConflict = async ({ chance }: Table, attempt: number): Promise<void> => {
  await wait(Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** (attempt - 1)) * chance())
}

/**
 * Makes all of the writes or none. Returns a failed condition as a value and retries conflicts with concurrent transactions.
 *
 * @throws DomainError temporarily_unavailable, with nothing written (or, after a lost response, everything)
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
        if (failed.dropIfRefused === true && item !== undefined) {
          wanted = wanted.filter((write) => write !== failed)
          continue
        }
        return {
          committed: false,
          failed: failed.label,
          found: item === undefined ? undefined : unmarshall(item),
        }
      }
      const isTransient = reasons.some((reason) => transientCodes.has(reason.Code ?? ''))
      if (!isTransient || attempt >= conflictAttempts) throw unavailable(error)
      const throttled = wanted.filter((_write, index) => throttlingCodes.has(reasons[index]?.Code ?? ''))
      wanted = wanted.filter(
        ({ dropOnConflict }, index) =>
          dropOnConflict !== true || reasons[index]?.Code !== 'TransactionConflict',
      )
      await Promise.all(throttled.map(({ ifThrottled }) => makeRoom(table, ifThrottled)))
      await waitAfterConflict(table, attempt)
    }
  }
}

/** Of use to later transactions: this one repeats its writes as they are, and says itself if they fail. */
const makeRoom = async (table: Table, write: Write | undefined): Promise<void> => {
  if (write === undefined) return
  const { Update } = toTransactItem(table.tableName, write)
  if (Update !== undefined) await table.client.send(new UpdateCommand(Update)).catch(() => undefined)
}

const throttlingCodes = new Set(['ThrottlingError', 'ProvisionedThroughputExceeded'])
const transientCodes = new Set(['TransactionConflict', ...throttlingCodes])

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
