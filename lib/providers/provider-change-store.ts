import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import type { Provider } from '../whitelist/provider.ts'
import { StoredChange } from './provider-state.ts'

/** The last changes of a list, newest first. @throws DomainError temporarily_unavailable */
export const readLastChanges = async (
  table: Table,
  provider: Provider,
  count: number,
): Promise<StoredChange[]> => {
  const { pk, skPrefix } = keys.providerChanges(provider)
  try {
    const answer = await table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': skPrefix },
        ScanIndexForward: false,
        Limit: count,
      }),
    )
    return (answer.Items ?? []).map((item) => StoredChange.parse(item))
  } catch (cause) {
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
  }
}
