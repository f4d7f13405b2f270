import { randomBytes } from 'node:crypto'
import type { Session } from '../../lib/admission/identify.ts'
import { newApi } from '../../lib/apis/manage-apis.ts'
import type { CallerSnapshot, SnapshotKeys, SnapshotReaders } from '../../lib/identity/caller-snapshot.ts'
import type { Member } from '../../lib/identity/member.ts'
import { epochOf } from '../../lib/identity/member.ts'
import type { StoredCredential } from '../../lib/identity/stored-credential.ts'
import type { StoredMembership } from '../../lib/identity/stored-membership.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../../lib/identity/stored-organization.ts'
import type { StoredUser } from '../../lib/identity/stored-user.ts'
import { newAccessPolicy, newOrganization } from '../../lib/organizations/new-organization.ts'
import type { StoredApi } from '../../lib/policy/stored-api.ts'
import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
import { newSecretOf } from '../../lib/secrets/key-id.ts'
import { hashSecret } from '../../lib/secrets/secret-hash.ts'
import { keys } from '../../lib/table/keys.ts'
import { itemKinds } from '../../lib/table/schema.ts'
import { newMember } from '../../lib/users/new-user.ts'

/** Rows in memory for random cases, which are too many for a real table. */
export const organizationId = 'org_0000000001'
export const otherOrganizationId = 'org_0000000002'
const at = '2026-11-21T09:00:00.000Z'

const id = (length: number, number: number): string => number.toString(36).padStart(length, '0')
const userIdOf = (number: number): UserId => `usr_${id(16, number)}`
const keyIdOf = (userId: UserId, number = 1): KeyId =>
  `key_${organizationId.slice(4)}${userId.slice(4)}${id(10, number)}`

export const organizationWith = (change: Partial<StoredOrganization> = {}): StoredOrganization => ({
  ...newOrganization(organizationId, 'Example', 1, at),
  ...change,
})

export const apiWith = (number: number, name: string, change: Partial<StoredApi> = {}): StoredApi =>
  newApi({
    apiId: `api_${id(12, number)}`,
    organizationId,
    name,
    audience: `https://${name}.example`,
    createdAt: at,
    ...change,
  })

/** A policy where the organization sees these APIs, each by its own name. */
export const policyWith = (
  apis: readonly StoredApi[],
  change: Partial<StoredAccessPolicy> = {},
): StoredAccessPolicy => ({
  ...newAccessPolicy(
    organizationId,
    apis.map((api) => ({ apiId: api.apiId, name: api.name, organizationId: api.organizationId })),
  ),
  ...change,
})

export type MemberChange = {
  readonly user?: Partial<StoredUser>
  readonly membership?: Partial<StoredMembership>
}

export const memberWith = (number: number, change: MemberChange = {}): Member => {
  const { user, membership } = newMember({
    userId: userIdOf(number),
    organizationId,
    membershipId: `mem_${id(12, number)}`,
    username: `user-${number}`,
    at,
  })
  return {
    user: { ...user, ...change.user },
    membership: { ...membership, ...change.membership },
  }
}

/** The snapshot of an admitted caller, user 1, without a key. */
export const admittedSnapshotIn = (organization: StoredOrganization) => ({
  ...memberWith(1),
  organization,
  policy: policyWith([]),
  credential: null,
  loggedOut: false,
  actor: null,
})

/** A user's token and its stored row. */
export const credentialOf = (
  { user }: Pick<Member, 'user'>,
  change: Partial<StoredCredential> = {},
): { readonly token: string; readonly credential: StoredCredential } => {
  const keyId = keyIdOf(user.userId)
  const token = newSecretOf('token', keyId, (size) => randomBytes(size))
  return {
    token,
    credential: {
      ...keys.credential(user.userId, keyId),
      kind: itemKinds.credential,
      keyId,
      userId: user.userId,
      organizationId,
      credentialKind: 'token',
      name: 'token',
      status: 'active',
      secretHash: hashSecret(token),
      createdAt: at,
      expiresAt: null,
      givenExpiresAt: null,
      lastUsedAt: new Date().toISOString(),
      endsOnFirstUse: null,
      replaces: null,
      replacedBy: null,
      imported: null,
      ...change,
    },
  }
}

type Stored = {
  readonly organization: StoredOrganization
  readonly policy: StoredAccessPolicy
  readonly members: readonly Member[]
  readonly credentials: readonly StoredCredential[]
}

/** Reads callers' snapshots from memory as from the table. */
export const snapshotsOf =
  ({ organization, policy, members, credentials }: Stored) =>
  async (wanted: SnapshotKeys): Promise<CallerSnapshot> => {
    const credentialWith = (keyId: KeyId | null) =>
      credentials.find((credential) => credential.keyId === keyId) ?? null
    const membershipOf = (userId: UserId) => {
      const found = members.find(({ user }) => user.userId === userId)
      const isHere = found?.membership.organizationId === wanted.organizationId
      return { user: found?.user ?? null, membership: isHere ? found.membership : null }
    }
    const isHere = wanted.organizationId === organization.organizationId
    const actor: CallerSnapshot['actor'] = wanted.actor && {
      ...membershipOf(wanted.actor.userId),
      credential: credentialWith(wanted.actor.keyId),
    }
    return {
      ...membershipOf(wanted.userId),
      organization: isHere ? organization : null,
      policy: isHere ? policy : null,
      credential: credentialWith(wanted.keyId),
      loggedOut: false,
      actor,
    }
  }

/** What the authorizer reads with, over a reader of whole snapshots. */
export const readersOf = (read: (wanted: SnapshotKeys) => Promise<CallerSnapshot>): SnapshotReaders => {
  const own = ({ organization: _settings, policy: _policy, ...of }: CallerSnapshot) => of
  const shared = ({ organization, policy }: CallerSnapshot) => ({ organization, policy })
  const nobody = { userId: userIdOf(0), keyId: null, sessionId: null, actor: null }
  return {
    own: (wanted) => read(wanted).then(own),
    organization: (id) => read({ ...nobody, organizationId: id }).then(shared),
    together: (wanted) => {
      const both = read(wanted)
      return { own: both.then(own), organization: both.then(shared) }
    },
  }
}

/** A session of the first user in which the second user acts, opened with a password. */
export const actingSession = (target: Member, actor: Member): Session => ({
  userId: target.user.userId,
  organizationId,
  sessionId: 'ses_00000000000000000001',
  keyId: null,
  audience: null,
  epoch: epochOf(target),
  actor: { userId: actor.user.userId, keyId: null, epoch: epochOf(actor) },
  expiresAt: Date.now() + 60_000,
})
