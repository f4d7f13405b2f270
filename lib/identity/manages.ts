import type { ActsAs } from '../decision/grants.ts'
import { actsAsOf, managementPrefix } from '../decision/stored-grants.ts'
import type { DecidedMember } from './decided-items.ts'
import { epochOf } from './member.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { StoredAccessPolicy } from './stored-organization.ts'
import { rolesOf } from './subject-of-snapshot.ts'

type Held = Pick<
  StoredMembership,
  'allAccountGroupRoles' | 'accountGroupRoles' | 'permissions' | 'impersonation'
>

/** True if a membership grants management permissions or acting as others. Nobody may act as such a user (T7). */
export const manages = (membership: Held, policy: StoredAccessPolicy | null): boolean => {
  const managing = new Set(
    rolesOf(policy)
      .filter((role) => role.hasManagementPermissions)
      .map((role) => role.roleId),
  )
  const held = [
    ...membership.allAccountGroupRoles,
    ...membership.accountGroupRoles.flatMap((entry) => entry.roles),
  ]
  const own = Object.keys(membership.permissions).some((section) => section.startsWith(managementPrefix))
  return own || held.some((roleId) => managing.has(roleId)) || membership.impersonation !== 'none'
}

type Acting = Pick<StoredMembership, 'allAccountGroupRoles' | 'impersonation' | 'impersonationTargets'>

/** Whom a user may act as, by its membership and its roles for all account groups. Roles in single account groups do not count. */
export const actingOf = (membership: Acting, policy: StoredAccessPolicy | null): ActsAs[] =>
  [
    actsAsOf(membership),
    ...rolesOf(policy)
      .filter(({ roleId }) => membership.allAccountGroupRoles.includes(roleId))
      .map(({ grants }) => grants.actsAs),
  ].filter((actsAs) => actsAs !== null)

/**
 * The epoch of the acting user in an acting token. It also changes with the impersonation settings of the user's roles and never
 * repeats: each role counts its changes, and a change of roles increases the membership's epoch.
 */
export const actingEpochOf = (actor: DecidedMember, policy: StoredAccessPolicy | null): string => {
  const changes = (policy?.roles ?? [])
    .filter(({ roleId }) => actor.membership.allAccountGroupRoles.includes(roleId))
    .reduce((sum, { impersonationEpoch }) => sum + impersonationEpoch, 0)
  return changes === 0 ? epochOf(actor) : `${epochOf(actor)}.${changes}`
}
