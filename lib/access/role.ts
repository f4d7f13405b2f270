import type { EndpointPattern } from './endpoint-pattern.ts'
import type { PermissionLevel } from './section.ts'

/** What a role, or a user itself, holds. */
export type Grants = {
  /** Everything: Postern's management and every protected API. */
  readonly everything: boolean
  /** A level for every section of the protected APIs, those to come included; never for Postern's management. */
  readonly everySection: 'read' | 'write' | null
  readonly sections: Readonly<Record<string, PermissionLevel>>
  readonly endpoints: readonly EndpointPattern[]
}

export type Role = {
  readonly roleId: number
  readonly name: string
  readonly builtIn: boolean
  readonly hasManagementPermissions: boolean
  readonly grants: Grants
}

export const noGrants: Grants = { everything: false, everySection: null, sections: {}, endpoints: [] }

/** Custom roles are numbered from here; the numbers below belong to the built-in ones. */
export const firstCustomRoleId = 1000

/** The roles that every organization has. `User` holds nothing itself: what it may call is chosen per user. */
export const builtInRoles: readonly Role[] = [
  {
    roleId: 1,
    name: 'Admin',
    builtIn: true,
    hasManagementPermissions: true,
    grants: { ...noGrants, everything: true },
  },
  { roleId: 2, name: 'User', builtIn: true, hasManagementPermissions: false, grants: noGrants },
  {
    roleId: 3,
    name: 'Read Only',
    builtIn: true,
    hasManagementPermissions: false,
    grants: { ...noGrants, everySection: 'read' },
  },
  {
    roleId: 4,
    name: 'Organization Admin',
    builtIn: true,
    hasManagementPermissions: true,
    grants: { ...noGrants, everything: true },
  },
  {
    roleId: 5,
    name: 'Account Admin',
    builtIn: true,
    hasManagementPermissions: true,
    grants: {
      ...noGrants,
      everySection: 'write',
      sections: {
        'postern-users': 'write',
        'postern-credentials': 'write',
        'postern-whitelist': 'write',
        'postern-access': 'read',
      },
    },
  },
  {
    roleId: 6,
    name: 'Regular User',
    builtIn: true,
    hasManagementPermissions: false,
    grants: { ...noGrants, everySection: 'write' },
  },
]

/** The roles whose holders, when assigned for all account groups, count as administrators of their organization. */
const isAdministratorRole = (role: Role): boolean => role.builtIn && role.grants.everything

export const administratorRoleIds: readonly number[] = builtInRoles
  .filter(isAdministratorRole)
  .map((role) => role.roleId)
