import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { InARow, ReservationOutcome, ReservedAttempt, UnderWay } from './throttle-rule.ts'
import { inARowKey, reservationLifetimeSeconds, throttleSubject, windowAt } from './throttle-rule.ts'

/** The row's content after a failed condition. */
type Found = { readonly failed: number; readonly underWay: readonly string[] }
type UpdateOutcome =
  | { readonly isWritten: true; readonly failed: number }
  | ({ readonly isWritten: false } & Found)

/** TTL deletes a row a year after its last attempt. */
const inARowLifetimeSeconds = 366 * 24 * 3600

/**
 * Reserves one of the attempts that a rule allows. A condition keeps the number of failed and pending attempts within the rule under
 * any concurrency (L3). `attempts` counts both, `failed` the failed ones, and `underWay` holds the ids and times of the pending ones:
 * so a retry by the SDK changes nothing, and a reservation whose function timed out is released for the next caller.
 */
export const reserveAttempt = async (table: Table, attempt: ReservedAttempt): Promise<ReservationOutcome> => {
  const found = await take(table, attempt)
  if (found === 'reserved') return found
  const dead = found.underWay.filter((mark) => isDead(mark, attempt.at))
  if (dead.length > 0) {
    await reclaim(table, attempt, dead)
    const again = await take(table, attempt)
    return again === 'reserved' ? again : refusalOf(again, attempt)
  }
  return refusalOf(found, attempt)
}

/** Counts a reserved attempt as failed. */
export const failAttempt = async (table: Table, attempt: ReservedAttempt): Promise<void> => {
  await settle(table, attempt, 'ADD failed :one DELETE underWay :mine', { ':one': 1 })
}

/** Returns a reserved attempt, e.g. after an error of Postern's own. */
export const returnAttempt = async (table: Table, attempt: ReservedAttempt): Promise<void> => {
  await settle(table, attempt, ...givenBack)
}

/** Returns a reserved attempt that succeeded, and resets the failures of a rule that counts them in a row. */
export const succeedAttempt = async (table: Table, attempt: ReservedAttempt): Promise<void> => {
  const { failed } = await settle(table, attempt, ...givenBack)
  const { rule, subject } = attempt
  if (rule.windowSeconds === null && failed > 0) await forgetFailures(table, { rule, subject })
}

/** Resets the failures. Pending attempts stay counted. A retry by the SDK changes nothing. */
export const forgetFailures = async (table: Table, counter: InARow): Promise<void> => {
  await updateIf(table, inARowKey(counter), {
    UpdateExpression: 'SET attempts = attempts - failed, failed = :zero',
    ConditionExpression: 'failed > :zero',
    ExpressionAttributeValues: { ':zero': 0 },
  })
}

const givenBack = ['ADD attempts :back DELETE underWay :mine', { ':back': -1 }] as const

const take = async (table: Table, attempt: ReservedAttempt): Promise<'reserved' | Found> => {
  const isOneLeft = '(attribute_not_exists(attempts) OR attempts < :most)'
  const notYetMine = '(attribute_not_exists(underWay) OR NOT contains(underWay, :mark))'
  const outcome = await updateIf(table, keyOf(attempt), {
    UpdateExpression: 'ADD attempts :one, underWay :mine SET kind = :kind, expiresAtSeconds = :expiry',
    ConditionExpression: `${isOneLeft} AND ${notYetMine}`,
    ExpressionAttributeValues: {
      ':one': 1,
      ':most': attempt.rule.attempts,
      ':mark': markOf(attempt),
      ':mine': new Set([markOf(attempt)]),
      ':kind': itemKinds.throttle,
      ':expiry': expiryOf(attempt),
    },
  })
  if (outcome.isWritten) return 'reserved'
  // The response to an earlier write of this attempt was lost.
  return outcome.underWay.includes(markOf(attempt)) ? 'reserved' : outcome
}

const refusalOf = ({ failed, underWay }: Found, { rule, at }: ReservedAttempt): 'spent' | UnderWay =>
  failed >= rule.attempts
    ? 'spent'
    : { underWaySinceSeconds: Math.min(Math.floor(at / 1000), ...underWay.map(takenAtSeconds)) }

/** Releases all of these reservations or none, so that of several concurrent callers only one lowers the count. */
const reclaim = async (table: Table, attempt: ReservedAttempt, dead: readonly string[]): Promise<void> => {
  const stillThere = dead.map((_mark, index) => `contains(underWay, :dead${index})`)
  await updateIf(table, keyOf(attempt), {
    UpdateExpression: 'ADD attempts :back DELETE underWay :dead',
    ConditionExpression: stillThere.join(' AND '),
    ExpressionAttributeValues: {
      ':back': -dead.length,
      ':dead': new Set(dead),
      ...Object.fromEntries(dead.map((mark, index) => [`:dead${index}`, mark])),
    },
  })
}

/** Changes nothing if the attempt is settled already: by an earlier write whose response was lost, or because it was released. */
const settle = (
  table: Table,
  attempt: ReservedAttempt,
  change: string,
  values: Readonly<Record<string, number>>,
): Promise<UpdateOutcome> =>
  updateIf(table, keyOf(attempt), {
    UpdateExpression: change,
    ConditionExpression: 'contains(underWay, :mark)',
    ExpressionAttributeValues: {
      ...values,
      ':mark': markOf(attempt),
      ':mine': new Set([markOf(attempt)]),
    },
  })

const updateIf = async (
  table: Table,
  key: Key,
  update: Omit<UpdateCommandInput, 'TableName' | 'Key'>,
): Promise<UpdateOutcome> => {
  try {
    const answer = await table.client.send(
      new UpdateCommand({
        ...update,
        TableName: table.tableName,
        Key: key,
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    )
    return { isWritten: true, failed: Number(answer.Attributes?.['failed'] ?? 0) }
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException))
      throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
    const failed = Number(cause.Item?.['failed']?.N ?? 0)
    return { isWritten: false, failed, underWay: cause.Item?.['underWay']?.SS ?? [] }
  }
}

const keyOf = ({ rule, subject, at }: ReservedAttempt): Key =>
  rule.windowSeconds === null
    ? inARowKey({ rule, subject })
    : keys.throttle(throttleSubject(rule, subject), windowAt(rule, at).startSeconds)
const expiryOf = ({ rule, at }: ReservedAttempt): number =>
  rule.windowSeconds === null ? Math.floor(at / 1000) + inARowLifetimeSeconds : windowAt(rule, at).endSeconds

/** `<seconds since 1970>-<id>`. */
const markOf = ({ at, id }: ReservedAttempt): string => `${Math.floor(at / 1000)}-${id}`
const takenAtSeconds = (mark: string): number => Number(mark.split('-')[0])
const isDead = (mark: string, now: number): boolean =>
  Math.floor(now / 1000) - takenAtSeconds(mark) > reservationLifetimeSeconds
