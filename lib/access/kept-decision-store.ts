import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'
import { setFields } from '../table/update-expression.ts'
import { StoredDecision } from './kept-decision.ts'

/** An update, because every function that admits callers may make one already; the first decision under an id stays. */
export const keepDecision = async (table: Table, decision: StoredDecision): Promise<void> => {
  const { pk, sk, ...fields } = decision
  const { set, names, values } = setFields(fields)
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
}

export const readDecision = async (
  table: Table,
  organizationId: string,
  requestId: string,
): Promise<StoredDecision | undefined> => {
  const item = await readItem(table, keys.decision(organizationId, requestId))
  return item === undefined ? undefined : StoredDecision.parse(item)
}
