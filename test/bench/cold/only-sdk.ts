import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { tableSchema } from '../../../lib/table/schema.ts'

const client = new DynamoDBClient({})

export const handler = async () => {
  const nobody = { S: 'nobody' }
  const Key = { [tableSchema.partitionKey]: nobody, [tableSchema.sortKey]: nobody }
  const { Item } = await client.send(new GetItemCommand({ TableName: process.env['TABLE_NAME'], Key }))
  return { statusCode: Item === undefined ? 200 : 500 }
}
