import type { ActorKeys, ActorSnapshot, CallerSnapshot, SnapshotKeys } from '../identity/caller-snapshot.ts'
import { StoredCredential } from '../identity/stored-credential.ts'
import { StoredMembership } from '../identity/stored-membership.ts'
import { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import { StoredUser } from '../identity/stored-user.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { Table } from '../table/document-client.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import type { RawItem } from '../table/read.ts'
import { readItems } from '../table/read.ts'

const parsed = <T>(schema: { parse(value: unknown): T }, item: RawItem | undefined): T | null =>
  item === undefined ? null : schema.parse(item)

/** One strongly consistent BatchGetItem of four to eight items. @throws for a malformed item */
export const readCallerSnapshot = async (table: Table, wanted: SnapshotKeys): Promise<CallerSnapshot> => {
  const { userId, organizationId, keyId, sessionId, actor } = wanted
  const always = [
    keys.user(userId),
    keys.membership(userId, organizationId),
    keys.organization(organizationId),
    keys.accessPolicy(organizationId),
  ]
  const ofKey = keyId === null ? [] : [keys.credential(userId, keyId)]
  const ofSession = sessionId === null ? [] : [keys.logout(userId, sessionId)]
  const own = [...always, ...ofKey, ...ofSession]
  const items = await readItems(table, [...own, ...(actor === null ? [] : actorKeys(actor, organizationId))])
  return {
    user: parsed(StoredUser, items[0]),
    membership: parsed(StoredMembership, items[1]),
    organization: parsed(StoredOrganization, items[2]),
    policy: parsed(StoredAccessPolicy, items[3]),
    credential: keyId === null ? null : parsed(StoredCredential, items[4]),
    loggedOut: sessionId !== null && items[always.length + ofKey.length] !== undefined,
    actor: actor === null ? null : actorSnapshot(items.slice(own.length)),
  }
}

const actorKeys = ({ userId, keyId }: ActorKeys, organizationId: OrganizationId): Key[] => [
  keys.user(userId),
  keys.membership(userId, organizationId),
  ...(keyId === null ? [] : [keys.credential(userId, keyId)]),
]

const actorSnapshot = ([user, membership, credential]: readonly (RawItem | undefined)[]): ActorSnapshot => ({
  user: parsed(StoredUser, user),
  membership: parsed(StoredMembership, membership),
  credential: parsed(StoredCredential, credential),
})
