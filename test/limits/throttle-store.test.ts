import { beforeAll, describe, expect, it } from 'vitest'
import { failAttempt, reserveAttempt, succeedAttempt } from '../../lib/limits/reservation-store.ts'
import { spendOnce } from '../../lib/limits/spend-once-store.ts'
import { throttleSubject } from '../../lib/limits/throttle-rule.ts'
import { countAttempt, uncountAttempt } from '../../lib/limits/throttle-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { allItems, freshTable } from '../fresh-table.ts'

/** 12:00:00: a window of a quarter of an hour begins. */
const start = Date.parse('2026-11-21T12:00:00.000Z')
const quarter = 900_000

let table: Table
beforeAll(async () => {
  table = await freshTable()
})

const rule = (name: string) => ({ name, attempts: 2, windowSeconds: 900 })
const count = (name: string, at: number, subject = 'one') => countAttempt(table, rule(name), subject, at)

describe('attempts in a window', () => {
  it('are counted from its first millisecond to its last, and anew in the next', async () => {
    expect(await count('counted', start)).toBe(1)
    expect(await count('counted', start + quarter - 1)).toBe(2)
    expect(await count('counted', start + quarter)).toBe(1)
    expect(await count('counted', start - 1)).toBe(1)
  })

  it('are counted apart for each rule and each subject', async () => {
    expect(await count('apart', start)).toBe(1)
    expect(await count('apart', start, 'other')).toBe(1)
    expect(await count('another', start)).toBe(1)
  })

  it('are taken back from the window in which they were made, whenever that is', async () => {
    for (const expected of [1, 2]) expect(await count('taken back', start)).toBe(expected)
    expect(await count('taken back', start + quarter)).toBe(1)
    await uncountAttempt(table, { rule: rule('taken back'), subject: 'one', at: start })
    expect(await count('taken back', start + quarter)).toBe(2)
    expect(await count('taken back', start)).toBe(2)
  })

  it('that are reserved have a count of their own in each window, and a success forgets no failure', async () => {
    const reserve = async (id: string, at: number) => {
      const attempt = { rule: rule('reserved'), subject: 'one', at, id }
      return { attempt, outcome: await reserveAttempt(table, attempt) }
    }
    const failed = await reserve('a', start)
    await failAttempt(table, failed.attempt)
    const right = await reserve('b', start)
    await succeedAttempt(table, right.attempt)
    expect((await reserve('c', start)).outcome).toBe('reserved')
    expect((await reserve('d', start)).outcome).toEqual({ underWaySinceSeconds: start / 1000 })
    expect((await reserve('e', start + quarter)).outcome).toBe('reserved')
  })

  it.each([
    ['countAttempt', (at: number) => count('row', at)],
    [
      'reserveAttempt',
      (at: number) => reserveAttempt(table, { rule: rule('row'), subject: 'one', at, id: 'a' }),
    ],
    ['spendOnce', (at: number) => spendOnce(table, { rule: rule('row'), subject: 'one', at }, 'a')],
  ])('leave a row until the window ends, and no longer: %s', async (_name, attempt) => {
    for (const at of [start, start + quarter - 1]) {
      await attempt(at)
      const row = await readItem(table, keys.throttle(throttleSubject(rule('row'), 'one'), start / 1000))
      expect(row).toMatchObject({ kind: 'throttle', expiresAtSeconds: (start + quarter) / 1000 })
    }
  })

  it('leave nothing of what was typed as a subject: it may be a password', async () => {
    await count('typed', start, 'canary-hunter2')
    expect(JSON.stringify(await allItems(table))).not.toContain('canary')
  })
})
