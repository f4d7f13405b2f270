import type { Caller, Origin } from '../http/operation.ts'
import type { ChangeUserDependencies } from './change-user.ts'
import { changeUser } from './change-user.ts'
import type { Member } from './member.ts'
import type { RoleAssignment } from './role-assignment.ts'
import { assignedRoles, checkAccountGroup } from './role-assignment.ts'

export type RoleReplacement = RoleAssignment & {
  /** Left out, it stays as it is. */
  readonly loginAccountGroup?: { readonly aid: number } | null | undefined
  readonly version?: number | undefined
}

/**
 * Replaces all roles of a user in this organization: what is there and is not named goes.
 *
 * @throws DomainError not_found, version_conflict, grant_not_held, last_administrator, invalid_request
 */
export const replaceRoles = (
  dependencies: ChangeUserDependencies,
  caller: Caller,
  userId: string,
  { loginAccountGroup, version, ...assignment }: RoleReplacement,
  origin: Origin,
): Promise<Member> => {
  const { policy } = caller.snapshot
  const { accountGroupRoles, allAccountGroupRoles } = assignedRoles(assignment, policy)
  if (loginAccountGroup) checkAccountGroup(policy, loginAccountGroup.aid, 'loginAccountGroup.aid')
  return changeUser(
    dependencies,
    caller,
    userId,
    {
      accountGroupRoles,
      roles: allAccountGroupRoles,
      ...(loginAccountGroup === undefined ? {} : { loginAccountGroup: loginAccountGroup?.aid ?? null }),
    },
    { version: version ?? null, ifMatch: null },
    origin,
    'roles.replaced',
  )
}
