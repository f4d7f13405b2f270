import type { CredentialKind } from '../secrets/key-id.ts'
import type { CompiledWhitelist } from '../whitelist/match.ts'
import type { Grants } from './grants.ts'
import type { Role } from './role.ts'

/** How the caller proved itself. `keyId` is null for a session that a password opened. */
export type ProvenBy = {
  readonly kind: CredentialKind | 'session'
  readonly keyId: string | null
  readonly sessionId: string | null
  /** Set while somebody acts as this user (RFC 8693 `act`). */
  readonly actorId: string | null
  /** The one API that a session token is for; null when it is the issuer's, or no session token. */
  readonly audience: string | null
}

/** Whoever acts as the user: its whitelist counts too, and what is done is its vendor's. */
export type ActingUser = {
  readonly userId: string
  readonly whitelist: CompiledWhitelist
  readonly integrationVendor: string | null
}

/** A user's place in an organization: `invited` until the user accepts, `asleep` until the organization confirms it again. */
type PlaceStatus = 'active' | 'invited' | 'asleep'

/** All that a decision needs to know of a caller whose credential held. */
export type Subject = {
  readonly userId: string
  readonly username: string
  readonly userStatus: 'active' | 'disabled'
  readonly provenBy: ProvenBy
  readonly organization: {
    readonly organizationId: string
    readonly isActive: boolean
    readonly whitelistRequired: boolean
  }
  /** Null: the user has no place in this organization (any more). */
  readonly membership: {
    readonly status: PlaceStatus
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

/** The account group a request is made in: the one it names, else the one the user logs in to, as long as that exists. */
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

/** Roles in the account group, roles for all of them, and what the user holds itself. */
export const grantsIn = (subject: Subject, aid: number | null): readonly Grants[] => {
  if (subject.membership === null) return []
  return [...rolesIn(subject, aid).map((role) => role.grants), subject.membership.own]
}

/** The vendor to whom a request is attributed: that of whoever really acts. */
export const vendorOf = ({ actor, membership }: Subject): string | null =>
  actor === null ? (membership?.integrationVendor ?? null) : actor.integrationVendor
