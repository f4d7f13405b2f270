import type { ActsAs } from '../decision/grants.ts'
import { actsAsOf, managementPrefix } from '../decision/stored-grants.ts'
import type { Member } from './member.ts'
import { epochOf } from './member.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { StoredAccessPolicy } from './stored-organization.ts'
import { rolesOf } from './subject-of-snapshot.ts'

type Held = Pick<
  StoredMembership,
  'allAccountGroupRoles' | 'accountGroupRoles' | 'permissions' | 'impersonation'
>

/** Does the place of a user let it manage anything of Postern, or act as others? Nobody acts as such a user (T7). */
export const manages = (place: Held, policy: StoredAccessPolicy | null): boolean => {
  const managing = new Set(
    rolesOf(policy)
      .filter((role) => role.hasManagementPermissions)
      .map((role) => role.roleId),
  )
  const held = [...place.allAccountGroupRoles, ...place.accountGroupRoles.flatMap((entry) => entry.roles)]
  const own = Object.keys(place.permissions).some((section) => section.startsWith(managementPrefix))
  return own || held.some((roleId) => managing.has(roleId)) || place.impersonation !== 'none'
}

type Acting = Pick<StoredMembership, 'allAccountGroupRoles' | 'impersonation' | 'impersonationTargets'>

/**
 * Whom a place lets its user act as: by itself, and by its roles for all account groups. Acting concerns no account group, so what is
 * held in one does not count.
 */
export const actingOf = (place: Acting, policy: StoredAccessPolicy | null): ActsAs[] =>
  [
    actsAsOf(place),
    ...rolesOf(policy)
      .filter(({ roleId }) => place.allAccountGroupRoles.includes(roleId))
      .map(({ grants }) => grants.actsAs),
  ].filter((actsAs) => actsAs !== null)

/**
 * What an acting token must carry of whoever acts. It changes with the impersonation of its roles, too, and never comes back: each of
 * them counts its changes, and to have other roles moves the epoch of the place.
 */
export const actingEpochOf = (actor: Member, policy: StoredAccessPolicy | null): string => {
  const changes = (policy?.roles ?? [])
    .filter(({ roleId }) => actor.membership.allAccountGroupRoles.includes(roleId))
    .reduce((sum, { impersonationEpoch }) => sum + impersonationEpoch, 0)
  return changes === 0 ? epochOf(actor) : `${epochOf(actor)}.${changes}`
}
