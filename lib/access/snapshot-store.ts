import { StoredCredential } from '../credentials/stored-credential.ts'
import { StoredAccessPolicy, StoredOrganization } from '../organizations/stored-organization.ts'
import type { Table } from '../table/document-client.ts'
import { keys } from '../table/keys.ts'
import type { RawItem } from '../table/read.ts'
import { readItems } from '../table/read.ts'
import { StoredMembership } from '../users/stored-membership.ts'
import { StoredUser } from '../users/stored-user.ts'
import type { CallerSnapshot, SnapshotKeys } from './caller-snapshot.ts'

const parsed = <T>(schema: { parse(value: unknown): T }, item: RawItem | undefined): T | null =>
  item === undefined ? null : schema.parse(item)

/** One BatchGetItem, strongly consistent, four to six items. A malformed row throws, and so denies. */
export const readCallerSnapshot = async (table: Table, wanted: SnapshotKeys): Promise<CallerSnapshot> => {
  const { userId, organizationId, keyId, sessionId } = wanted
  const always = [
    keys.user(userId),
    keys.membership(userId, organizationId),
    keys.organization(organizationId),
    keys.accessPolicy(organizationId),
  ]
  const ofKey = keyId === null ? [] : [keys.credential(userId, keyId)]
  const ofSession = sessionId === null ? [] : [keys.logout(userId, sessionId)]
  const items = await readItems(table, [...always, ...ofKey, ...ofSession])
  return {
    user: parsed(StoredUser, items[0]),
    membership: parsed(StoredMembership, items[1]),
    organization: parsed(StoredOrganization, items[2]),
    policy: parsed(StoredAccessPolicy, items[3]),
    credential: keyId === null ? null : parsed(StoredCredential, items[4]),
    loggedOut: sessionId !== null && items[always.length + ofKey.length] !== undefined,
  }
}
