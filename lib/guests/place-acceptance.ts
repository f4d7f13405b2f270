import type { StoredMembership } from '../identity/stored-membership.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'

/** How long an invitation can be accepted: seven days. */
export const invitationSeconds = 7 * 86_400

/** Whether the membership can still be accepted. @param nowSeconds since 1970. */
export const isOpenInvitation = (
  { invitedUntilSeconds }: Pick<StoredMembership, 'invitedUntilSeconds'>,
  nowSeconds: number,
): boolean => (invitedUntilSeconds ?? 0) > nowSeconds

/** The membership as its user sees it after accepting. */
export const acceptedPlace = (place: StoredMembership): StoredMembership => ({
  ...place,
  status: 'active',
  invitedUntilSeconds: null,
})

/** `isOpenInvitation` as a condition, for the membership with this placeId. */
const isOpenAsRead = ({ placeId }: StoredMembership, seconds: number) => ({
  condition: 'placeId = :place AND invitedUntilSeconds > :now',
  values: { ':place': placeId, ':now': seconds },
})

export const openInvitationCheck = (place: StoredMembership, seconds: number): Write => ({
  label: 'membership',
  check: keys.membership(place.userId, place.organizationId),
  ...isOpenAsRead(place, seconds),
})

/** Accepts the membership if it is the same one and still open. Other concurrent changes by the organization do not fail it. */
export const acceptWrite = (place: StoredMembership, seconds: number): Write => {
  const { condition, values } = isOpenAsRead(place, seconds)
  return {
    label: 'membership',
    update: keys.membership(place.userId, place.organizationId),
    set: 'SET #status = :active, invitedUntilSeconds = :none, version = version + :one',
    names: { '#status': 'status' },
    values: { ...values, ':active': 'active', ':none': null, ':one': 1 },
    condition,
  }
}

/** Ends a reset link that the home organization may have made before, so that it gives no access to a membership accepted later. */
export const resetLinkRemoval = ({ userId }: StoredMembership): Write => ({
  label: 'reset token',
  delete: keys.resetToken(userId),
})

/** Deletes the mailed link of an accepted or deleted membership. */
export const mailedLinkRemoval = ({ userId, placeId }: StoredMembership): Write => ({
  label: 'invitation token',
  delete: keys.invitationToken(userId, placeId),
})
