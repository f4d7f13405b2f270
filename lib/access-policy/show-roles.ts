import { formatEndpointPattern } from '../access/endpoint-pattern.ts'
import type { Role } from '../access/role.ts'
import { rolesOf } from '../access/subject-of-snapshot.ts'
import { DomainError } from '../domain-error.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import { roleView } from '../users/user-view.ts'

/** A role with all that it gives. */
export const roleDetails = (role: Role) => {
  const { everything, everySection, sections, endpoints } = role.grants
  return {
    ...roleView(role),
    everything,
    everySection,
    permissions: { ...sections },
    endpoints: endpoints.map(formatEndpointPattern),
  }
}

export const listRoles = (policy: StoredAccessPolicy | null) => rolesOf(policy).map(roleDetails)

/** @throws DomainError not_found */
export const showRole = (policy: StoredAccessPolicy | null, roleId: number) => {
  const role = rolesOf(policy).find((candidate) => candidate.roleId === roleId)
  if (role === undefined) throw new DomainError('not_found')
  return roleDetails(role)
}
