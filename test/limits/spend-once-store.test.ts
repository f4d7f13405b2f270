import { TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { beforeAll, describe, expect, it } from 'vitest'
import { spendOnce } from '../../lib/limits/spend-once-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'

const rule = { name: 'test', attempts: 3, windowSeconds: 900 }
const at = Date.parse('2026-11-21T12:00:00.000Z')

let table: Table
beforeAll(async () => {
  table = await freshTable()
})

describe('an attempt that is counted once', () => {
  it('is allowed as often as it comes back, and costs the others nothing', async () => {
    const attempt = { rule, subject: 'one', at }
    for (const id of ['a', 'a', 'b', 'a', 'c', 'b'])
      expect([id, await spendOnce(table, attempt, id)]).toEqual([id, true])
    expect(await spendOnce(table, attempt, 'd')).toBe(false)
    expect(await spendOnce(table, attempt, 'c')).toBe(true)
    expect(await spendOnce(table, { ...attempt, subject: 'other' }, 'd')).toBe(true)
    expect(await spendOnce(table, { ...attempt, at: at + 900_000 }, 'd')).toBe(true)
    const ends = (await allItems(table)).map((item) => Number(item['expiresAtSeconds']) - at / 1000)
    expect(ends.toSorted((one, other) => one - other)).toEqual([900, 900, 1800])
  })

  it('is neither allowed nor refused while the table does not answer', async () => {
    const nowhere = { ...table, tableName: 'nowhere' }
    expect(await refusalCode(spendOnce(nowhere, { rule, subject: 'one', at }, 'a'))).toBe(
      'temporarily_unavailable',
    )
  })

  it('waits for a transaction on its row', async () => {
    let conflicts = 0
    const failing = (count: number) => {
      conflicts = count
      return spendOnce(table, { rule, subject: 'busy', at }, 'a')
    }
    table.client.middlewareStack.add(
      (next) => (args) => {
        conflicts -= 1
        const fault = new TransactionConflictException({ message: 'busy', $metadata: {} })
        return conflicts < 0 ? next(args) : Promise.reject(fault)
      },
      { step: 'initialize', name: 'fail' },
    )
    try {
      expect(await failing(2)).toBe(true)
      expect(await refusalCode(failing(10))).toBe('temporarily_unavailable')
    } finally {
      table.client.middlewareStack.remove('fail')
    }
  })

  it('is one of as many as the rule allows when forty are made at the same time, each of them twice', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `id-${index % 20}`)
    const allowed = await Promise.all(ids.map((id) => spendOnce(table, { rule, subject: 'raced', at }, id)))
    const winners = new Set(ids.filter((_id, index) => allowed[index]))
    expect(winners.size).toBe(rule.attempts)
    expect(allowed.filter(Boolean)).toHaveLength(rule.attempts * 2)
  })
})
