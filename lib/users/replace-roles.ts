import type { Caller, Origin } from '../contract/operation.ts'
import type { Member } from '../identity/member.ts'
import type { RoleAssignment } from '../policy/role-assignment.ts'
import { assignedRoles, checkAccountGroup } from '../policy/role-assignment.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { ChangeUserDependencies, Expected } from './change-user.ts'
import { changeUser } from './change-user.ts'
import type { UserChange } from './given-fields.ts'

export type RoleReplacement = RoleAssignment & {
  /** Undefined: unchanged. */
  readonly loginAccountGroup?: { readonly aid: number } | null | undefined
  readonly version?: number | undefined
}

/**
 * Replaces all roles of a user in this organization.
 *
 * @throws DomainError not_found, version_conflict, grant_not_held, last_administrator, invalid_request
 */
export const replaceRoles = (
  dependencies: ChangeUserDependencies,
  caller: Caller,
  userId: UserId,
  replacement: RoleReplacement,
  origin: Origin,
): Promise<Member> =>
  changeUser(dependencies, caller, userId, ...changeOf(replacement, caller), origin, 'roles.replaced')

const changeOf = (
  { loginAccountGroup, version, ...assignment }: RoleReplacement,
  { snapshot: { policy } }: Caller,
): [UserChange, Expected] => {
  const { accountGroupRoles, allAccountGroupRoles } = assignedRoles(assignment, policy)
  if (loginAccountGroup) checkAccountGroup(policy, loginAccountGroup.aid, 'loginAccountGroup.aid')
  return [
    {
      accountGroupRoles,
      roles: allAccountGroupRoles,
      ...(loginAccountGroup === undefined ? {} : { loginAccountGroup: loginAccountGroup?.aid ?? null }),
    },
    { version: version ?? null, ifMatch: null },
  ]
}
