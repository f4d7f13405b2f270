import { administratorRoleIds } from '../access/role.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { StoredUser } from './stored-user.ts'

/**
 * Somebody who can still put everything right: active, with an administrator's role for all account groups, and with nothing of
 * Postern's own management denied. An organization never falls below one of these (U8). Guests do not count: their home can disable
 * them at any time.
 */
export const isAdministrator = (
  user: Pick<StoredUser, 'status' | 'homeOrganizationId'>,
  membership: Pick<StoredMembership, 'organizationId' | 'status' | 'allAccountGroupRoles' | 'permissions'>,
): boolean => {
  const holdsRole = membership.allAccountGroupRoles.some((roleId) => administratorRoleIds.includes(roleId))
  const denied = Object.entries(membership.permissions).some(
    ([section, level]) => level === 'deny' && section.startsWith('postern-'),
  )
  const isHome = user.homeOrganizationId === membership.organizationId
  return isHome && user.status === 'active' && membership.status === 'active' && holdsRole && !denied
}
