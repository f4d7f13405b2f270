import type { User } from '../user/shown-user.ts'

type Roles = Pick<User, 'allAccountGroupRoles' | 'accountGroupRoles'>

const idsOf = (roles: Roles['allAccountGroupRoles']) => roles.map(({ roleId }) => roleId)

/** The assignment of all roles with one more; null if the user has it there. */
export const withRole = (
  { allAccountGroupRoles, accountGroupRoles }: Roles,
  { roleId, aid }: { readonly roleId: number; readonly aid: number | null },
) => {
  const held = new Map<number | null, readonly number[]>([
    [null, idsOf(allAccountGroupRoles)],
    ...accountGroupRoles.map((group) => [group.aid, idsOf(group.roles)] as const),
  ])
  const there = held.get(aid) ?? []
  if (there.includes(roleId)) return null
  held.set(aid, [...there, roleId])
  const given = (roleIds: readonly number[] = []) => roleIds.map((each) => ({ roleId: each }))
  return {
    allAccountGroupRoles: given(held.get(null)),
    accountGroupRoles: [...held].flatMap(([group, roles]) =>
      group === null ? [] : [{ accountGroup: { aid: group }, roles: given(roles) }],
    ),
  }
}
