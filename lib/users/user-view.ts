import { invitationSeconds } from '../guests/membership-acceptance.ts'
import type { Member } from '../identity/member.ts'
import { isGuest, shownStatus, versionOf } from '../identity/member.ts'
import { shownIdentity } from '../identity/shown-identity.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'
import {
  fieldsIn,
  identityFields,
  identityNames,
  membershipFields,
  membershipNames,
} from '../identity/user-fields.ts'
import { shownEndpoints, shownPermissions } from '../policy/api-names.ts'
import { roleView } from '../policy/show-roles.ts'
import type { User as UserView } from './user-shape.ts'

/** A user as the API shows it. */
export const userView = (member: Member, policy: StoredAccessPolicy | null): UserView => {
  const { user, membership } = member
  const roles = new Map(rolesOf(policy).map((role) => [role.roleId, role]))
  const groups = new Map((policy?.accountGroups ?? []).map((group) => [group.aid, group.name]))
  const shown = (roleIds: readonly number[]) =>
    roleIds.flatMap((roleId) => {
      const role = roles.get(roleId)
      return role === undefined ? [] : [roleView(role)]
    })
  const sees = policy ?? { organizationId: membership.organizationId, apis: [] }
  const isHome = !isGuest(member)
  const hasAccepted = membership.status !== 'invited'
  const { createdAt, updatedAt } = hasAccepted
    ? user
    : { createdAt: invitedAt(membership), updatedAt: invitedAt(membership) }
  return {
    userId: user.userId,
    ...shownIdentity(member),
    membership: shownStatus(member),
    guestMemberships: isHome ? user.guestCount : 0,
    ...fieldsIn(membership, membershipNames),
    roles: shown(membership.allAccountGroupRoles).map((role) => role.roleName),
    allAccountGroupRoles: shown(membership.allAccountGroupRoles),
    accountGroupRoles: membership.accountGroupRoles.map((entry) => ({
      aid: entry.aid,
      accountGroupName: groups.get(entry.aid) ?? '',
      roles: shown(entry.roles),
    })),
    permissions: shownPermissions(membership.permissions, sees),
    endpoints: shownEndpoints(membership.endpoints, sees),
    integrationVendorName:
      policy?.integrationVendors.find(({ vendorId }) => vendorId === membership.integrationVendor)?.name ??
      null,
    createdAt,
    updatedAt,
    lastLoginAt: isHome ? user.lastLoginAt : null,
    lastUsedAt: isHome ? user.lastUsedAt : null,
    version: versionOf(member),
  }
}

const invitedAt = ({ invitedUntilSeconds }: StoredMembership): string =>
  new Date(((invitedUntilSeconds ?? invitationSeconds) - invitationSeconds) * 1000).toISOString()

const keptNames = [
  ...identityNames.filter((name) => identityFields[name].audited === 'always'),
  ...membershipNames.filter((name) => membershipFields[name].audited === 'always'),
]

/** The audited fields of a created or deleted user. */
export const auditedUser = (user: UserView) => fieldsIn(user, ['roles', ...keptNames])
