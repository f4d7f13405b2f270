import type { Change } from '../audit/audit-row.ts'
import { changesBetween } from '../audit/audit-row.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import { initialFields, membershipFields, membershipNames } from '../identity/user-fields.ts'

const nothing = initialFields(membershipFields)

/** A guest's new membership with its grants, for the audit log of its organization only. */
export const membershipGained = (membership: StoredMembership): Change[] => [
  { field: 'membership', before: null, after: membership.status },
  ...changesBetween(nothing, membership, membershipNames).map((change) => ({ ...change, before: null })),
]

export const membershipLost = (membership: StoredMembership): Change[] =>
  membershipGained(membership).map(({ field, after }) => ({ field, before: after, after: null }))

type Status = StoredMembership['status'] | 'ended'

export const membershipChanged = (before: Status, after: Status): Change => ({
  field: 'membership',
  before,
  after,
})
