import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Table } from '../../lib/table/document-client.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { putAnything } from './put-anything.ts'

const { pauses } = vi.hoisted((): { pauses: number[] } => ({ pauses: [] }))
vi.mock('node:timers/promises', () => ({
  setTimeout: (milliseconds: number) => {
    pauses.push(milliseconds)
    return Promise.resolve()
  },
}))

let table: Table
/** Why DynamoDB refuses each write of an attempt, counted from 1; undefined = it takes them. */
let refusals: (attempt: number) => readonly string[] | undefined
let attempts = 0
beforeEach(async () => {
  refusals = () => ['TransactionConflict']
  attempts = 0
  table = await freshTable()
  table.client.middlewareStack.add(
    (next) => async (args) => {
      // The table is dropped by the same client.
      if (!('TransactItems' in args.input)) return next(args)
      attempts += 1
      const codes = refusals(attempts)
      if (codes === undefined) return next(args)
      throw new TransactionCanceledException({
        message: 'conflict',
        $metadata: {},
        CancellationReasons: codes.map((Code) => ({ Code })),
      })
    },
    { step: 'initialize', name: 'conflict' },
  )
})
afterEach(() => {
  pauses.length = 0
})

const pausesWith = async (chance: number): Promise<number[]> => {
  pauses.length = 0
  const write = putAnything('one', { pk: 'P', sk: 'S' })
  expect(await refusalCode(writeTransaction({ ...table, chance: () => chance }, [write]))).toBe(
    'temporarily_unavailable',
  )
  return [...pauses]
}

describe('a transaction that conflicts again and again', () => {
  it('comes again after pauses by chance, so that those who met do not meet again', async () => {
    const whole = await pausesWith(1)
    expect(whole).toHaveLength(9)
    expect(await pausesWith(0.5)).toEqual(whole.map((pause) => pause / 2))
    expect(await pausesWith(0)).toEqual(whole.map(() => 0))
  })

  it('gives up while its function has time left to say so (F3)', async () => {
    const longest = (await pausesWith(1)).reduce((total, pause) => total + pause, 0)
    expect(longest).toBeLessThan(2500)
  })
})

describe('a transaction that is throttled', () => {
  it('makes room for the throttled write, also if it drops another one before that', async () => {
    const same = { ...putAnything('same', { pk: 'P', sk: 'same' }), dropOnConflict: true as const }
    const roomFor = (sk: string) => ({
      label: 'room',
      update: { pk: 'ROOM', sk },
      set: 'SET made = :yes',
      values: { ':yes': true },
    })
    const hot = { ...putAnything('hot', { pk: 'P', sk: 'hot' }), ifThrottled: roomFor('hot') }
    const cool = { ...putAnything('cool', { pk: 'P', sk: 'cool' }), ifThrottled: roomFor('cool') }
    refusals = (attempt) => (attempt === 1 ? ['TransactionConflict', 'ThrottlingError', 'None'] : undefined)
    expect(await writeTransaction(table, [same, hot, cool])).toEqual({ committed: true })
    const written = (await allItems(table)).map(({ pk, sk }) => `${pk} ${sk}`)
    expect(written.toSorted()).toEqual(['P cool', 'P hot', 'ROOM hot'])
  })
})
