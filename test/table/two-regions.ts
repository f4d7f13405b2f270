import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../../lib/table/document-client.ts'
import type { Key } from '../../lib/table/keys.ts'
import { allItems, freshTable } from '../fresh-table.ts'

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields => Object(value)
const keyOf = ({ pk, sk }: Fields): Key => ({ pk: String(pk), sk: String(sk) })

/** The keys that a command writes. A check writes nothing. */
const writtenBy = (command: string, input: Fields): readonly Key[] => {
  const { TransactItems, Item, Key } = input
  if (Array.isArray(TransactItems))
    return TransactItems.flatMap((part) => {
      const { Put, Update, Delete } = part
      const written = Put?.Item ?? Update?.Key ?? Delete?.Key
      return written === undefined ? [] : [keyOf(written)]
    })
  if (/^Put/.test(command)) return [keyOf(fieldsOf(Item))]
  return /^(?:Update|Delete)/.test(command) ? [keyOf(fieldsOf(Key))] : []
}

/** An item as it is in one region, or that it is not there. */
export type Image = { readonly key: Key; readonly item: Fields | undefined }

const imageIn = async ({ client, tableName: TableName }: Table, key: Key): Promise<Image> => {
  const { Item } = await client.send(new GetCommand({ TableName, Key: key, ConsistentRead: true }))
  return { key, item: Item }
}

const put = async ({ client, tableName: TableName }: Table, { key, item }: Image): Promise<void> => {
  if (item === undefined) await client.send(new DeleteCommand({ TableName, Key: key }))
  else await client.send(new PutCommand({ TableName, Item: item }))
}

/**
 * Two replicas of a global table with eventual consistency. Each write is local, and so is its condition. Items are replicated one by
 * one, in any order, whatever transaction wrote them; of two writes of one item the later one wins, with the whole item.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
 */
export const twoRegions = async () => {
  const tables = { home: await freshTable(), away: await freshTable() }
  /** Per item, the region that wrote it last since it was replicated. */
  const pending = new Map<string, { readonly from: Table; readonly to: Table; readonly key: Key }>()
  let isReplicating = false
  for (const [from, to] of [[tables.home, tables.away] as const, [tables.away, tables.home] as const])
    from.client.middlewareStack.add(
      (next, context) => async (args) => {
        const answer = await next(args)
        const written = isReplicating ? [] : writtenBy(context.commandName ?? '', fieldsOf(args.input))
        for (const key of written) pending.set(`${key.pk} ${key.sk}`, { from, to, key })
        return answer
      },
      { step: 'initialize', name: 'lastWriter' },
    )

  const replicate = async (images: readonly { readonly to: Table; readonly image: Image }[]) => {
    isReplicating = true
    for (const { to, image } of images) await put(to, image)
    isReplicating = false
  }
  return {
    ...tables,
    /** Until both have the same items. */
    merge: async () => {
      for (const { from, to, key } of pending.values())
        await replicate([{ to, image: await imageIn(from, key) }])
      pending.clear()
    },
    /** What home has written and away does not have yet, item by item: before and after. */
    underWay: async () => {
      const keys = [...pending.values()].map(({ key }) => key)
      return await Promise.all(
        keys.map(async (key) => ({
          before: await imageIn(tables.away, key),
          after: await imageIn(tables.home, key),
        })),
      )
    },
    /** One item arrives, or its arrival is taken back. */
    arrive: (image: Image) => replicate([{ to: tables.away, image }]),
    itemsOf: async (kind: string) => (await allItems(tables.home)).filter((item) => item['kind'] === kind),
    areEqual: async () => {
      const [home, away] = await Promise.all([allItems(tables.home), allItems(tables.away)])
      const sorted = (items: readonly Fields[]) => items.map((item) => JSON.stringify(item)).toSorted()
      return JSON.stringify(sorted(home)) === JSON.stringify(sorted(away))
    },
  }
}
