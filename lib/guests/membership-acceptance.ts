import { shownFields } from '../identity/listed-fields.ts'
import type { Member } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { setFields } from '../table/update-expression.ts'

/** How long an invitation can be accepted: seven days. */
export const invitationSeconds = 7 * 86_400

/** Whether the membership can still be accepted. @param nowSeconds since 1970. */
export const isOpenInvitation = (
  { invitedUntilSeconds }: Pick<StoredMembership, 'invitedUntilSeconds'>,
  nowSeconds: number,
): boolean => (invitedUntilSeconds ?? 0) > nowSeconds

/** The membership as its user sees it after accepting. */
export const acceptedMembership = (membership: StoredMembership): StoredMembership => ({
  ...membership,
  status: 'active',
  invitedUntilSeconds: null,
})

/** `isOpenInvitation` as a condition, for the membership with this id. */
const isOpenAsRead = ({ membershipId }: StoredMembership, seconds: number) => ({
  condition: 'membershipId = :membership AND invitedUntilSeconds > :now',
  values: { ':membership': membershipId, ':now': seconds },
})

export const openInvitationCheck = (membership: StoredMembership, seconds: number): Write => ({
  label: 'membership',
  check: keys.membership(membership.userId, membership.organizationId),
  ...isOpenAsRead(membership, seconds),
})

/**
 * Accepts the membership if it is the same one and still open. Other concurrent changes by the organization do not fail it. Lists the
 * user by its names, which the organization sees from now on: the transaction must also check that they are as read (`sameNames`).
 */
export const acceptWrite = (member: Member, now: number): Write => {
  const { membership } = member
  const accepted = { ...member, membership: acceptedMembership(membership) }
  const { set, names, values } = setFields(
    {
      ...{ status: 'active', invitedUntilSeconds: null, changedAt: new Date(now).toISOString() },
      ...shownFields(accepted),
    },
    ['version = version + :one'],
  )
  const { condition, values: asRead } = isOpenAsRead(membership, Math.floor(now / 1000))
  return {
    label: 'membership',
    update: keys.membership(membership.userId, membership.organizationId),
    set,
    names,
    values: { ...values, ...asRead, ':one': 1 },
    condition,
  }
}

/** As a condition on the user: every change of a name is a new version. */
export const sameNames = ({ version }: StoredUser) => ({
  condition: 'version = :named',
  values: { ':named': version },
})

/** Ends a reset link that the home organization may have made before, so that it gives no access to a membership accepted later. */
export const resetLinkRemoval = ({ userId }: StoredMembership): Write => ({
  label: 'reset token',
  delete: keys.resetToken(userId),
})

/** Deletes the mailed link of an accepted or deleted membership. */
export const mailedLinkRemoval = ({ userId, membershipId }: StoredMembership): Write => ({
  label: 'invitation token',
  delete: keys.invitationToken(userId, membershipId),
})
