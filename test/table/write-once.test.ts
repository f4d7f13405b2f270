import { beforeAll, expect, it } from 'vitest'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { writeOnce } from '../../lib/table/write-once.ts'
import { freshTable } from '../fresh-table.ts'

let table: Table
beforeAll(async () => {
  table = await freshTable()
})
const key = keys.resetRequest('request-1')

it('creates an item, and leaves it as it is when it is written again', async () => {
  await writeOnce(table, key, { login: 'first' })
  await writeOnce(table, key, { login: 'second' })
  expect(await readItem(table, key)).toEqual({ ...key, login: 'first' })
})

it('fails when the table does: what it writes must not be lost unseen', async () => {
  await expect(writeOnce({ ...table, tableName: 'no-such-table' }, key, { login: 'lost' })).rejects.toThrow()
})
