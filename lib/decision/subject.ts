import type { CredentialKind, KeyId, OrganizationId, SessionId, UserId } from '../secrets/key-id.ts'
import type { CompiledWhitelist } from '../whitelist/match.ts'
import type { Grants } from './grants.ts'
import type { Role } from './role.ts'

/** How the caller authenticated. `keyId` is null for a session that was opened with a password. */
export type ProvenBy = {
  readonly kind: CredentialKind | 'session'
  readonly keyId: KeyId | null
  readonly sessionId: SessionId | null
  /** The user who acts as this user (RFC 8693 `act`); null if nobody does. */
  readonly actorId: UserId | null
  /** The one API that a session token is for; null for the issuer's audience and for keys and tokens. */
  readonly audience: string | null
}

/** The user who acts as the subject. Its whitelist is checked too, and usage is attributed to its vendor. */
export type ActingUser = {
  readonly userId: UserId
  readonly whitelist: CompiledWhitelist
  readonly integrationVendor: string | null
}

/** The status of a membership: `invited` until the user accepts, `suspended` until the organization confirms it again. */
type MembershipStatus = 'active' | 'invited' | 'suspended'

/** A caller with a valid credential, with all that a decision needs. */
export type Subject = {
  readonly userId: UserId
  readonly username: string
  readonly userStatus: 'active' | 'disabled'
  readonly provenBy: ProvenBy
  readonly organization: {
    readonly organizationId: OrganizationId
    readonly isActive: boolean
    readonly whitelistRequired: boolean
  }
  /** Null if the user is not, or no longer, a member of this organization. */
  readonly membership: {
    readonly status: MembershipStatus
    readonly loginAccountGroup: number | null
    readonly allAccountGroupRoles: readonly Role[]
    readonly accountGroupRoles: readonly { readonly aid: number; readonly roles: readonly Role[] }[]
    readonly own: Grants
    readonly integrationVendor: string | null
  } | null
  readonly whitelist: CompiledWhitelist
  readonly actor: ActingUser | null
  /** The account groups that the organization has. */
  readonly accountGroups: readonly number[]
}

/** The account group of a request: the one that it names, else the user's login account group if that exists. */
export const accountGroupOf = (subject: Subject, requested: number | null): number | null => {
  const login = subject.membership?.loginAccountGroup ?? null
  return requested ?? (login !== null && subject.accountGroups.includes(login) ? login : null)
}

export const rolesIn = (subject: Subject, aid: number | null): readonly Role[] => {
  const { membership } = subject
  if (membership === null) return []
  const here = membership.accountGroupRoles.find((entry) => entry.aid === aid)
  return [...membership.allAccountGroupRoles, ...(here?.roles ?? [])]
}

/** The grants of the roles in the account group, of the roles for all account groups, and of the user itself. */
export const grantsIn = (subject: Subject, aid: number | null): readonly Grants[] => {
  if (subject.membership === null) return []
  return [...rolesIn(subject, aid).map((role) => role.grants), subject.membership.own]
}

/** The vendor to which usage is attributed: that of the acting user if there is one. */
export const vendorOf = ({ actor, membership }: Subject): string | null =>
  actor === null ? (membership?.integrationVendor ?? null) : actor.integrationVendor
