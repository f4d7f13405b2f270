import { PutCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../table/document-client.ts'
import type { StoredKnownSource } from './known-source.ts'

/**
 * Notes a source from which a login succeeded.
 *
 * @param noted as it was read; many logins at once, or one that the SDK sends twice, write one item.
 * @throws when another login has noted the source since, or the table does not answer.
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
