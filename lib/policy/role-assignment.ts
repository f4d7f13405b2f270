import type { FieldError } from '../effects/domain-error.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'

type RoleReference = { readonly roleId: number }

/** Roles in a request: per account group, and for all account groups. Omitted means none. */
export type RoleAssignment = {
  readonly accountGroupRoles?:
    | readonly { readonly accountGroup: { readonly aid: number }; readonly roles: readonly RoleReference[] }[]
    | undefined
  readonly allAccountGroupRoles?: readonly RoleReference[] | undefined
}

export type AssignedRoles = Pick<StoredMembership, 'accountGroupRoles' | 'allAccountGroupRoles'>

/**
 * The roles of an assignment. Every role and account group must exist, because a wrong number would silently grant nothing.
 *
 * @throws DomainError invalid_request, with an error for each invalid field
 */
export const assignedRoles = (
  { accountGroupRoles = [], allAccountGroupRoles = [] }: RoleAssignment,
  policy: StoredAccessPolicy | null,
): AssignedRoles => {
  const errors: FieldError[] = []
  const known = new Set(rolesOf(policy).map(({ roleId }) => roleId))
  const numbers = (references: readonly RoleReference[], path: string): number[] => {
    for (const [index, { roleId }] of references.entries()) {
      if (!known.has(roleId))
        errors.push({
          path: `${path}.${index}.roleId`,
          message: `${roleId} is not a role of this organization`,
        })
    }
    return [...new Set(references.map(({ roleId }) => roleId))]
  }
  const seen = new Set<number>()
  const perGroup = accountGroupRoles.map(({ accountGroup: { aid }, roles }, index) => {
    const path = `accountGroupRoles.${index}`
    if (!hasAccountGroup(policy, aid))
      errors.push({ path: `${path}.accountGroup.aid`, message: unknownGroup(aid) })
    if (seen.has(aid)) errors.push({ path: `${path}.accountGroup.aid`, message: `${aid} is named twice` })
    seen.add(aid)
    return { aid, roles: numbers(roles, `${path}.roles`) }
  })
  const forAll = numbers(allAccountGroupRoles, 'allAccountGroupRoles')
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  return {
    accountGroupRoles: perGroup.filter(({ roles }) => roles.length > 0),
    allAccountGroupRoles: forAll,
  }
}

/** @throws DomainError invalid_request, naming `path` */
export const checkAccountGroup = (policy: StoredAccessPolicy | null, aid: number, path: string): void => {
  if (hasAccountGroup(policy, aid)) return
  throw new DomainError('invalid_request', { errors: [{ path, message: unknownGroup(aid) }] })
}

const hasAccountGroup = (policy: StoredAccessPolicy | null, aid: number): boolean =>
  policy?.accountGroups.some((group) => group.aid === aid) ?? false

const unknownGroup = (aid: number): string => `${aid} is not an account group of this organization`
