import { TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { beforeAll, describe, expect, it } from 'vitest'
import type { GuessRow } from '../../lib/limits/guess.ts'
import { guessesIn, hasRoom } from '../../lib/limits/guess.ts'
import { admitGuess } from '../../lib/limits/guess-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { freshTable } from '../fresh-table.ts'

let table: Table
beforeAll(async () => {
  table = await freshTable()
})

let made = 0
/** A row of its own for each test, with a narrow limit of two and a wide one of three. */
const scene = () => {
  made += 1
  const rowWith = (narrow: string): GuessRow => ({
    key: keys.throttle(`row ${made}`, 0),
    expiresAtSeconds: 1_900_000_000 + made,
    counts: [
      { attribute: narrow, most: 2 },
      { attribute: 'wide', most: 3 },
    ],
  })
  const row = rowWith('narrow')
  let guesses = 0
  const guess = (isWrong: boolean, of = row) => {
    guesses += 1
    return admitGuess(table, of, { id: `guess${guesses}`, isWrong })
  }
  const stored = () => readItem(table, row.key)
  const counts = async () => {
    const item = await stored()
    return row.counts.map((count) => guessesIn(item, count))
  }
  return { row, rowWith, guess, stored, counts }
}

const sendingTwice = async (act: () => Promise<void>) => {
  table.client.middlewareStack.add(
    (next) => async (args) => {
      await next(args).catch(() => undefined)
      return next(args)
    },
    { step: 'finalizeRequest', name: 'repeat' },
  )
  await act().finally(() => table.client.middlewareStack.remove('repeat'))
}

describe('a guess whose outcome is known', () => {
  it('is told while every count has room, and nothing is counted of one that is not', async () => {
    const { guess, rowWith, counts } = scene()
    expect([await guess(true), await guess(true), await guess(true)]).toEqual([true, true, false])
    expect(await counts()).toEqual([2, 2])
    const other = rowWith('another narrow one')
    expect([await guess(true, other), await guess(true, other)]).toEqual([true, false])
    expect(await counts()).toEqual([2, 3])
  })

  it('that is right is told under the same limits, and counts for none', async () => {
    const { row, guess, stored, counts } = scene()
    for (let index = 0; index < 5; index += 1) expect(await guess(false)).toBe(true)
    expect(hasRoom(row, await stored())).toBe(true)
    await guess(true)
    await guess(true)
    expect(await counts()).toEqual([2, 2])
    expect(hasRoom(row, await stored())).toBe(false)
    expect(await guess(false)).toBe(false)
  })

  it('L3: is told as often as the limit allows when forty come at once, right ones among them or not', async () => {
    const { guess, counts } = scene()
    const told = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const isWrong = index % 4 !== 0
        return { isWrong, isTold: await guess(isWrong) }
      }),
    )
    expect(told.filter(({ isWrong, isTold }) => isWrong && isTold)).toHaveLength(2)
    expect(await counts()).toEqual([2, 2])
  })

  it('L3: is sent to the table alike, right or wrong, so that neither comes before the other', async () => {
    const { guess } = scene()
    const sent: Record<string, unknown>[] = []
    table.client.middlewareStack.add(
      (next, context) => (args) => {
        sent.push({ command: context.commandName, ...(args.input as object) })
        return next(args)
      },
      { step: 'initialize', name: 'look' },
    )
    await guess(true)
    await guess(false)
    table.client.middlewareStack.remove('look')
    const [wrong, right] = sent.map(({ command, Key, ConditionExpression }) => ({
      command,
      Key,
      ConditionExpression,
    }))
    expect(wrong).toMatchObject({ command: 'UpdateItemCommand', ConditionExpression: expect.any(String) })
    expect(right).toEqual(wrong)
  })

  it('counts once, though each write is sent twice because the first answer is late', async () => {
    const { guess, counts } = scene()
    await sendingTwice(async () => {
      expect([await guess(true), await guess(false), await guess(true)]).toEqual([true, true, true])
      expect(await guess(true)).toBe(false)
    })
    expect(await counts()).toEqual([2, 2])
  })

  it('leaves a row that expires, whatever came first', async () => {
    for (const isWrong of [true, false]) {
      const { row, guess, stored } = scene()
      await guess(isWrong)
      expect(await stored()).toMatchObject({ kind: 'throttle', expiresAtSeconds: row.expiresAtSeconds })
    }
  })

  it('waits for a transaction on its row, and is told nothing when the table fails', async () => {
    const { guess, counts } = scene()
    let faults: Error[] = [
      new TransactionConflictException({ message: 'busy', $metadata: {} }),
      new TransactionConflictException({ message: 'busy', $metadata: {} }),
    ]
    table.client.middlewareStack.add(
      (next) => (args) => {
        const fault = faults.shift()
        return fault === undefined ? next(args) : Promise.reject(fault)
      },
      { step: 'initialize', name: 'fail' },
    )
    try {
      expect(await guess(true)).toBe(true)
      faults = [new Error('unreachable')]
      expect(await refusalCode(guess(true))).toBe('temporarily_unavailable')
      faults = Array.from(
        { length: 10 },
        () => new TransactionConflictException({ message: 'busy', $metadata: {} }),
      )
      expect(await refusalCode(guess(true))).toBe('temporarily_unavailable')
      expect(faults).toEqual([])
    } finally {
      table.client.middlewareStack.remove('fail')
    }
    expect(await counts()).toEqual([1, 1])
  })
})
