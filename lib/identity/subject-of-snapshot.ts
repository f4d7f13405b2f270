import type { Role } from '../decision/role.ts'
import { builtInRoles, roleOf } from '../decision/role.ts'
import { grantsOfStored } from '../decision/stored-grants.ts'
import type { ActingUser, ProvenBy, Subject } from '../decision/subject.ts'
import { oncePer } from '../effects/once-per.ts'
import type { UserId } from '../secrets/key-id.ts'
import { compileWhitelist } from '../whitelist/match.ts'
import type { ActorSnapshot, DecidedSnapshot } from './caller-snapshot.ts'
import type { DecidedMembership, DecidedUser } from './decided-items.ts'
import type { StoredAccessPolicy, StoredOrganization } from './stored-organization.ts'

/** All roles of an organization, built-in and custom. */
export const rolesOf = (policy: Pick<StoredAccessPolicy, 'roles'> | null): readonly Role[] =>
  policy === null ? builtInRoles : allRoles(policy.roles)

const allRoles = oncePer((custom: StoredAccessPolicy['roles']): readonly Role[] => [
  ...builtInRoles,
  ...custom.map((role) =>
    roleOf({ roleId: role.roleId, name: role.name, builtIn: false, grants: grantsOfStored(role) }),
  ),
])

const rolesById = oncePer((roles: readonly Role[]) => new Map(roles.map((role) => [role.roleId, role])))
const whitelistOf = oncePer(compileWhitelist)
const ownGrantsOf = oncePer((membership: DecidedMembership) => grantsOfStored(membership))

export const subjectOf = (
  snapshot: DecidedSnapshot,
  user: DecidedUser,
  organization: StoredOrganization,
  provenBy: ProvenBy,
): Subject => {
  const roles = rolesById(rolesOf(snapshot.policy))
  // A role that was deleted in the meantime grants nothing and must not affect the others.
  const held = (roleIds: readonly number[]): Role[] =>
    roleIds.flatMap((roleId) => {
      const role = roles.get(roleId)
      return role === undefined ? [] : [role]
    })
  const { membership } = snapshot
  return {
    userId: user.userId,
    username: user.username,
    userStatus: user.status,
    provenBy,
    organization: {
      organizationId: organization.organizationId,
      isActive: organization.status === 'active',
      whitelistRequired: organization.whitelistRequired,
    },
    membership:
      membership === null
        ? null
        : {
            status: membership.status,
            loginAccountGroup: membership.loginAccountGroup,
            allAccountGroupRoles: held(membership.allAccountGroupRoles),
            accountGroupRoles: membership.accountGroupRoles.map((entry) => ({
              aid: entry.aid,
              roles: held(entry.roles),
            })),
            own: ownGrantsOf(membership),
            integrationVendor: membership.integrationVendor,
          },
    whitelist: whitelistOf(user.whitelist),
    actor: provenBy.actorId === null ? null : actingUser(provenBy.actorId, snapshot.actor),
    accountGroups: (snapshot.policy?.accountGroups ?? []).map((group) => group.aid),
  }
}

const actingUser = (userId: UserId, actor: ActorSnapshot | null): ActingUser => ({
  userId,
  whitelist: whitelistOf(actor?.user?.whitelist ?? []),
  integrationVendor: actor?.membership?.integrationVendor ?? null,
})
