import type {
  ActorKeys,
  CallerSnapshot,
  OrganizationSnapshot,
  SnapshotKeys,
  SnapshotReaders,
} from '../identity/caller-snapshot.ts'
import {
  DecidedCredential,
  DecidedMembership,
  DecidedUser,
  decidedAttributes,
} from '../identity/decided-items.ts'
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
  const read = readTogether(table, wanted)
  const [own, organization] = await Promise.all([read.own, read.organization])
  return { ...own, ...organization }
}

/** The same items in parts, `own` only as far as a decision needs them. All reject for a malformed item. */
export const snapshotReaders = (table: Table): SnapshotReaders => ({
  own: async (wanted) => decidedOwn(wanted, await readItems(table, ownKeys(wanted), decidedAttributes)),
  organization: async (organizationId) =>
    organizationSnapshot(await readItems(table, organizationKeys(organizationId))),
  together: (wanted) => readTogether(table, wanted),
})

const readTogether = (table: Table, wanted: SnapshotKeys) => {
  const own = ownKeys(wanted)
  const items = readItems(table, [...own, ...organizationKeys(wanted.organizationId)])
  return {
    own: items.then((found) => wholeOwn(wanted, found.slice(0, own.length))),
    organization: items.then((found) => organizationSnapshot(found.slice(own.length))),
  }
}

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

type Raw = RawItem | undefined

/** Reads the items in the order of `ownKeys`. */
const ownSnapshotBy =
  <I extends object>(read: (user: Raw, membership: Raw, credential: Raw) => I) =>
  ({ keyId, sessionId, actor }: SnapshotKeys, [user, membership, ...others]: readonly Raw[]) => {
    const credential = keyId === null ? undefined : others.shift()
    const logout = sessionId === null ? undefined : others.shift()
    const [actorUser, actorMembership, actorCredential] = others
    return {
      ...read(user, membership, credential),
      loggedOut: logout !== undefined,
      actor: actor === null ? null : read(actorUser, actorMembership, actorCredential),
    }
  }

const wholeOwn = ownSnapshotBy((user, membership, credential) => ({
  user: parsed(StoredUser, user),
  membership: parsed(StoredMembership, membership),
  credential: parsed(StoredCredential, credential),
}))

const decidedOwn = ownSnapshotBy((user, membership, credential) => ({
  user: parsed(DecidedUser, user),
  membership: parsed(DecidedMembership, membership),
  credential: parsed(DecidedCredential, credential),
}))

const actorKeys = ({ userId, keyId }: ActorKeys, organizationId: OrganizationId): Key[] => [
  keys.user(userId),
  keys.membership(userId, organizationId),
  ...(keyId === null ? [] : [keys.credential(userId, keyId)]),
]
