import { covers } from '../access/grants-cover.ts'
import type { Grants, Role } from '../access/role.ts'
import { noGrants } from '../access/role.ts'
import type { PermissionLevel } from '../access/section.ts'
import type { Subject } from '../access/subject.ts'
import { grantsIn } from '../access/subject.ts'
import { endpointsOf, rolesOf } from '../access/subject-of-snapshot.ts'
import { DomainError, invalidField } from '../domain-error.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import type { StoredMembership } from './stored-membership.ts'

/** Who manages: the caller, as the account group of the request makes it. */
export type Manager = {
  readonly subject: Subject
  readonly aid: number | null
  readonly policy: StoredAccessPolicy | null
}

type RoleReferences = {
  readonly role?: number | string | undefined
  readonly roles?: readonly (number | string)[] | undefined
}

/** Role numbers for the references of a request, or undefined when it names none. */
export const roleIdsFor = (
  given: RoleReferences,
  policy: StoredAccessPolicy | null,
): number[] | undefined => {
  const { role, roles } = given
  if (role !== undefined && roles !== undefined) throw invalidField('roles', 'give either role or roles')
  if (role === undefined && roles === undefined) return undefined
  const known = rolesOf(policy)
  const references = roles ?? (role === undefined ? [] : [role])
  const found = references.map((reference, index) => {
    const match = known.find((candidate) => isNamed(candidate, reference))
    const path = roles === undefined ? 'role' : `roles.${index}`
    if (match === undefined)
      throw invalidField(path, `is no role here; there are ${known.map(({ name }) => name).join(', ')}`)
    return match.roleId
  })
  return [...new Set(found)]
}

const isNamed = (role: Role, reference: number | string): boolean =>
  typeof reference === 'number'
    ? role.roleId === reference
    : role.name.toLowerCase() === reference.toLowerCase()

/** Every section must exist: a permission for a misspelt one would grant nothing, or deny nothing, in silence. */
export const checkSections = (
  permissions: Readonly<Record<string, PermissionLevel>>,
  subject: Subject,
): void => {
  const known = subject.sections.map((section) => section.name)
  const errors = Object.keys(permissions)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: `permissions.${name}`,
      message: `is no section here; there are ${known.join(', ')}`,
    }))
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
}

type Held = Pick<StoredMembership, 'allAccountGroupRoles' | 'accountGroupRoles' | 'permissions' | 'endpoints'>

/** All that a membership gives, in whatever account group. */
export const grantsOfMembership = (held: Held, policy: StoredAccessPolicy | null): Grants[] => {
  const roles = new Map(rolesOf(policy).map((role) => [role.roleId, role.grants]))
  const roleIds = [...held.allAccountGroupRoles, ...held.accountGroupRoles.flatMap((entry) => entry.roles)]
  const own = { ...noGrants, sections: held.permissions, endpoints: endpointsOf(held.endpoints) }
  return [...roleIds.map((roleId) => roles.get(roleId) ?? noGrants), own]
}

/** Nobody gives, or takes charge of, what they do not hold themselves (U3). */
export const requireHeld = (manager: Manager, held: Held): void => {
  const own = grantsIn(manager.subject, manager.aid)
  const wanted = grantsOfMembership(held, manager.policy)
  const missing = wanted.some((grants) => !covers(own, grants, manager.subject.sections))
  if (missing) {
    throw new DomainError('grant_not_held', {
      detail: 'This user has, or would have, permissions that you do not hold.',
    })
  }
}
