import { beforeAll, describe, expect, it } from 'vitest'
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

  it('are taken back only where one is counted: a row that was deleted at the end of its window stays away', async () => {
    const subject = { rule: rule('deleted'), subject: 'one', at: start }
    await uncountAttempt(table, subject)
    const key = keys.throttle(throttleSubject(subject.rule, 'one'), start / 1000)
    expect(await readItem(table, key)).toBeUndefined()
    await count('deleted', start)
    for (const _twice of [1, 2]) await uncountAttempt(table, subject)
    expect(await readItem(table, key)).toMatchObject({ attempts: 0 })
  })

  it.each([
    ['countAttempt', (at: Table) => countAttempt(at, rule('away'), 'one', start)],
    ['uncountAttempt', (at: Table) => uncountAttempt(at, { rule: rule('away'), subject: 'one', at: start })],
    ['spendOnce', (at: Table) => spendOnce(at, { rule: rule('away'), subject: 'one', at: start }, 'a')],
  ])('are refused for a second when the table does not answer: %s', async (_name, attempt) => {
    await expect(attempt({ ...table, tableName: 'no-such-table' })).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      retryAfterSeconds: 1,
    })
  })

  it.each([
    ['countAttempt', (name: string, at: number) => count(name, at)],
    [
      'spendOnce',
      (name: string, at: number) => spendOnce(table, { rule: rule(name), subject: 'one', at }, 'a'),
    ],
  ])('leave a row until the window ends, and no longer: %s', async (name, attempt) => {
    for (const at of [start, start + quarter - 1]) {
      await attempt(name, at)
      const row = await readItem(table, keys.throttle(throttleSubject(rule(name), 'one'), start / 1000))
      expect(row).toMatchObject({ kind: 'throttle', expiresAtSeconds: (start + quarter) / 1000 })
    }
  })

  it('leave nothing of what was typed as a subject: it may be a password', async () => {
    await count('typed', start, 'canary-hunter2')
    expect(JSON.stringify(await allItems(table))).not.toContain('canary')
  })
})
