import type { StoredAccessPolicy, StoredOrganization } from '../organizations/stored-organization.ts'
import type { StoredMembership } from '../users/stored-membership.ts'
import type { StoredUser } from '../users/stored-user.ts'
import { compileWhitelist } from '../whitelist/match.ts'
import type { CallerSnapshot } from './caller-snapshot.ts'
import type { EndpointPattern } from './endpoint-pattern.ts'
import { parseEndpointPattern } from './endpoint-pattern.ts'
import type { Grants, Role } from './role.ts'
import { builtInRoles } from './role.ts'
import type { Section } from './section.ts'
import type { ProvenBy, Subject } from './subject.ts'

/** A stored pattern that does not parse is a malformed row: it throws, and so denies. */
const patternOf = (text: string): EndpointPattern => {
  const parsed = parseEndpointPattern(text)
  if (!parsed.ok) throw new Error(`stored endpoint ${parsed.message}`)
  return parsed.pattern
}

/** Canonical patterns as they are stored. */
export const endpointsOf = (texts: readonly string[]): EndpointPattern[] => texts.map(patternOf)

const grantsOf = (held: Pick<StoredMembership, 'permissions' | 'endpoints'>): Grants => ({
  everything: false,
  everySection: null,
  sections: held.permissions,
  endpoints: endpointsOf(held.endpoints),
})

/** Built in and custom. */
export const rolesOf = (policy: StoredAccessPolicy | null): readonly Role[] => [
  ...builtInRoles,
  ...(policy?.roles ?? []).map((role) => ({
    roleId: role.roleId,
    name: role.name,
    builtIn: false,
    hasManagementPermissions: Object.keys(role.permissions).some((section) => section.startsWith('postern-')),
    grants: grantsOf(role),
  })),
]

/** The sections that the organization named for its protected APIs. */
export const sectionsOf = (policy: Pick<StoredAccessPolicy, 'sections'> | null): readonly Section[] =>
  (policy?.sections ?? []).map((section) => ({
    name: section.name,
    title: section.title,
    isManagement: false,
    endpoints: section.endpoints.map(({ endpoint, level }) => ({ pattern: patternOf(endpoint), level })),
  }))

export const subjectOf = (
  snapshot: CallerSnapshot,
  user: StoredUser,
  organization: StoredOrganization,
  provenBy: ProvenBy,
  managementSections: readonly Section[],
): Subject => {
  const roles = new Map(rolesOf(snapshot.policy).map((role) => [role.roleId, role]))
  // A role that was deleted since grants nothing; it must not stop the ones that are left.
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
            isActive: membership.status === 'active',
            loginAccountGroup: membership.loginAccountGroup,
            allAccountGroupRoles: held(membership.allAccountGroupRoles),
            accountGroupRoles: membership.accountGroupRoles.map((entry) => ({
              aid: entry.aid,
              roles: held(entry.roles),
            })),
            own: grantsOf(membership),
            integrationVendor: membership.integrationVendor,
          },
    whitelist: compileWhitelist(user.whitelist),
    sections: [...managementSections, ...sectionsOf(snapshot.policy)],
    accountGroups: (snapshot.policy?.accountGroups ?? []).map((group) => group.aid),
  }
}
