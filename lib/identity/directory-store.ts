import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys, userIdIn } from '../table/keys.ts'
import { tableSchema } from '../table/schema.ts'
import type { ListedAs } from './listed-fields.ts'
import { StoredMembership } from './stored-membership.ts'

export type DirectoryPosition = { readonly canonicalUsername: string; readonly userId: UserId }

export type DirectoryQuery = {
  /** Only memberships after this position. */
  readonly after: DirectoryPosition | null
  /** How many to examine. Null = as many as DynamoDB reads for one response (1 MB). */
  readonly count: number | null
  /** Only memberships that have these values. */
  readonly listedAs?: ListedAs
  /** From the last username to the first. */
  readonly isDescending?: boolean
}

export type DirectoryPage = {
  readonly memberships: readonly StoredMembership[]
  /** How many were examined to find them. */
  readonly examined: number
  /** The position of the last one that was examined; null at the end. */
  readonly next: DirectoryPosition | null
}

/**
 * The memberships of an organization by username, including guests. Reads an index, which is eventually consistent.
 *
 * @throws DomainError temporarily_unavailable
 */
export const readDirectoryPage = async (
  table: Table,
  organizationId: OrganizationId,
  { after, count, listedAs = {}, isDescending = false }: DirectoryQuery,
): Promise<DirectoryPage> => {
  const { name, partitionKey } = tableSchema.directoryIndex
  const equal = Object.entries(listedAs)
  try {
    const answer = await table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        IndexName: name,
        KeyConditionExpression: '#partition = :organization',
        // DynamoDB leaves out the rest, which would take most of the time to be sent and parsed.
        ...(equal.length === 0
          ? {}
          : { FilterExpression: equal.map((_, index) => `#f${index} = :f${index}`).join(' AND ') }),
        ExpressionAttributeNames: {
          '#partition': partitionKey,
          ...Object.fromEntries(equal.map(([field], index) => [`#f${index}`, field])),
        },
        ExpressionAttributeValues: {
          ':organization': keys.directory(organizationId, '').directoryPk,
          ...Object.fromEntries(equal.map(([, value], index) => [`:f${index}`, value])),
        },
        ScanIndexForward: !isDescending,
        ...(count === null ? {} : { Limit: count }),
        ...(after === null ? {} : { ExclusiveStartKey: startKey(organizationId, after) }),
      }),
    )
    const memberships = (answer.Items ?? []).map((item) => StoredMembership.parse(item))
    return {
      memberships,
      examined: answer.ScannedCount ?? memberships.length,
      next: answer.LastEvaluatedKey === undefined ? null : positionIn(answer.LastEvaluatedKey),
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
    const page: DirectoryPage = await readDirectoryPage(table, organizationId, { after, count: null })
    memberships.push(...page.memberships.filter(isKept))
    if (page.next === null) return memberships
    after = page.next
  }
}

const positionIn = (key: Readonly<Record<string, unknown>>): DirectoryPosition => ({
  canonicalUsername: String(key[tableSchema.directoryIndex.sortKey]),
  userId: UserId.parse(userIdIn({ pk: String(key['pk']) })),
})

/** Built here and not taken from a cursor, so that no cursor can read another organization. */
const startKey = (organizationId: OrganizationId, after: DirectoryPosition): Key & Record<string, string> => {
  const { partitionKey, sortKey } = tableSchema.directoryIndex
  return {
    ...keys.membership(after.userId, organizationId),
    [partitionKey]: keys.directory(organizationId, '').directoryPk,
    [sortKey]: after.canonicalUsername,
  }
}
