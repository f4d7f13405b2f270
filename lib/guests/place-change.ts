import type { Change } from '../audit/audit-row.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'

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
