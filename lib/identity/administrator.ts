import { administratorRoleIds } from '../decision/role.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { StoredUser } from './stored-user.ts'

type Identity = Pick<
  StoredUser,
  'status' | 'homeOrganizationId' | 'email' | 'hasPassword' | 'lastingCredentialCount'
>
type Membership = Pick<StoredMembership, 'organizationId' | 'status' | 'allAccountGroupRoles'>

export const holdsAdministratorRole = ({
  allAccountGroupRoles,
}: Pick<Membership, 'allAccountGroupRoles'>): boolean =>
  allAccountGroupRoles.some((roleId) => administratorRoleIds.includes(roleId))

/** True if the user has a permanent way to log in: a password, a key or token without expiry, or an address for a reset link. */
const canGetIn = ({ hasPassword, lastingCredentialCount, email }: Identity): boolean =>
  hasPassword || lastingCredentialCount > 0 || email !== null

/**
 * True for an active user who can log in and has an administrator's role for all account groups. An organization always keeps at least
 * one (U8). Guests do not count, because their home organization can disable them at any time.
 */
export const isAdministrator = (user: Identity, membership: Membership): boolean => {
  const isHome = user.homeOrganizationId === membership.organizationId
  const isActive = user.status === 'active' && membership.status === 'active'
  return isHome && isActive && holdsAdministratorRole(membership) && canGetIn(user)
}
