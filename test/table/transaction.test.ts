import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Table } from '../../lib/table/document-client.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { freshTable } from '../fresh-table.ts'
import { putAnything } from './put-anything.ts'

const { pauses } = vi.hoisted((): { pauses: number[] } => ({ pauses: [] }))
vi.mock('node:timers/promises', () => ({
  setTimeout: (milliseconds: number) => {
    pauses.push(milliseconds)
    return Promise.resolve()
  },
}))

let table: Table
beforeEach(async () => {
  table = await freshTable()
  table.client.middlewareStack.add(
    (next) => async (args) => {
      // The table is dropped by the same client.
      if (!('TransactItems' in args.input)) return next(args)
      throw new TransactionCanceledException({
        message: 'conflict',
        $metadata: {},
        CancellationReasons: [{ Code: 'TransactionConflict' }],
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
