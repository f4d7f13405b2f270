import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'
import { StoredNotice } from './stored-notice.ts'

export const readNotice = async (table: Table, requestId: string): Promise<StoredNotice | undefined> => {
  const item = await readItem(table, keys.notice(requestId))
  return item === undefined ? undefined : StoredNotice.parse(item)
}

export const removeNotice = async (table: Table, requestId: string): Promise<void> => {
  await table.client.send(new DeleteCommand({ TableName: table.tableName, Key: keys.notice(requestId) }))
}
