import { administratorRoleIds } from '../access/role.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { StoredUser } from './stored-user.ts'

/**
 * Somebody who can still put everything right: active, with an administrator's role for all account groups, and with nothing of
 * Postern's own management denied. An organization never falls below one of these (U8).
 */
export const isAdministrator = (
  user: Pick<StoredUser, 'status'>,
  membership: Pick<StoredMembership, 'status' | 'allAccountGroupRoles' | 'permissions'>,
): boolean => {
  const holdsRole = membership.allAccountGroupRoles.some((roleId) => administratorRoleIds.includes(roleId))
  const denied = Object.entries(membership.permissions).some(
    ([section, level]) => level === 'deny' && section.startsWith('postern-'),
  )
  return user.status === 'active' && membership.status === 'active' && holdsRole && !denied
}
