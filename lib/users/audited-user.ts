import type { Change } from '../audit/audit-row.ts'
import type * as shapes from '../contract/shapes.ts'
import type { StoredMembership } from './stored-membership.ts'

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

type Place = Pick<StoredMembership, 'status' | (typeof auditedGrants)[number]>
const auditedGrants = ['allAccountGroupRoles', 'accountGroupRoles', 'permissions', 'endpoints'] as const

/** A guest's place that comes or goes, for the audit of its organization: nobody else hears what is in it. */
export const placeGained = (place: Place): Change[] => [
  { field: 'place', before: null, after: place.status },
  ...auditedGrants.map((field) => ({ field, before: null, after: place[field] })),
]

export const placeLost = (place: Place): Change[] =>
  placeGained(place).map(({ field, after }) => ({ field, before: after, after: null }))

type Status = StoredMembership['status'] | 'ended'

export const placeChanged = (before: Status, after: Status): Change => ({ field: 'place', before, after })
