import type { StoredMembership } from '../identity/stored-membership.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'

/** The place once it has been accepted. */
export const acceptedPlace = (place: StoredMembership): StoredMembership => ({
  ...place,
  status: 'active',
  invitedUntilSeconds: null,
  version: place.version + 1,
})

/** `isOpenInvitation` of the place with this id, as a condition. */
const isOpenAsRead = ({ placeId }: StoredMembership, seconds: number) => ({
  condition: 'placeId = :place AND invitedUntilSeconds > :now',
  values: { ':place': placeId, ':now': seconds },
})

export const openInvitationCheck = (place: StoredMembership, seconds: number): Write => ({
  label: 'membership',
  check: keys.membership(place.userId, place.organizationId),
  ...isOpenAsRead(place, seconds),
})

/**
 * Accepts the place, if it is the same one and can still be accepted. What else of it changes meanwhile is the organization's to
 * change and no reason to refuse.
 */
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

/** A link to choose a password that the user's home may have made before reaches no place that is opened after it. */
export const resetLinkRemoval = ({ userId }: StoredMembership): Write => ({
  label: 'reset token',
  delete: keys.resetToken(userId),
})

/** Of a place that is accepted or given up: the link that was mailed about it leads nowhere from then on. */
export const mailedLinkRemoval = ({ userId, placeId }: StoredMembership): Write => ({
  label: 'invitation token',
  delete: keys.invitationToken(userId, placeId),
})
