import { changesBetween } from '../audit/audit-row.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { builtInRoles, givesManagement } from '../decision/role.ts'
import { grantsOfStored } from '../decision/stored-grants.ts'
import { DomainError, invalidField, requireVersion } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import { requireFreeName, requireHeldForAll, requireRoomFor } from './access-editor.ts'
import type { AccessPolicyDependencies } from './access-policy.ts'
import { editAccessPolicy } from './access-policy.ts'
import { addedTo } from './added-grants.ts'
import type { GivenEverySection, GivenPermissions, Names, ReadApis } from './api-names.ts'
import { compiledApis, namesOf, readEndpoints, readEverySection, readPermissions } from './api-names.ts'
import { giveNumber } from './chosen-number.ts'
import { checkTargets, impersonationFor } from './impersonation-fields.ts'
import { refuseInUse, usersOf } from './in-use.ts'
import { roleDetails } from './show-roles.ts'

type StoredRole = StoredAccessPolicy['roles'][number]
type Acting = Pick<StoredRole, 'impersonation' | 'impersonationTargets'>

export type NewRole = {
  readonly name: string
  /** Default: the next free number. */
  readonly roleId?: number | undefined
  readonly permissions?: GivenPermissions | undefined
  readonly endpoints?: readonly string[] | undefined
  readonly everySection?: GivenEverySection | undefined
  readonly impersonation?: StoredRole['impersonation'] | undefined
  readonly impersonationTargets?: readonly UserId[] | undefined
}

export type RoleChange = { readonly [K in Exclude<keyof NewRole, 'roleId'>]?: NewRole[K] | undefined } & {
  /** The version that the change is based on; undefined = any. */
  readonly version?: number | undefined
}

export type RoleDetails = ReturnType<typeof roleDetails>

export type RoleDependencies = AccessPolicyDependencies & {
  readonly readApis: ReadApis
  readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
}

/** Every decision reads all of them. */
const maximumRoles = 100

const notHeld = 'This role grants, or would grant, permissions that you do not hold for all account groups.'

/** @throws DomainError name_taken, grant_not_held, invalid_request */
export const createRole = (
  dependencies: RoleDependencies,
  caller: Caller,
  given: NewRole,
  origin: Origin,
): Promise<RoleDetails> =>
  editAccessPolicy(dependencies, caller, origin, async (policy) => {
    const { roles } = policy
    const { number, ...numbers } = giveNumber(policy, 'roles', given.roleId, 'roleId')
    const names = await namesOf(dependencies.readApis, policy)
    const none = { permissions: {}, endpoints: [], everySection: [], ...nobody, impersonationEpoch: 0 }
    const empty = { roleId: number, name: given.name, ...none, version: policy.version + 1 }
    const role = { ...empty, ...grantsGiven(given, names, nobody) }
    requireFreeName(role.name, roleNames(policy), 'name')
    requireRoomFor(roles.length + 1, maximumRoles, 'roles of its own', 'name')
    requireHeldForAll(caller, grantsOfStored(role), compiledApis(names), notHeld)
    await checkTargets(dependencies, { ...role, userId: null, organizationId: policy.organizationId })
    const after = { roles: [...roles, role], ...numbers }
    return {
      after,
      result: detailsIn({ ...policy, ...after }, role.roleId),
      action: 'role.created',
      targetId: String(role.roleId),
      changes: [{ field: 'role', before: null, after: audited(role) }],
    }
  })

/** Without what only sessions compare. */
const audited = ({ impersonationEpoch: _, ...role }: StoredRole) => role

/**
 * Changes a role, with immediate effect for everybody who has it, because decisions read the role itself. The number of administrators is
 * not affected: only built-in roles make administrators. Removing grants needs none, unless the role grants management.
 *
 * @throws DomainError not_found, version_conflict, name_taken, grant_not_held, invalid_request
 */
