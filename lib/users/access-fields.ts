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

/** Who manages, and what there is in the organization. */
export type Manager = {
  readonly subject: Subject
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

/** The integration vendor that a request names by its id or its name. @throws DomainError invalid_request */
export const vendorIdFor = (reference: string, policy: StoredAccessPolicy | null): string => {
  const vendors = policy?.integrationVendors ?? []
  const match =
    vendors.find(({ vendorId }) => vendorId === reference) ??
    vendors.find(({ name }) => name.toLowerCase() === reference.toLowerCase())
  if (match !== undefined) return match.vendorId
  const names = vendors.map(({ name }) => name).join(', ')
  throw invalidField(
    'integrationVendor',
    `is no integration vendor here; there ${names === '' ? 'is none yet' : `are ${names}`}`,
  )
}

type Held = Pick<
  StoredMembership,
  'allAccountGroupRoles' | 'accountGroupRoles' | 'permissions' | 'endpoints' | 'impersonation'
>

/** What a membership gives, and where: `aid` null = in every account group. */
type GivenGrants = { readonly aid: number | null; readonly grants: Grants }

const grantsOfMembership = (held: Held, policy: StoredAccessPolicy | null): GivenGrants[] => {
  const roles = new Map(rolesOf(policy).map((role) => [role.roleId, role.grants]))
  const ofRoles = (aid: number | null, roleIds: readonly number[]): GivenGrants[] =>
    roleIds.map((roleId) => ({ aid, grants: roles.get(roleId) ?? noGrants }))
  const own = { ...noGrants, sections: held.permissions, endpoints: endpointsOf(held.endpoints) }
  // Whoever may act as others can come to hold what they hold.
  const asOthers = held.impersonation === 'none' ? noGrants : { ...noGrants, everything: true }
  return [
    ...ofRoles(null, held.allAccountGroupRoles),
    ...held.accountGroupRoles.flatMap((entry) => ofRoles(entry.aid, entry.roles)),
    { aid: null, grants: own },
    { aid: null, grants: asOthers },
  ]
}

/**
 * Nobody gives, or takes charge of, what they do not hold themselves (U3), and hold there: what is given for every account group
 * must be held for every one. The account group of the request does not count, or an administrator of one could become an
 * administrator of all.
 */
export const requireHeld = (manager: Manager, held: Held): void => {
  const { subject, policy } = manager
  const missing = grantsOfMembership(held, policy).some(
    ({ aid, grants }) => !covers(grantsIn(subject, aid), grants, subject.sections),
  )
  if (missing) {
    throw new DomainError('grant_not_held', {
      detail: 'This user has, or would have, permissions that you do not hold.',
    })
  }
}
