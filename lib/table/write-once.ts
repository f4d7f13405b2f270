import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from './document-client.ts'
import type { Key } from './keys.ts'
import { setFields } from './update-expression.ts'

/**
 * Creates an item; leaves an existing one unchanged, so that a repeated write is harmless. Uses UpdateItem and not PutItem, because
 * every function that admits callers has permission for UpdateItem (it records the last use of a credential).
 */
export const writeOnce = async (
  table: Table,
  { pk, sk }: Key,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const { set, names, values } = setFields(fields)
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: { pk, sk },
        UpdateExpression: set,
        ConditionExpression: 'attribute_not_exists(pk)',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
      }),
    )
  } catch (fault) {
    if (!(fault instanceof ConditionalCheckFailedException)) throw fault
  }
}