export const changeRole = (
  dependencies: RoleDependencies,
  caller: Caller,
  roleId: number,
  { version, ...change }: RoleChange,
  origin: Origin,
): Promise<RoleDetails> =>
  editAccessPolicy(dependencies, caller, origin, async (policy) => {
    const before = customRoleIn(policy, roleId)
    requireVersion('The role', before.version, version)
    const names = await namesOf(dependencies.readApis, policy)
    const role = { ...before, name: change.name ?? before.name, ...grantsGiven(change, names, before) }
    const others = { ...policy, roles: policy.roles.filter((candidate) => candidate !== before) }
    requireFreeName(role.name, roleNames(others), 'name')
    const had = grantsOfStored(before)
    if (givesManagement(had)) requireHeldForAll(caller, had, compiledApis(names), notHeld)
    requireHeldForAll(caller, grantsOfStored(addedTo(before, role)), compiledApis(names), notHeld)
    const ofRole = { ...role, userId: null, organizationId: policy.organizationId }
    await checkTargets(dependencies, ofRole, before.impersonationTargets)
    const changes = changesBetween(before, role, [...grantFields, ...impersonationFields])
    const actsForOthers = changes.some(({ field }) => impersonationFields.includes(field))
    const changed = {
      ...role,
      impersonationEpoch: before.impersonationEpoch + (actsForOthers ? 1 : 0),
      version: changes.length === 0 ? before.version : policy.version + 1,
    }
    const after = {
      roles: policy.roles.map((candidate) => (candidate === before ? changed : candidate)),
    }
    return {
      after: changes.length === 0 ? null : after,
      result: detailsIn({ ...policy, ...after }, roleId),
      action: 'role.changed',
      targetId: String(roleId),
      changes,
    }
  })

/** @throws DomainError not_found, in_use, invalid_request */
export const deleteRole = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  roleId: number,
  origin: Origin,
): Promise<void> =>
  editAccessPolicy(dependencies, caller, origin, async (policy) => {
    const role = customRoleIn(policy, roleId)
    const memberships = await dependencies.readDirectory(policy.organizationId)
    refuseInUse(`The role ${role.name}`, [
      usersOf(memberships, (membership) =>
        [membership.allAccountGroupRoles, ...membership.accountGroupRoles.map(({ roles }) => roles)].some(
          (roleIds) => roleIds.includes(roleId),
        ),
      ),
    ])
    return {
      after: { roles: policy.roles.filter((candidate) => candidate !== role) },
      result: undefined,
      action: 'role.deleted',
      targetId: String(roleId),
      changes: [{ field: 'role', before: audited(role), after: null }],
    }
  })

const roleNames = (policy: StoredAccessPolicy): string[] => rolesOf(policy).map(({ name }) => name)

const detailsIn = (policy: StoredAccessPolicy, roleId: number): RoleDetails => {
  const role = rolesOf(policy).find((candidate) => candidate.roleId === roleId)
  if (role === undefined) throw new Error('the edited policy has the role')
  return roleDetails(role, policy)
}

const customRoleIn = (policy: StoredAccessPolicy, roleId: number): StoredRole => {
  const builtIn = builtInRoles.find((role) => role.roleId === roleId)
  if (builtIn !== undefined) {
    throw invalidField('roleId', `${builtIn.name} is built in and cannot be changed or deleted`)
  }
  const role = policy.roles.find((candidate) => candidate.roleId === roleId)
  if (role === undefined) throw new DomainError('not_found')
  return role
}

const grantFields = ['name', 'permissions', 'endpoints', 'everySection']
const impersonationFields = ['impersonation', 'impersonationTargets']

const nobody: Acting = { impersonation: 'none', impersonationTargets: [] }

/** The grants of a request in stored form. A `deny` stores nothing, as for users. */
const grantsGiven = (given: RoleChange, names: Names, before: Acting): Partial<StoredRole> => ({
  ...(given.permissions === undefined
    ? {}
    : { permissions: readPermissions(given.permissions, names).permissions }),
  ...(given.endpoints === undefined ? {} : { endpoints: readEndpoints(given.endpoints, names) }),
  ...(given.everySection === undefined ? {} : { everySection: readEverySection(given.everySection, names) }),
  ...impersonationFor(given, before),
})
