import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from './document-client.ts'
import type { Key } from './keys.ts'
import { setFields } from './update-expression.ts'

/**
 * Writes an item that is never written again; one that is there already stays as it is, as after a repeat of a write whose answer
 * was lost. An update rather than a put: every function that admits callers may make one, for when a credential was last used.
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
