import type { User as UserView } from './user-shape.ts'

/** What the audit keeps of a user that comes or goes. */
export const auditedUser = (user: UserView) => ({
  username: user.username,
  status: user.status,
  accessLevel: user.accessLevel,
  roles: user.roles,
  permissions: user.permissions,
  endpoints: user.endpoints,
  whitelist: user.whitelist,
  accountGroupRoles: user.accountGroupRoles,
  loginAccountGroup: user.loginAccountGroup,
  impersonation: user.impersonation,
  impersonationTargets: user.impersonationTargets,
  integrationVendor: user.integrationVendor,
  rateLimitPerMinute: user.rateLimitPerMinute,
})
