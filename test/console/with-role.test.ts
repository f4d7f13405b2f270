import { expect, it } from 'vitest'
import { withRole } from '../../console/screens/users/with-role.ts'

const role = (roleId: number) => ({
  roleId,
  roleName: `Role ${roleId}`,
  hasManagementPermissions: false,
  builtin: true,
})
const user = {
  allAccountGroupRoles: [role(1)],
  accountGroupRoles: [{ aid: 7, accountGroupName: 'Berlin', roles: [role(2), role(3)] }],
}

it.each([
  [5, null, [1, 5], { 7: [2, 3] }],
  [5, 7, [1], { 7: [2, 3, 5] }],
  [5, 8, [1], { 7: [2, 3], 8: [5] }],
  [1, 7, [1], { 7: [2, 3, 1] }],
])('adds role %i in account group %s, and keeps all others', (roleId, aid, everywhere, groups) => {
  const given = withRole(user, { roleId, aid })
  expect(given?.allAccountGroupRoles.map((each) => each.roleId)).toEqual(everywhere)
  const byGroup = given?.accountGroupRoles.map((each) => [
    each.accountGroup.aid,
    each.roles.map((held) => held.roleId),
  ])
  expect(Object.fromEntries(byGroup ?? [])).toEqual(groups)
})

it('changes nothing for a user who has the role there', () => {
  expect(withRole(user, { roleId: 1, aid: null })).toBeNull()
  expect(withRole(user, { roleId: 3, aid: 7 })).toBeNull()
})
