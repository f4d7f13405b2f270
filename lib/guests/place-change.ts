import type { Change } from '../audit/audit-row.ts'
import { changesBetween } from '../audit/audit-row.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import { initialFields, placeFields, placeNames } from '../identity/user-fields.ts'

const nothing = initialFields(placeFields)

/** A guest's new membership with its grants, for the audit log of its organization only. */
export const placeGained = (place: StoredMembership): Change[] => [
  { field: 'place', before: null, after: place.status },
  ...changesBetween(nothing, place, placeNames).map((change) => ({ ...change, before: null })),
]

export const placeLost = (place: StoredMembership): Change[] =>
  placeGained(place).map(({ field, after }) => ({ field, before: after, after: null }))

type Status = StoredMembership['status'] | 'ended'

export const placeChanged = (before: Status, after: Status): Change => ({ field: 'place', before, after })
