import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { DomainError } from '../effects/domain-error.ts'
import { StoredEmailEntry } from '../identity/stored-email-entry.ts'
import { StoredUsernameClaim } from '../identity/user-store.ts'
import { StoredResetRequest } from '../mail/stored-reset-request.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import { readItem } from '../table/read.ts'
import { chosenEntries } from './reset-recipients.ts'

/** One put, independent of whether the login exists. */
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

/** The user of the username first, then the users of the address. Uses exact keys, without case folding. */
export const findUserIds = async (table: Table, canonicalLogin: string): Promise<UserId[]> => {
  const [claim, entries] = await Promise.all([
    readItem(table, keys.usernameClaim(canonicalLogin)),
    readEmailEntries(table, canonicalLogin),
  ])
  const named = claim === undefined ? [] : [StoredUsernameClaim.parse(claim).userId]
  return [...new Set([...named, ...chosenEntries(entries).map(({ userId }) => userId)])]
}

const entriesPerPage = 100
const mostPages = 20

/**
 * Any number of users can share an address. At most one page is read per organization; the next page begins with the next organization,
 * so that none can hide the users of others (R10).
 */
const readEmailEntries = async (table: Table, canonicalEmail: string): Promise<StoredEmailEntry[]> => {
  const found: StoredEmailEntry[] = []
  let after: OrganizationId | null = null
  for (let page = 0; page < mostPages; page += 1) {
    const { entries, more } = await readEntriesAfter(table, canonicalEmail, after)
    const [first, last] = [entries.at(0)?.organizationId, entries.at(-1)?.organizationId]
    // The last organization of a page may continue on the next one, so it is read again, unless it fills the whole page.
    const isCutOff = more && first !== last
    const whole = isCutOff ? entries.filter(({ organizationId }) => organizationId !== last) : entries
    found.push(...whole)
    after = whole.at(-1)?.organizationId ?? null
    if (!more || after === null) break
  }
  return found
}

const readEntriesAfter = async (
  table: Table,
  canonicalEmail: string,
  after: OrganizationId | null,
): Promise<{ entries: StoredEmailEntry[]; more: boolean }> => {
  const { pk, skAfter } = keys.emailEntriesAfter(canonicalEmail, after)
  const answer = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND sk > :after',
      ExpressionAttributeValues: { ':pk': pk, ':after': skAfter },
      Limit: entriesPerPage,
    }),
  )
  const entries = (answer.Items ?? []).map((item) => StoredEmailEntry.parse(item))
  return { entries, more: answer.LastEvaluatedKey !== undefined }
}
