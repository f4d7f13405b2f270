import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { tableSchema } from '../table/schema.ts'
import { StoredMembership } from './stored-membership.ts'

export type DirectoryPosition = { readonly canonicalUsername: string; readonly userId: UserId }

export type DirectoryQuery = {
  /** Only memberships after this position. */
  readonly after: DirectoryPosition | null
  /** Null = as many as one response of DynamoDB holds (1 MB). */
  readonly count: number | null
  /** From the last username to the first. */
  readonly isDescending?: boolean
}

/**
 * The memberships of an organization by username, including guests. Reads an index, which is eventually consistent.
 *
 * @throws DomainError temporarily_unavailable
 */
export const readDirectoryPage = async (
  table: Table,
  organizationId: OrganizationId,
  { after, count, isDescending = false }: DirectoryQuery,
): Promise<{ memberships: StoredMembership[]; more: boolean }> => {
  const { name, partitionKey } = tableSchema.directoryIndex
  try {
    const answer = await table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        IndexName: name,
        KeyConditionExpression: '#partition = :organization',
        ExpressionAttributeNames: { '#partition': partitionKey },
        ExpressionAttributeValues: { ':organization': keys.directory(organizationId, '').directoryPk },
        ScanIndexForward: !isDescending,
        ...(count === null ? {} : { Limit: count }),
        ...(after === null ? {} : { ExclusiveStartKey: startKey(organizationId, after) }),
      }),
    )
    return {
      memberships: (answer.Items ?? []).map((item) => StoredMembership.parse(item)),
      more: answer.LastEvaluatedKey !== undefined,
    }
  } catch (cause) {
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1, cause })
  }
}

/** All memberships of an organization, or those to keep. Holds one page and what is kept. @throws DomainError temporarily_unavailable */
export const readDirectory = async (
  table: Table,
  organizationId: OrganizationId,
  isKept: (membership: StoredMembership) => boolean = () => true,
): Promise<StoredMembership[]> => {
  const memberships: StoredMembership[] = []
  let after: DirectoryPosition | null = null
  for (;;) {
    const page = await readDirectoryPage(table, organizationId, { after, count: null })
    memberships.push(...page.memberships.filter(isKept))
    const last = page.memberships.at(-1)
    if (!page.more) return memberships
    // A query without a filter has no empty page but the last. Fail instead of returning an incomplete list.
    if (last === undefined) throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
    after = { canonicalUsername: last.directorySk, userId: last.userId }
  }
}

/** Built here and not taken from a cursor, so that no cursor can read another organization. */
const startKey = (organizationId: OrganizationId, after: DirectoryPosition): Key & Record<string, string> => {
  const { partitionKey, sortKey } = tableSchema.directoryIndex
  return {
    ...keys.membership(after.userId, organizationId),
    [partitionKey]: keys.directory(organizationId, '').directoryPk,
    [sortKey]: after.canonicalUsername,
  }
}
