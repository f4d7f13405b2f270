import type { Occasion } from '../audit/audit-row.ts'
import { rowElsewhere, rowOf } from '../audit/audited.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import { guestCountLabel, guestCountWrite, isFull, maximumGuestMemberships } from '../guests/guest-count.ts'
import { invitationSeconds } from '../guests/membership-acceptance.ts'
import { membershipGained } from '../guests/membership-change.ts'
import { listed } from '../identity/listed-fields.ts'
import type { Member } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import { noticeLifetimeSeconds, noticeWrite } from '../mail/notice.ts'
import { requireWithinReach } from '../policy/manager.ts'
import { membershipChecks } from '../policy/pending-deletion.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import { put } from '../table/stored-item.ts'
import type { Write, WriteTransaction } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import type { User as UserView } from './user-shape.ts'
import { userView } from './user-view.ts'

export type InviteGuestDependencies = {
  readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
  readonly write: WriteTransaction
}

export type Guest = {
  /** The holder of the username. */
  readonly userId: UserId
  readonly homeOrganizationId: OrganizationId
  /** The membership as a new user would get it. */
  readonly membership: StoredMembership
}

/**
 * Invites a user of another organization to the caller's. The membership grants nothing until the user accepts. The home
 * organization still manages identity and credentials; the user sets its login account group here. Both organizations get an audit
 * row, and a user with a verified address gets a link by mail (`lib/guests`).
 *
 * @returns the user as it is shown
 * @throws DomainError username_taken when it already is a member, or is being deleted; guest_limit_reached; access_denied
 */
export const inviteGuest = async (
  dependencies: InviteGuestDependencies,
  caller: Caller,
  guest: Guest,
  origin: Origin,
  occasion: Occasion,
): Promise<{ readonly user: UserView }> => {
  const { organizationId } = caller.subject.organization
  const atHome = await dependencies.readMember(guest.userId, guest.homeOrganizationId)
  if (atHome === undefined) throw taken()
  const { user } = atHome
  const seconds = Math.floor(Date.parse(occasion.at) / 1000)
  const { membership } = listed({
    user,
    membership: {
      ...guest.membership,
      ...keys.membership(user.userId, organizationId),
      userId: user.userId,
      loginAccountGroup: null,
      status: 'invited',
      invitedUntilSeconds: seconds + invitationSeconds,
    },
  })
  // Without a login account group the membership may be outside the caller's reach.
  requireWithinReach(caller, membership)
  const invited = { user: userView({ user, membership }, caller.snapshot.policy) }
  const stillThere = 'canonicalUsername = :username'
  const belowLimit = 'guestCount < :limit'
  const deed = { action: 'guest.invited', targetUserId: user.userId } as const
  const writes: Write[] = [
    put<typeof StoredMembership>('membership', membership, { condition: notExists }),
    ...membershipChecks(null, membership, Date.parse(occasion.at)),
    {
      ...guestCountWrite(user.userId, 1),
      condition: `${stillThere} AND ${belowLimit}`,
      values: { ':change': 1, ':username': user.canonicalUsername, ':limit': maximumGuestMemberships },
    },
    rowOf(caller, origin, occasion, { ...deed, changes: membershipGained(membership) }),
    // The home organization sees the membership, but not its content.
    rowElsewhere(caller, user.homeOrganizationId, origin, occasion, { ...deed, targetId: organizationId }),
    ...(isMailed(user)
      ? [
          noticeWrite(
            {
              noticeKind: 'guest-invited',
              userId: user.userId,
              organizationId,
              membershipId: membership.membershipId,
              at: occasion.at,
              requestId: origin.requestId,
            },
            seconds + noticeLifetimeSeconds,
          ),
        ]
      : []),
  ]
  const outcome = await dependencies.write(writes, invited)
  if (outcome.committed) return invited
  if (outcome.failed === 'membership') throw taken()
  if (outcome.failed === guestCountLabel) {
    throw isFull(outcome.found) ? new DomainError('guest_limit_reached') : taken()
  }
  throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
}

/** Unverified addresses get only links to choose a password (R10). */
const isMailed = ({ email, emailVerified }: StoredUser): boolean => email !== null && emailVerified

const taken = () => new DomainError('username_taken', { errors: [{ path: 'username', message: 'is taken' }] })
