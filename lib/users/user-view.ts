import { invitationSeconds } from '../guests/invitation.ts'
import type { Member } from '../identity/member.ts'
import { isGuest, placeStatus, versionOf } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'
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
  const sees = policy ?? { organizationId: '', apis: [] }
  // What only its home needs to know of a user stays there; of somebody who has not accepted, all but the name.
  const ofHome = <T>(value: T, elsewhere: T): T => (isGuest(member) ? elsewhere : value)
  const ofAccepted = <T>(value: T, elsewhere: T): T => (membership.status === 'invited' ? elsewhere : value)
  return {
    userId: user.userId,
    username: user.username,
    email: ofHome(user.email, null),
    emailVerified: ofHome(user.emailVerified, false),
    firstName: ofAccepted(user.firstName, ''),
    lastName: ofAccepted(user.lastName, ''),
    name: ofAccepted(user.name, user.username),
    description: ofHome(user.description, ''),
    status: ofAccepted(user.status, 'active'),
    place: placeStatus(member),
    guestPlaces: ofHome(user.guestCount, 0),
    accessLevel: ofAccepted(user.accessLevel, 'api'),
    timezone: ofAccepted(user.timezone, 'UTC'),
    location: ofHome(user.location, ''),
    roles: shown(membership.allAccountGroupRoles).map((role) => role.roleName),
    allAccountGroupRoles: shown(membership.allAccountGroupRoles),
    accountGroupRoles: membership.accountGroupRoles.map((entry) => ({
      aid: entry.aid,
      accountGroupName: groups.get(entry.aid) ?? '',
      roles: shown(entry.roles),
    })),
    loginAccountGroup: membership.loginAccountGroup,
    permissions: shownPermissions(membership.permissions, sees),
    endpoints: shownEndpoints(membership.endpoints, sees),
    whitelist: ofHome(user.whitelist, []),
    impersonation: membership.impersonation,
    impersonationTargets: membership.impersonationTargets,
    integrationVendor: membership.integrationVendor,
    integrationVendorName:
      policy?.integrationVendors.find(({ vendorId }) => vendorId === membership.integrationVendor)?.name ??
      null,
    rateLimitPerMinute: membership.rateLimitPerMinute,
    createdAt: ofAccepted(user.createdAt, invitedAt(membership)),
    updatedAt: ofAccepted(user.updatedAt, invitedAt(membership)),
    lastLoginAt: ofHome(user.lastLoginAt, null),
    version: versionOf(member),
  }
}

const invitedAt = ({ invitedUntilSeconds }: StoredMembership): string =>
  new Date(((invitedUntilSeconds ?? invitationSeconds) - invitationSeconds) * 1000).toISOString()
