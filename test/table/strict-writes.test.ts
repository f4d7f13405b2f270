import { PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import { expect, it } from 'vitest'
import { freshTable } from '../fresh-table.ts'

it('refuses an item whose key of an index is no text, as DynamoDB does, in a table without this index', async () => {
  const { client, tableName: TableName } = await freshTable()
  const put = (word1: unknown) => ({ TableName, Item: { pk: 'AUDIT#1', sk: 'AUDIT#1', word1 } })
  for (const unindexable of ['', null, 7]) {
    await expect(client.send(new PutCommand(put(unindexable)))).rejects.toThrow('word1')
    const writes = { TransactItems: [{ Put: put('word') }, { Put: put(unindexable) }] }
    await expect(client.send(new TransactWriteCommand(writes))).rejects.toThrow('word1')
  }
  await client.send(new PutCommand(put('word')))
})
