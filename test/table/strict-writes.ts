import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { tableSchema } from '../../lib/table/schema.ts'

const { directoryIndex, timelines, words } = tableSchema
const { partitionKey, sortKey } = directoryIndex
const indexKeys = [partitionKey, sortKey, timelines.sortKey, ...timelines.names, ...words.names]

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields => Object(value)

const itemsOf = ({ Item, TransactItems }: Fields): unknown[] =>
  Array.isArray(TransactItems)
    ? TransactItems.map((write) => fieldsOf(fieldsOf(write)['Put'])['Item'])
    : [Item]

/** DynamoDB refuses an item with another key of an index than a text. Most tables of tests lack the indexes, and would not. */
export const refuseWrongKeys = (input: unknown): void => {
  for (const item of itemsOf(fieldsOf(input)))
    for (const key of indexKeys) {
      const value = fieldsOf(item)[key]
      const isText = typeof value === 'string' && value !== ''
      if (value !== undefined && !isText) throw new Error(`${key} of an index is ${JSON.stringify(value)}`)
    }
}

export const writeStrictly = (client: DynamoDBDocumentClient): void => {
  client.middlewareStack.add(
    (next) => async (args) => {
      refuseWrongKeys(args.input)
      return next(args)
    },
    { step: 'initialize', name: 'strictWrites' },
  )
}
