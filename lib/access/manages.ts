import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import type { StoredMembership } from '../users/stored-membership.ts'
import { managementPrefix } from './stored-grants.ts'
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
