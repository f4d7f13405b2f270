import type { CompiledWhitelist } from '../whitelist/match.ts'
import type { Grants, Role } from './role.ts'
import type { Section } from './section.ts'

/** How the caller proved itself. `keyId` is null for a session that a password opened. */
export type ProvenBy = {
  readonly kind: 'key' | 'token' | 'session'
  readonly keyId: string | null
  readonly sessionId: string | null
  /** Set while somebody acts as this user (RFC 8693 `act`). */
  readonly actorId: string | null
}

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
    readonly isActive: boolean
    readonly loginAccountGroup: number | null
    readonly allAccountGroupRoles: readonly Role[]
    readonly accountGroupRoles: readonly { readonly aid: number; readonly roles: readonly Role[] }[]
    readonly own: Grants
    readonly integrationVendor: string | null
  } | null
  readonly whitelist: CompiledWhitelist
  readonly sections: readonly Section[]
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
