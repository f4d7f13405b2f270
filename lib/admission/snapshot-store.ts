import type {
  ActorKeys,
  ActorSnapshot,
  CallerSnapshot,
  OrganizationSnapshot,
  OwnSnapshot,
  SnapshotKeys,
  SnapshotReaders,
} from '../identity/caller-snapshot.ts'
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

/** One strongly consistent BatchGetItem of five to eight items. @throws for a malformed item */
export const readCallerSnapshot = async (table: Table, wanted: SnapshotKeys): Promise<CallerSnapshot> => {
  const read = snapshotReaders(table).together(wanted)
  const [own, organization] = await Promise.all([read.own, read.organization])
  return { ...own, ...organization }
}

/** The same items in parts. All reject for a malformed item. */
export const snapshotReaders = (table: Table): SnapshotReaders => ({
  own: async (wanted) => ownSnapshot(wanted, await readItems(table, ownKeys(wanted))),
  organization: async (organizationId) =>
    organizationSnapshot(await readItems(table, organizationKeys(organizationId))),
  together: (wanted) => {
    const own = ownKeys(wanted)
    const items = readItems(table, [...own, ...organizationKeys(wanted.organizationId)])
    return {
      own: items.then((found) => ownSnapshot(wanted, found.slice(0, own.length))),
      organization: items.then((found) => organizationSnapshot(found.slice(own.length))),
    }
  },
})

const organizationKeys = (organizationId: OrganizationId): Key[] => [
  keys.organization(organizationId),
  keys.accessPolicy(organizationId),
]

const organizationSnapshot = ([organization, policy]: readonly (
  | RawItem
  | undefined
)[]): OrganizationSnapshot => ({
  organization: parsed(StoredOrganization, organization),
  policy: parsed(StoredAccessPolicy, policy),
})

const ownKeys = ({ userId, organizationId, keyId, sessionId, actor }: SnapshotKeys): Key[] => [
  keys.user(userId),
  keys.membership(userId, organizationId),
  ...(keyId === null ? [] : [keys.credential(userId, keyId)]),
  ...(sessionId === null ? [] : [keys.logout(userId, sessionId)]),
  ...(actor === null ? [] : actorKeys(actor, organizationId)),
]

const ownSnapshot = (
  { keyId, sessionId, actor }: SnapshotKeys,
  [user, membership, ...others]: readonly (RawItem | undefined)[],
): OwnSnapshot => {
  const credential = keyId === null ? undefined : others.shift()
  const logout = sessionId === null ? undefined : others.shift()
  return {
    user: parsed(StoredUser, user),
    membership: parsed(StoredMembership, membership),
    credential: parsed(StoredCredential, credential),
    loggedOut: logout !== undefined,
    actor: actor === null ? null : actorSnapshot(others),
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
