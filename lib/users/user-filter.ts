import type { Caller } from '../contract/operation.ts'
import { invalidField } from '../effects/domain-error.ts'
import { hasOwnGrants } from '../identity/account-group-reach.ts'
import type { ListedAs } from '../identity/listed-fields.ts'
import type { Member, ShownStatus } from '../identity/member.ts'
import { shownStatus } from '../identity/member.ts'
import { shownIdentity } from '../identity/shown-identity.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'
import { isSameName } from '../policy/access-editor.ts'
import type { UserListQuery } from './user-list-query.ts'

export type UserFilter = {
  /** What the membership alone tells. */
  readonly isWantedMembership: (membership: StoredMembership) => boolean
  readonly isWantedUser: (member: Member) => boolean
  /** What the directory must say of all who are wanted. It follows a change of the user within about a second. */
  readonly listedAs: ListedAs
  /** Everybody is wanted. */
  readonly isEmpty: boolean
}

const listedMembership: Readonly<Record<ShownStatus, ListedAs>> = {
  home: { isHome: true },
  guest: { isHome: false, status: 'active' },
  invited: { isHome: false, status: 'invited' },
  suspended: { isHome: false, status: 'suspended' },
}

type Filters = Pick<
  UserListQuery,
  'status' | 'role' | 'accountGroup' | 'integrationVendor' | 'accessLevel' | 'membership' | 'hasOwnGrants'
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
  const { hasOwnGrants: ownGrants } = query
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
  const listedAs: ListedAs = {
    ...(status === undefined ? {} : { shownStatus: status }),
    ...(accessLevel === undefined ? {} : { shownAccessLevel: accessLevel }),
    ...(wantedMembership === undefined ? {} : listedMembership[wantedMembership]),
    ...(integrationVendor === undefined ? {} : { integrationVendor }),
    ...(ownGrants === undefined ? {} : { hasOwnGrants: ownGrants }),
  }
  return {
    isEmpty: [role, accountGroup, ...Object.values(listedAs)].every((value) => value === undefined),
    listedAs,
    isWantedMembership: (membership) =>
      (role === undefined || hasRole(membership)) &&
      (accountGroup === undefined || isInGroup(membership)) &&
      (integrationVendor === undefined || membership.integrationVendor === integrationVendor) &&
      (ownGrants === undefined || hasOwnGrants(membership) === ownGrants),
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
