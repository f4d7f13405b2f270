import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'
import { StoredResetRequest } from './stored-reset-request.ts'

/** One put, the same for every login. */
export const putResetRequest = async (table: Table, request: StoredResetRequest): Promise<void> => {
  try {
    await table.client.send(new PutCommand({ TableName: table.tableName, Item: request }))
  } catch (cause) {
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
  }
}

export const readResetRequest = async (
  table: Table,
  requestId: string,
): Promise<StoredResetRequest | undefined> => {
  const item = await readItem(table, keys.resetRequest(requestId))
  return item === undefined ? undefined : StoredResetRequest.parse(item)
}

export const removeResetRequest = async (table: Table, requestId: string): Promise<void> => {
  await table.client.send(
    new DeleteCommand({ TableName: table.tableName, Key: keys.resetRequest(requestId) }),
  )
}

/** An address may be shared by any number of users; no more of them are looked at. */
const mostUsersOfAnAddress = 25

/** Ids of the users whose username or stored e-mail this is, the username's first. Exact keys, no folding of any kind. */
export const findUserIds = async (table: Table, canonicalLogin: string): Promise<string[]> => {
  const [claim, entries] = await Promise.all([
    readItem(table, keys.usernameClaim(canonicalLogin)),
    table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': keys.emailEntries(canonicalLogin).pk },
        Limit: mostUsersOfAnAddress,
      }),
    ),
  ])
  const userIds = [claim, ...(entries.Items ?? [])].map((item) => item?.['userId'])
  return [...new Set(userIds.filter((userId) => typeof userId === 'string'))]
}
