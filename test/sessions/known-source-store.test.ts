import { expect, it } from 'vitest'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { knownSourceItem } from '../../lib/sessions/known-source.ts'
import { noteSource } from '../../lib/sessions/known-source-store.ts'
import { readItem } from '../../lib/table/read.ts'
import { freshTable } from '../fresh-table.ts'

it('keeps the first of two notes of a source that were made from one reading', async () => {
  const table = await freshTable()
  const guessing = { name: 'owner', source: '203.0.113.77', site: null }
  const noteAt = (seconds: number, userId: UserId) =>
    knownSourceItem(guessing, { userId, passwordSetAt: '2026-11-21T12:00:00.000Z' }, null, seconds * 1000)
  const [first, second, third, late] = [
    noteAt(1, 'usr_a'),
    noteAt(2, 'usr_b'),
    noteAt(3, 'usr_c'),
    noteAt(4, 'usr_d'),
  ]
  const stored = () => readItem(table, { pk: first.pk, sk: first.sk })

  await noteSource(table, first, null)
  await expect(noteSource(table, second, null)).rejects.toThrow()
  expect(await stored()).toEqual(first)
  await noteSource(table, third, first)
  await expect(noteSource(table, late, first)).rejects.toThrow()
  expect(await stored()).toEqual(third)
})
