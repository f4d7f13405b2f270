import { invalidField } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { placeStatus } from '../identity/member.ts'
import { shownIdentity } from '../identity/shown-identity.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'
import type { UserListQuery } from './user-endpoints.ts'

export type UserFilter = {
  /** What the place alone tells. */
  readonly isWantedPlace: (place: StoredMembership) => boolean
  readonly isWantedUser: (member: Member) => boolean
  readonly filtersPlaces: boolean
  readonly filtersUsers: boolean
}

type Filters = Pick<
  UserListQuery,
  'status' | 'role' | 'accountGroup' | 'integrationVendor' | 'accessLevel' | 'place'
>

/** A member must pass all filters that are given. @throws DomainError invalid_request for what the organization does not have */
export const filterOf = (query: Filters, policy: StoredAccessPolicy | null): UserFilter => {
  const { status, role, accountGroup, integrationVendor, accessLevel, place: wantedPlace } = query
  const roleIds = role === undefined ? [] : roleIdsOf(role, policy)
  const groups = policy?.accountGroups ?? []
  if (accountGroup !== undefined && !groups.some(({ aid }) => aid === accountGroup))
    throw invalidField('accountGroup', 'is not an account group of this organization')
  const vendors = policy?.integrationVendors ?? []
  if (integrationVendor !== undefined && !vendors.some(({ vendorId }) => vendorId === integrationVendor))
    throw invalidField('integrationVendor', 'is not an integration vendor of this organization')
  const hasRole = ({ allAccountGroupRoles, accountGroupRoles }: StoredMembership): boolean =>
    [...allAccountGroupRoles, ...accountGroupRoles.flatMap(({ roles }) => roles)].some((roleId) =>
      roleIds.includes(roleId),
    )
  const isInGroup = ({ accountGroupRoles, loginAccountGroup }: StoredMembership): boolean =>
    loginAccountGroup === accountGroup || accountGroupRoles.some(({ aid }) => aid === accountGroup)
  return {
    filtersPlaces: [role, accountGroup, integrationVendor].some((value) => value !== undefined),
    filtersUsers: [status, accessLevel, wantedPlace].some((value) => value !== undefined),
    isWantedPlace: (place) =>
      (role === undefined || hasRole(place)) &&
      (accountGroup === undefined || isInGroup(place)) &&
      (integrationVendor === undefined || place.integrationVendor === integrationVendor),
    isWantedUser: (member) => {
      // A filter on hidden fields would disclose them, so match only shown ones.
      const shown = shownIdentity(member)
      return (
        (status === undefined || shown.status === status) &&
        (accessLevel === undefined || shown.accessLevel === accessLevel) &&
        (wantedPlace === undefined || placeStatus(member) === wantedPlace)
      )
    },
  }
}

const roleIdsOf = (role: string, policy: StoredAccessPolicy | null): number[] => {
  const found = rolesOf(policy)
    .filter(({ name, roleId }) => name.toLowerCase() === role.toLowerCase() || String(roleId) === role)
    .map(({ roleId }) => roleId)
  if (found.length === 0) throw invalidField('role', 'is not a role of this organization')
  return found
}
