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

/** What stands in a row that an update did not change, because its condition failed. */
type Found = { readonly failed: number; readonly underWay: readonly string[] }
type UpdateOutcome =
  | { readonly isWritten: true; readonly failed: number }
  | ({ readonly isWritten: false } & Found)

/** Clean-up only: a row in which nothing was attempted for a year is deleted. */
const inARowLifetimeSeconds = 366 * 24 * 3600

/**
 * Takes one of the attempts that a rule allows, under the condition that there is one: however many ask at the same time, there are
 * never more under way and failed together (L3). `attempts` counts both, `failed` those that failed, and `underWay` names the others
 * with their times: an update that the SDK repeats after a lost answer changes nothing, and what a function took that was cut off
 * goes to the next who asks.
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

/** A reserved attempt stays used up; those who wait need not wait for it. */
export const failAttempt = async (table: Table, attempt: ReservedAttempt): Promise<void> => {
  await settle(table, attempt, 'ADD failed :one DELETE underWay :mine', { ':one': 1 })
}

/** Gives one attempt back, e.g. after a fault of ours. */
export const returnAttempt = async (table: Table, attempt: ReservedAttempt): Promise<void> => {
  await settle(table, attempt, ...givenBack)
}

/** Gives one attempt back that succeeded, and ends the row of failures if the rule counts those in a row. */
export const succeedAttempt = async (table: Table, attempt: ReservedAttempt): Promise<void> => {
  const { failed } = await settle(table, attempt, ...givenBack)
  const { rule, subject } = attempt
  if (rule.windowSeconds === null && failed > 0) await forgetFailures(table, { rule, subject })
}

/**
 * Starts the count of failures again. What is under way stays counted, so that never more are under way and failed together than the
 * rule allows. Repeated by the SDK it changes nothing more.
 */
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
  // The answer to the first of two writes was lost.
  return outcome.underWay.includes(markOf(attempt)) ? 'reserved' : outcome
}

const refusalOf = ({ failed, underWay }: Found, { rule, at }: ReservedAttempt): 'spent' | UnderWay =>
  failed >= rule.attempts
    ? 'spent'
    : { underWaySinceSeconds: Math.min(Math.floor(at / 1000), ...underWay.map(takenAtSeconds)) }

/** All of them or none, so that of several who found them only one puts their number back. */
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

/** Nothing when it is settled already: by the same write, whose answer was lost, or as dead. */
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

/** When it was taken, in whole seconds since 1970, and which it is. */
const markOf = ({ at, id }: ReservedAttempt): string => `${Math.floor(at / 1000)}-${id}`
const takenAtSeconds = (mark: string): number => Number(mark.split('-')[0])
const isDead = (mark: string, now: number): boolean =>
  Math.floor(now / 1000) - takenAtSeconds(mark) > reservationLifetimeSeconds
