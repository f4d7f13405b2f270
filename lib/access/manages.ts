import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import type { StoredMembership } from '../users/stored-membership.ts'
import { rolesOf } from './subject-of-snapshot.ts'

/** Does the place of a user let it manage anything of Postern, or act as others? Nobody acts as such a user (T7). */
export const manages = (membership: StoredMembership, policy: StoredAccessPolicy | null): boolean => {
  const managing = new Set(
    rolesOf(policy)
      .filter((role) => role.hasManagementPermissions)
      .map((role) => role.roleId),
  )
  const held = [
    ...membership.allAccountGroupRoles,
    ...membership.accountGroupRoles.flatMap((entry) => entry.roles),
  ]
  const own = Object.entries(membership.permissions).some(
    ([section, level]) => section.startsWith('postern-') && level !== 'deny',
  )
  return own || held.some((roleId) => managing.has(roleId)) || membership.impersonation !== 'none'
}
