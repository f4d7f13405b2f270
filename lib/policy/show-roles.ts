import type { ActsAs } from '../decision/grants.ts'
import type { Role } from '../decision/role.ts'
import { permissionKey } from '../decision/stored-grants.ts'
import { DomainError } from '../effects/domain-error.ts'
import { placeholderUser } from '../identity/login-name.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'
import { shownApiName, shownEndpoint, shownPermissions } from './api-names.ts'

/** A role with its grants. */
export const roleDetails = (role: Role, policy: StoredAccessPolicy | null) => {
  const { everything, everyApi, management, apis, actsAs } = role.grants
  const sees = policy ?? { organizationId: placeholderUser.organizationId, apis: [] }
  const ofApis = [...apis].flatMap(([apiId, { sections }]) =>
    Object.entries(sections).map(([name, level]) => [permissionKey(apiId, name), level] as const),
  )
  return {
    ...roleView(role),
    everything,
    everyApi,
    permissions: shownPermissions({ ...management, ...Object.fromEntries(ofApis) }, sees),
    endpoints: [...apis].flatMap(([apiId, { endpoints }]) =>
      endpoints.map((pattern) => shownEndpoint(apiId, pattern, sees)),
    ),
    everySection: [...apis].flatMap(([apiId, { everySection }]) =>
      everySection === null
        ? []
        : [{ api: shownApiName(apiId, sees), level: everySection.level, except: [...everySection.except] }],
    ),
    ...impersonationOf(actsAs),
    version: policy?.roles.find(({ roleId }) => roleId === role.roleId)?.version ?? 0,
  }
}

const impersonationOf = (actsAs: ActsAs) => {
  if (actsAs === null || actsAs === 'everybody')
    return {
      impersonation: actsAs === null ? ('none' as const) : ('full' as const),
      impersonationTargets: [],
    }
  return { impersonation: 'selected' as const, impersonationTargets: [...actsAs] }
}

export const listRoles = (policy: StoredAccessPolicy | null) =>
  rolesOf(policy).map((role) => roleDetails(role, policy))

/** @throws DomainError not_found */
export const showRole = (policy: StoredAccessPolicy | null, roleId: number) => {
  const role = rolesOf(policy).find((candidate) => candidate.roleId === roleId)
  if (role === undefined) throw new DomainError('not_found')
  return roleDetails(role, policy)
}

export const roleView = (role: Role) => ({
  roleId: role.roleId,
  roleName: role.name,
  hasManagementPermissions: role.hasManagementPermissions,
  builtin: role.builtIn,
})
