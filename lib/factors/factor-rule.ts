import { manages } from '../identity/manages.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import type { StoredFactors } from './stored-factors.ts'

/** A membership, with all that decides whether its organization demands a second factor. */
export type Demand = {
  readonly membership: StoredMembership
  readonly organization: Pick<StoredOrganization, 'secondFactor'>
  readonly policy: StoredAccessPolicy | null
}

const demandedOf: Readonly<Record<StoredOrganization['secondFactor'], (demand: Demand) => boolean>> = {
  optional: () => false,
  managers: ({ membership, policy }) => manages(membership, policy),
  everybody: () => true,
}

/** True if the organization opens no session for this member without a second factor. */
export const demandsFactor = (demand: Demand): boolean => demandedOf[demand.organization.secondFactor](demand)

/** What a session needs besides the password: nothing, a proof by a second factor, or first a second factor at all. */
export type SecondStep = 'none' | 'required' | 'enroll'

/** A factor that a user has counts in every organization, demanded or not. */
export const secondStepOf = (factors: Pick<StoredFactors, 'factors'> | null, demand: Demand): SecondStep => {
  if (factors !== null && factors.factors.length > 0) return 'required'
  return demandsFactor(demand) ? 'enroll' : 'none'
}
