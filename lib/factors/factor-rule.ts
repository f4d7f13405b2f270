import { manages } from '../identity/manages.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import type { StoredFactors } from './stored-factors.ts'

/** A place of a user, with what its organization demands. */
export type Place = {
  readonly membership: StoredMembership
  readonly organization: Pick<StoredOrganization, 'secondFactor'>
  readonly policy: StoredAccessPolicy | null
}

const demandedOf: Readonly<Record<StoredOrganization['secondFactor'], (place: Place) => boolean>> = {
  optional: () => false,
  managers: ({ membership, policy }) => manages(membership, policy),
  everybody: () => true,
}

/** True if the organization opens no session for this member without a second factor. */
export const demandsFactor = (place: Place): boolean => demandedOf[place.organization.secondFactor](place)

/** What a session needs besides the password: nothing, a proof by a second factor, or first a second factor at all. */
export type SecondStep = 'none' | 'required' | 'enroll'

/** A factor that a user has counts in every organization, demanded or not. */
export const secondStepOf = (factors: Pick<StoredFactors, 'factors'> | null, place: Place): SecondStep => {
  if (factors !== null && factors.factors.length > 0) return 'required'
  return demandsFactor(place) ? 'enroll' : 'none'
}
