import { administratorRoleIds } from '../decision/role.ts'
import type { StoredMembership } from './stored-membership.ts'
import type { StoredUser } from './stored-user.ts'

type Identity = Pick<
  StoredUser,
  'status' | 'homeOrganizationId' | 'email' | 'hasPassword' | 'lastingCredentialCount'
>
type Place = Pick<StoredMembership, 'organizationId' | 'status' | 'allAccountGroupRoles'>

export const holdsAdministratorRole = ({
  allAccountGroupRoles,
}: Pick<Place, 'allAccountGroupRoles'>): boolean =>
  allAccountGroupRoles.some((roleId) => administratorRoleIds.includes(roleId))

/**
 * Has the user a way in that does not end by itself: a password, a key or token without expiry, or an address that a reset link can be
 * mailed to?
 */
const canGetIn = ({ hasPassword, lastingCredentialCount, email }: Identity): boolean =>
  hasPassword || lastingCredentialCount > 0 || email !== null

/**
 * Somebody who can put everything right: active, able to get in, with an administrator's role for all account groups. An organization
 * never falls below one of these (U8). Guests do not count: their home can disable them at any time.
 */
export const isAdministrator = (user: Identity, place: Place): boolean => {
  const isHome = user.homeOrganizationId === place.organizationId
  const isActive = user.status === 'active' && place.status === 'active'
  return isHome && isActive && holdsAdministratorRole(place) && canGetIn(user)
}
