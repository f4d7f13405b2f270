import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { CountedAttempt, ReservationOutcome, ReservedAttempt, UnderWay } from './throttle-rule.ts'
import { reservationLifetimeSeconds, throttleSubject, windowAt } from './throttle-rule.ts'

/** What stands in the row when there is no attempt left. */
type Found = { readonly failed: number; readonly underWay: readonly string[] }

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

/** Gives one attempt back, e.g. after a login that succeeded. */
export const returnAttempt = async (table: Table, attempt: ReservedAttempt): Promise<void> => {
  await settle(table, attempt, 'ADD attempts :back DELETE underWay :mine', { ':back': -1 })
}

const take = async (table: Table, attempt: ReservedAttempt): Promise<'reserved' | Found> => {
  const { rule, at } = attempt
  const isOneLeft = '(attribute_not_exists(attempts) OR attempts < :most)'
  const notYetMine = '(attribute_not_exists(underWay) OR NOT contains(underWay, :mark))'
  const refusal = await updateIf(table, attempt, {
    UpdateExpression: 'ADD attempts :one, underWay :mine SET kind = :kind, expiresAtSeconds = :expiry',
    ConditionExpression: `${isOneLeft} AND ${notYetMine}`,
    ExpressionAttributeValues: {
      ':one': 1,
      ':most': rule.attempts,
      ':mark': markOf(attempt),
      ':mine': new Set([markOf(attempt)]),
      ':kind': itemKinds.throttle,
      ':expiry': windowAt(rule, at).endSeconds,
    },
  })
  if (refusal === null) return 'reserved'
  const underWay = refusal.Item?.['underWay']?.SS ?? []
  // The answer to the first of two writes was lost.
  if (underWay.includes(markOf(attempt))) return 'reserved'
  return { failed: Number(refusal.Item?.['failed']?.N ?? 0), underWay }
}

const refusalOf = ({ failed, underWay }: Found, { rule, at }: ReservedAttempt): 'spent' | UnderWay =>
  failed >= rule.attempts
    ? 'spent'
    : { underWaySinceSeconds: Math.min(Math.floor(at / 1000), ...underWay.map(takenAtSeconds)) }

/** All of them or none, so that of several who found them only one puts their number back. */
const reclaim = async (table: Table, attempt: CountedAttempt, dead: readonly string[]): Promise<void> => {
  const stillThere = dead.map((_mark, index) => `contains(underWay, :dead${index})`)
  await updateIf(table, attempt, {
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
const settle = async (
  table: Table,
  attempt: ReservedAttempt,
  change: string,
  values: Readonly<Record<string, number>>,
): Promise<void> => {
  await updateIf(table, attempt, {
    UpdateExpression: change,
    ConditionExpression: 'contains(underWay, :mark)',
    ExpressionAttributeValues: {
      ...values,
      ':mark': markOf(attempt),
      ':mine': new Set([markOf(attempt)]),
    },
  })
}

/** @returns null when it was written, else what stood in the way */
const updateIf = async (
  table: Table,
  { rule, subject, at }: CountedAttempt,
  update: Omit<UpdateCommandInput, 'TableName' | 'Key'>,
): Promise<ConditionalCheckFailedException | null> => {
  try {
    await table.client.send(
      new UpdateCommand({
        ...update,
        TableName: table.tableName,
        Key: keys.throttle(throttleSubject(rule, subject), windowAt(rule, at).startSeconds),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    )
    return null
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return cause
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
  }
}

/** When it was taken, in whole seconds since 1970, and which it is. */
const markOf = ({ at, id }: ReservedAttempt): string => `${Math.floor(at / 1000)}-${id}`
const takenAtSeconds = (mark: string): number => Number(mark.split('-')[0])
const isDead = (mark: string, now: number): boolean =>
  Math.floor(now / 1000) - takenAtSeconds(mark) > reservationLifetimeSeconds
