import { PutCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../table/document-client.ts'
import type { StoredKnownSource } from './known-source.ts'

/**
 * Stores the source of a successful login.
 *
 * @param noted the item as read; of concurrent logins, or of a retry by the SDK, one write succeeds. @throws if a concurrent login wrote
 * the item, or the table fails.
 */
export const noteSource = async (
  table: Table,
  next: StoredKnownSource,
  noted: StoredKnownSource | null,
): Promise<void> => {
  const isAsRead = noted === null ? 'attribute_not_exists(pk)' : 'notedAtSeconds = :read'
  await table.client.send(
    new PutCommand({
      TableName: table.tableName,
      Item: next,
      ConditionExpression: isAsRead,
      ...(noted === null ? {} : { ExpressionAttributeValues: { ':read': noted.notedAtSeconds } }),
    }),
  )
}
