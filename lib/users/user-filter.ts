import type { Caller } from '../contract/operation.ts'
import { invalidField } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { shownStatus } from '../identity/member.ts'
import { shownIdentity } from '../identity/shown-identity.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'
import { isSameName } from '../policy/access-editor.ts'
import type { UserListQuery } from './user-endpoints.ts'

export type UserFilter = {
  /** What the membership alone tells. */
  readonly isWantedMembership: (membership: StoredMembership) => boolean
  readonly isWantedUser: (member: Member) => boolean
  readonly filtersMemberships: boolean
  readonly filtersUsers: boolean
}

type Filters = Pick<
  UserListQuery,
  'status' | 'role' | 'accountGroup' | 'integrationVendor' | 'accessLevel' | 'membership'
>

/**
 * A member must pass all filters that are given. A name that the organization does not have is refused, but matches nobody where the caller
 * manages some account groups only: there, it must not differ from one whose users the caller does not reach.
 *
 * @throws DomainError invalid_request
 */
export const filterOf = (
  query: Filters,
  { reach, snapshot: { policy } }: Pick<Caller, 'reach' | 'snapshot'>,
): UserFilter => {
  const { status, role, accountGroup, integrationVendor, accessLevel, membership: wantedMembership } = query
  const requireKnown = (name: keyof Filters, isKnown: boolean, what: string): void => {
    if (!isKnown && reach === 'organization') throw invalidField(name, `is not ${what} of this organization`)
  }
  const roleIds = role === undefined ? [] : roleIdsOf(role, policy)
  const groups = policy?.accountGroups ?? []
  const vendors = policy?.integrationVendors ?? []
  if (role !== undefined) requireKnown('role', roleIds.length > 0, 'a role')
  if (accountGroup !== undefined)
    requireKnown(
      'accountGroup',
      groups.some(({ aid }) => aid === accountGroup),
      'an account group',
    )
  if (integrationVendor !== undefined)
    requireKnown(
      'integrationVendor',
      vendors.some(({ vendorId }) => vendorId === integrationVendor),
      'an integration vendor',
    )
  const hasRole = ({ allAccountGroupRoles, accountGroupRoles }: StoredMembership): boolean =>
    [...allAccountGroupRoles, ...accountGroupRoles.flatMap(({ roles }) => roles)].some((roleId) =>
      roleIds.includes(roleId),
    )
  const isInGroup = ({ accountGroupRoles, loginAccountGroup }: StoredMembership): boolean =>
    loginAccountGroup === accountGroup || accountGroupRoles.some(({ aid }) => aid === accountGroup)
  return {
    filtersMemberships: [role, accountGroup, integrationVendor].some((value) => value !== undefined),
    filtersUsers: [status, accessLevel, wantedMembership].some((value) => value !== undefined),
    isWantedMembership: (membership) =>
      (role === undefined || hasRole(membership)) &&
      (accountGroup === undefined || isInGroup(membership)) &&
      (integrationVendor === undefined || membership.integrationVendor === integrationVendor),
    isWantedUser: (member) => {
      // A filter on hidden fields would disclose them, so match only shown ones.
      const shown = shownIdentity(member)
      return (
        (status === undefined || shown.status === status) &&
        (accessLevel === undefined || shown.accessLevel === accessLevel) &&
        (wantedMembership === undefined || shownStatus(member) === wantedMembership)
      )
    },
  }
}

const roleIdsOf = (role: string, policy: StoredAccessPolicy | null): number[] =>
  rolesOf(policy)
    .filter(({ name, roleId }) => isSameName(name, role) || String(roleId) === role)
    .map(({ roleId }) => roleId)
