import { PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import { expect, it } from 'vitest'
import { freshTable } from '../fresh-table.ts'

it('refuses an item whose key of an index is no text, as DynamoDB does, in a table without this index', async () => {
  const { client, tableName: TableName } = await freshTable()
  for (const key of ['word1', 'byUser', 'timeline', 'directoryPk', 'directorySk']) {
    const put = (value: unknown) => ({ TableName, Item: { pk: 'AUDIT#1', sk: 'AUDIT#1', [key]: value } })
    for (const unindexable of ['', null, 7]) {
      await expect(client.send(new PutCommand(put(unindexable)))).rejects.toThrow(key)
      const writes = { TransactItems: [{ Put: put('text') }, { Put: put(unindexable) }] }
      await expect(client.send(new TransactWriteCommand(writes))).rejects.toThrow(key)
    }
    await client.send(new PutCommand(put('text')))
  }
})
