import type { StoredCredential } from './stored-credential.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { StoredAccessPolicy, StoredOrganization } from './stored-organization.ts'
import type { StoredUser } from './stored-user.ts'

/** Which items a credential claims to belong to. */
export type SnapshotKeys = {
  readonly organizationId: string
  readonly userId: string
  /** The credential presented, or the one that opened the session. */
  readonly keyId: string | null
  readonly sessionId: string | null
  /** Whoever acts as the user. */
  readonly actor: ActorKeys | null
}

/** Of somebody who acts as another user of the same organization; `keyId` is the credential that it did so with, if any. */
export type ActorKeys = { readonly userId: string; readonly keyId: string | null }

/** What the table holds about whoever acts as another. */
export type ActorSnapshot = {
  readonly user: StoredUser | null
  readonly membership: StoredMembership | null
  readonly credential: StoredCredential | null
}

/** What the table holds about a caller, read in one strongly consistent call. Null = there is no such item. */
export type CallerSnapshot = {
  readonly user: StoredUser | null
  readonly membership: StoredMembership | null
  readonly organization: StoredOrganization | null
  readonly policy: StoredAccessPolicy | null
  readonly credential: StoredCredential | null
  readonly loggedOut: boolean
  /** Null when nobody acts as the user. */
  readonly actor: ActorSnapshot | null
}

/** Of a caller who was let in: a member of an organization with all that belongs to it. */
export type AdmittedSnapshot = CallerSnapshot & {
  readonly user: StoredUser
  readonly membership: StoredMembership
  readonly organization: StoredOrganization
  readonly policy: StoredAccessPolicy
}

/** Undefined for anybody else. */
export const admittedSnapshot = (snapshot: CallerSnapshot | null): AdmittedSnapshot | undefined => {
  const { user = null, membership = null, organization = null, policy = null } = snapshot ?? {}
  const isWhole = user !== null && membership !== null && organization !== null && policy !== null
  return snapshot === null || !isWhole ? undefined : { ...snapshot, user, membership, organization, policy }
}
