import type { Grants } from './grants.ts'
import { noGrants } from './grants.ts'

export type Role = {
  readonly roleId: number
  readonly name: string
  readonly builtIn: boolean
  readonly hasManagementPermissions: boolean
  readonly grants: Grants
}

/** The first generated number of custom roles and account groups. */
export const firstCustomRoleId = 1000

/** Acting as others counts as management. */
export const givesManagement = ({ everything, management, actsAs }: Grants): boolean =>
  everything || Object.keys(management).length > 0 || actsAs !== null

export const roleOf = (given: Omit<Role, 'hasManagementPermissions'>): Role => ({
  ...given,
  hasManagementPermissions: givesManagement(given.grants),
})

const builtIn = (roleId: number, name: string, grants: Partial<Grants>): Role =>
  roleOf({ roleId, name, builtIn: true, grants: { ...noGrants, ...grants } })

/** The roles of every organization. `User` has no permissions; they are set per user. */
export const builtInRoles: readonly Role[] = [
  builtIn(1, 'Admin', { everything: true }),
  builtIn(2, 'User', {}),
  builtIn(3, 'Read Only', { everyApi: 'dashboards' }),
  builtIn(4, 'Organization Admin', { everything: true }),
  builtIn(5, 'Account Admin', {
    everyApi: 'write',
    management: {
      'postern-users': 'write',
      'postern-credentials': 'write',
      'postern-whitelist': 'write',
      'postern-access': 'read',
    },
  }),
  builtIn(6, 'Regular User', { everyApi: 'write' }),
]

/** The roles that make a user an administrator of its organization if they are assigned for all account groups. */
export const administratorRoleIds: readonly number[] = builtInRoles
  .filter((role) => role.grants.everything)
  .map((role) => role.roleId)
