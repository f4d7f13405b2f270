import type { FieldError } from '../effects/domain-error.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'

type RoleReference = { readonly roleId: number }

/** Roles as a request gives them: per account group, and for all of them. What is left out is none. */
export type RoleAssignment = {
  readonly accountGroupRoles?:
    | readonly { readonly accountGroup: { readonly aid: number }; readonly roles: readonly RoleReference[] }[]
    | undefined
  readonly allAccountGroupRoles?: readonly RoleReference[] | undefined
}

export type AssignedRoles = Pick<StoredMembership, 'accountGroupRoles' | 'allAccountGroupRoles'>

/**
 * The numbers of a role assignment, each of which must exist: a role or an account group that is misspelt would give nothing, in
 * silence.
 *
 * @throws DomainError invalid_request, naming every field at fault
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
        errors.push({ path: `${path}.${index}.roleId`, message: `${roleId} is no role here` })
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

const unknownGroup = (aid: number): string => `${aid} is no account group here`
