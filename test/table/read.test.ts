import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Table } from '../../lib/table/document-client.ts'
import { readCollection, readItem, readItems, readManyItems } from '../../lib/table/read.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { freshTable } from '../fresh-table.ts'
import { putAnything } from './put-anything.ts'
import { answerInParts } from './strict-reads.ts'

const keyOf = (number: number) => ({ pk: 'P', sk: `A#${String(number).padStart(3, '0')}` })
const all = Array.from({ length: 230 }, (_, number) => keyOf(number))
const elsewhere = [
  { pk: 'P', sk: 'B#1' },
  { pk: 'P', sk: '@#1' },
  { pk: 'Q', sk: 'A#1' },
]

/** Holds those of `all` with an even number, and some beside them. */
let stored: Table
let table: Table
let sent: number
const even = all.filter((_key, number) => number % 2 === 0)
const wanted = all.map((key, number) => (number % 2 === 0 ? key : undefined))

beforeAll(async () => {
  stored = await freshTable()
  answerInParts(stored.client)
  const items = [...even, ...elsewhere]
  for (let from = 0; from < items.length; from += 100)
    await writeTransaction(
      stored,
      items.slice(from, from + 100).map((item, index) => putAnything(String(index), item)),
    )
})
beforeEach(() => {
  table = stored
  sent = 0
})

/** With something else in the place of every answer. */
const answering = (answer: (input: Readonly<Record<string, unknown>>) => unknown): Table => ({
  ...stored,
  client: Object.assign(Object.create(stored.client), {
    send: async (command: { readonly input: Readonly<Record<string, unknown>> }) => {
      sent += 1
      return answer(command.input)
    },
  }),
})

describe('a read', () => {
  it('of a collection is of all its pages, and of what begins as asked', async () => {
    expect(await readCollection(table, { pk: 'P', skPrefix: 'A#' })).toEqual(even)
    expect(await readCollection(table, { pk: 'P' })).toHaveLength(even.length + 2)
    expect(await readCollection(table, { pk: 'nobody' })).toEqual([])
  })

  it('of many items is of all of them in their order, in however many parts they come', async () => {
    expect(await readItems(table, all.slice(0, 100))).toEqual(wanted.slice(0, 100))
    for (const count of [0, 1, 99, 100, 101, 200, 201, 230])
      expect(await readManyItems(table, all.slice(0, count))).toEqual(wanted.slice(0, count))
    expect(await readManyItems(table, all.toReversed())).toEqual(wanted.toReversed())
  })

  it('of one item is of that item', async () => {
    expect(await readItem(table, keyOf(2))).toEqual(keyOf(2))
    expect(await readItem(table, keyOf(3))).toBeUndefined()
  })

  it('that leaves keys unread takes none of them for missing: it fails, after a few rounds', async () => {
    table = answering(({ RequestItems }) => ({ Responses: {}, UnprocessedKeys: RequestItems }))
    expect(await refusalCode(readItems({ ...table, chance: () => 0 }, all.slice(0, 2)))).toBe(
      'temporarily_unavailable',
    )
    expect(sent).toBe(5)
  })

  it('that is throttled comes again after pauses by chance, until it has all or a second has passed', async () => {
    const throttled = Object.assign(new Error('slow down'), {
      name: 'ProvisionedThroughputExceededException',
    })
    let draws = 0
    const chance = () => {
      draws += 1
      return 0
    }
    const answers = [
      () => Promise.reject(throttled),
      ({ RequestItems }: Readonly<Record<string, unknown>>) => ({ UnprocessedKeys: RequestItems }),
      () => Promise.reject(throttled),
      () => ({ Responses: { [stored.tableName]: [even[0]] } }),
    ]
    table = { ...answering((input) => answers[sent - 1]?.(input)), chance }
    expect(await readItems(table, all.slice(0, 2))).toEqual([even[0], undefined])
    expect(draws).toBe(3)
    table = { ...answering(() => Promise.reject(throttled)), chance }
    sent = 0
    expect(await refusalCode(readItems(table, all.slice(0, 2)))).toBe('temporarily_unavailable')
    expect(sent).toBe(5)
  })

  it('that fails is temporarily unavailable', async () => {
    table = answering(() => Promise.reject(new Error('no table')))
    const reads = [
      () => readItem(table, keyOf(1)),
      () => readItems(table, all.slice(0, 2)),
      () => readCollection(table, { pk: 'P' }),
    ]
    for (const read of reads) expect(await refusalCode(read())).toBe('temporarily_unavailable')
  })

  it('that may miss what was written last is refused by the tables of tests', async () => {
    const { client, tableName: TableName } = stored
    const query = { TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'P' } }
    await expect(client.send(new GetCommand({ TableName, Key: keyOf(0) }))).rejects.toThrow('consistent')
    await expect(client.send(new QueryCommand(query))).rejects.toThrow('consistent')
    const { Items } = await client.send(new QueryCommand({ ...query, ConsistentRead: true }))
    expect(Items).toHaveLength(2)
  })
})
