import type * as shapes from '../contract/shapes.ts'

/** What the audit keeps of a user that comes or goes. */
export const auditedUser = (user: shapes.User) => ({
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
