import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../domain-error.ts'
import { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'
import { tableSchema } from '../table/schema.ts'
import { StoredMembership } from '../users/stored-membership.ts'

export const readAccessPolicy = async (
  table: Table,
  organizationId: string,
): Promise<StoredAccessPolicy | undefined> => {
  const item = await readItem(table, keys.accessPolicy(organizationId))
  return item === undefined ? undefined : StoredAccessPolicy.parse(item)
}

/**
 * Every place in an organization, guests included, to see what is still in use. From the directory, which is an index: a place
 * that was changed within the last moment may still look as before.
 */
export const readPlaces = async (table: Table, organizationId: string): Promise<StoredMembership[]> => {
  const { name, partitionKey } = tableSchema.directoryIndex
  const places: StoredMembership[] = []
  let from: Record<string, unknown> | undefined
  try {
    do {
      const answer = await table.client.send(
        new QueryCommand({
          TableName: table.tableName,
          IndexName: name,
          KeyConditionExpression: '#partition = :organization',
          ExpressionAttributeNames: { '#partition': partitionKey },
          ExpressionAttributeValues: { ':organization': keys.directory(organizationId, '').directoryPk },
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      )
      places.push(...(answer.Items ?? []).map((item) => StoredMembership.parse(item)))
      from = answer.LastEvaluatedKey
    } while (from !== undefined)
  } catch (cause) {
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
  }
  return places
}
