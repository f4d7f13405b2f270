import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { uidOf } from '../users/new-user.ts'
import type { User as UserView } from '../users/user-shape.ts'
import type { ThousandEyesShownRole, ThousandEyesShownUser } from './thousandeyes-shapes.ts'

export const thousandEyesUser = (
  user: UserView,
  policy: StoredAccessPolicy | null,
): ThousandEyesShownUser => {
  const login = policy?.accountGroups.find(({ aid }) => aid === user.loginAccountGroup)
  return {
    name: user.name,
    email: user.email ?? user.username,
    uid: uidOf(user.userId),
    ...(login === undefined ? {} : { loginAccountGroup: { accountGroupName: login.name, aid: login.aid } }),
    ...(user.lastLoginAt === null ? {} : { lastLogin: timeText(user.lastLoginAt) }),
    dateRegistered: timeText(user.createdAt),
    accountGroupRoles: user.accountGroupRoles.map(({ aid, accountGroupName, roles }) => ({
      accountGroup: { accountGroupName, aid },
      roles: roles.map(thousandEyesRole),
    })),
    allAccountGroupRoles: user.allAccountGroupRoles.map(thousandEyesRole),
  }
}

/** `2026-11-21 09:00:00`, UTC. */
const timeText = (at: string): string => at.slice(0, 19).replace('T', ' ')

/** ThousandEyes shows no management permissions for this role. */
const accountAdmin = 5

export const thousandEyesRole = ({
  roleName,
  roleId,
  hasManagementPermissions,
  builtin,
}: UserView['allAccountGroupRoles'][number]): ThousandEyesShownRole => ({
  roleName,
  roleId,
  hasManagementPermissions: hasManagementPermissions && roleId !== accountAdmin ? 1 : 0,
  builtin: builtin ? 1 : 0,
})
