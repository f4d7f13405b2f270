import type { KeyId, OrganizationId, SessionId, UserId } from '../secrets/key-id.ts'
import type { DecidedCredential, DecidedMembership, DecidedUser } from './decided-items.ts'
import type { StoredCredential } from './stored-credential.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { StoredAccessPolicy, StoredOrganization } from './stored-organization.ts'
import type { StoredUser } from './stored-user.ts'

/** The items that a credential refers to. */
export type SnapshotKeys = {
  readonly organizationId: OrganizationId
  readonly userId: UserId
  /** The credential presented, or the one that opened the session. */
  readonly keyId: KeyId | null
  readonly sessionId: SessionId | null
  /** The user who acts as this user. */
  readonly actor: ActorKeys | null
}

/** A user who acts as another user of the same organization. `keyId` is the credential that it used, if any. */
export type ActorKeys = { readonly userId: UserId; readonly keyId: KeyId | null }

type Items<User, Membership, Credential> = {
  readonly user: User | null
  readonly membership: Membership | null
  readonly credential: Credential | null
}
type WithActor<I> = I & {
  readonly loggedOut: boolean
  /** Null if nobody acts as the user. */
  readonly actor: I | null
}

/** The stored items of the acting user, as far as a decision needs them. */
export type ActorSnapshot = Items<DecidedUser, DecidedMembership, DecidedCredential>

/** The stored items of the caller itself, as far as a decision needs them. Null = the item does not exist. */
export type OwnSnapshot = WithActor<ActorSnapshot>

/** The same, whole. */
type WholeOwnSnapshot = WithActor<Items<StoredUser, StoredMembership, StoredCredential>>

/** The stored items of an organization, which all its callers share. Null = the item does not exist. */
export type OrganizationSnapshot = {
  readonly organization: StoredOrganization | null
  readonly policy: StoredAccessPolicy | null
}

/** All that a decision needs. */
export type DecidedSnapshot = OwnSnapshot & OrganizationSnapshot

/** All of the same items: Postern's own endpoints also show them. */
export type CallerSnapshot = WholeOwnSnapshot & OrganizationSnapshot

/** Each is one strongly consistent call. */
export type SnapshotReaders = {
  readonly own: (wanted: SnapshotKeys) => Promise<OwnSnapshot>
  readonly organization: (organizationId: OrganizationId) => Promise<OrganizationSnapshot>
  /** Both in one call. A malformed item of the caller rejects `own` only. */
  readonly together: (wanted: SnapshotKeys) => {
    readonly own: Promise<OwnSnapshot>
    readonly organization: Promise<OrganizationSnapshot>
  }
}

/** The snapshot of an admitted caller: a member of an organization. */
export type AdmittedSnapshot = CallerSnapshot & {
  readonly user: StoredUser
  readonly membership: StoredMembership
  readonly organization: StoredOrganization
  readonly policy: StoredAccessPolicy
}

/** Undefined if an item of an admitted caller is missing. */
export const admittedSnapshot = (snapshot: CallerSnapshot | null): AdmittedSnapshot | undefined => {
  const { user = null, membership = null, organization = null, policy = null } = snapshot ?? {}
  const isWhole = user !== null && membership !== null && organization !== null && policy !== null
  return snapshot === null || !isWhole ? undefined : { ...snapshot, user, membership, organization, policy }
}
