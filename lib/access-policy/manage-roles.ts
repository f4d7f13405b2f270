import { builtInRoles, noGrants } from '../access/role.ts'
import type { PermissionLevel } from '../access/section.ts'
import { endpointsOf, rolesOf } from '../access/subject-of-snapshot.ts'
import { changesBetween } from '../audit/audit-row.ts'
import type { FieldError } from '../domain-error.ts'
import { DomainError, invalidField } from '../domain-error.ts'
import type { Caller, Origin } from '../http/operation.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import {
  asWritten,
  requireEditorHolds,
  requireFreeName,
  requireRoomFor,
  sectionsNow,
} from './access-editor.ts'
import type { AccessPolicyDependencies } from './access-policy.ts'
import { editAccessPolicy } from './access-policy.ts'
import { refuseInUse, usersOf } from './in-use.ts'
import { roleDetails } from './show-roles.ts'

type StoredRole = StoredAccessPolicy['roles'][number]

export type NewRole = {
  readonly name: string
  readonly permissions?: Readonly<Record<string, PermissionLevel>> | undefined
  readonly endpoints?: readonly string[] | undefined
}

export type RoleChange = { readonly [K in keyof NewRole]?: NewRole[K] | undefined }

export type RoleDetails = ReturnType<typeof roleDetails>

/** Each decision reads all of them. */
const maximumRoles = 100

/** @throws DomainError name_taken, grant_not_held, invalid_request */
export const createRole = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  given: NewRole,
  origin: Origin,
): Promise<RoleDetails> =>
  editAccessPolicy(dependencies, caller, origin, (policy) => {
    const { roles, nextNumber } = policy
    const role: StoredRole = {
      roleId: nextNumber,
      name: given.name,
      permissions: { ...given.permissions },
      endpoints: [...new Set(given.endpoints)],
    }
    requireFreeName(role.name, roleNames(policy), 'name')
    requireRoomFor(roles.length + 1, maximumRoles, 'roles of its own', 'name')
    checkPermissions(role, caller, policy)
    requireRoleHeld(role, caller, policy)
    const after = { roles: [...roles, role], nextNumber: nextNumber + 1 }
    return {
      after,
      result: detailsIn({ ...policy, ...after }, role.roleId),
      action: 'role.created',
      targetId: String(role.roleId),
      changes: [{ field: 'role', before: null, after: role }],
    }
  })

/**
 * Changes a role, at once for everybody who holds it: decisions read the role, not a copy of it. It cannot touch the number of
 * administrators, which only built-in roles make.
 *
 * @throws DomainError not_found, name_taken, grant_not_held, invalid_request
 */
export const changeRole = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  roleId: number,
  change: RoleChange,
  origin: Origin,
): Promise<RoleDetails> =>
  editAccessPolicy(dependencies, caller, origin, (policy) => {
    const before = customRoleIn(policy, roleId)
    const role: StoredRole = {
      roleId,
      name: change.name ?? before.name,
      permissions: change.permissions === undefined ? before.permissions : { ...change.permissions },
      endpoints: change.endpoints === undefined ? before.endpoints : [...new Set(change.endpoints)],
    }
    const others = { ...policy, roles: policy.roles.filter((candidate) => candidate !== before) }
    requireFreeName(role.name, roleNames(others), 'name')
    checkPermissions(role, caller, policy)
    requireRoleHeld(before, caller, policy)
    requireRoleHeld(role, caller, policy)
    const changes = changesBetween(before, role, ['name', 'permissions', 'endpoints'])
    const after = {
      roles: policy.roles.map((candidate) => (candidate === before ? role : candidate)),
    }
    return {
      after: changes.length === 0 ? null : after,
      result: detailsIn({ ...policy, ...after }, roleId),
      action: 'role.changed',
      targetId: String(roleId),
      changes,
    }
  })

/** @throws DomainError not_found, in_use, grant_not_held, invalid_request */
export const deleteRole = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  roleId: number,
  origin: Origin,
): Promise<void> =>
  editAccessPolicy(dependencies, caller, origin, async (policy) => {
    const role = customRoleIn(policy, roleId)
    requireRoleHeld(role, caller, policy)
    const places = await dependencies.readPlaces(policy.organizationId)
    refuseInUse(`The role ${role.name}`, [
      usersOf(places, (place) =>
        [place.allAccountGroupRoles, ...place.accountGroupRoles.map(({ roles }) => roles)].some((roleIds) =>
          roleIds.includes(roleId),
        ),
      ),
    ])
    return {
      after: { roles: policy.roles.filter((candidate) => candidate !== role) },
      result: undefined,
      action: 'role.deleted',
      targetId: String(roleId),
      changes: [{ field: 'role', before: role, after: null }],
    }
  })

const roleNames = (policy: StoredAccessPolicy): string[] => rolesOf(policy).map(({ name }) => name)

const detailsIn = (policy: StoredAccessPolicy, roleId: number): RoleDetails => {
  const role = rolesOf(policy).find((candidate) => candidate.roleId === roleId)
  if (role === undefined) throw new Error('the role was just put there')
  return roleDetails(role)
}

const customRoleIn = (policy: StoredAccessPolicy, roleId: number): StoredRole => {
  const builtIn = builtInRoles.find((role) => role.roleId === roleId)
  if (builtIn !== undefined) {
    throw invalidField('roleId', `${builtIn.name} is built in: it can be neither changed nor deleted`)
  }
  const role = policy.roles.find((candidate) => candidate.roleId === roleId)
  if (role === undefined) throw new DomainError('not_found')
  return role
}

/**
 * Every section must exist, and Postern's own may be granted but not denied: a role with such a `deny`, given to every
 * administrator, would lock all of them out together, where nobody counts. On a user it is counted (`isAdministrator`).
 */
const checkPermissions = (role: StoredRole, caller: Caller, policy: StoredAccessPolicy): void => {
  const known = sectionsNow(caller, policy)
  const errors = Object.entries(role.permissions).flatMap(([name, level]): FieldError[] => {
    const section = known.find((candidate) => candidate.name === name)
    const path = `permissions.${name}`
    if (section === undefined) return [{ path, message: 'is no section here' }]
    if (section.isManagement && level === 'deny')
      return [{ path, message: 'a role cannot deny a section of Postern itself; deny it to the user' }]
    return []
  })
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
}

const requireRoleHeld = (role: StoredRole, caller: Caller, policy: StoredAccessPolicy): void =>
  requireEditorHolds(
    caller,
    policy,
    { ...noGrants, sections: asWritten(role.permissions), endpoints: endpointsOf(role.endpoints) },
    'This role gives, or would give, permissions that you do not hold for every account group.',
  )
