import type { Occasion } from '../audit/audit-row.ts'
import { actorOf, auditWrite } from '../audit/audit-row.ts'
import type * as shapes from '../contract/shapes.ts'
import { DomainError } from '../domain-error.ts'
import type { Caller, Origin } from '../http/operation.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import { guestCountLabel, guestCountWrite, isFull, maximumGuestPlaces } from './guest-count.ts'
import type { Member } from './member.ts'
import type { StoredMembership } from './stored-membership.ts'
import { userView } from './user-view.ts'

export type AddGuestDependencies = {
  readonly readMember: (userId: string, organizationId: string) => Promise<Member | undefined>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
}

export type Guest = {
  /** Who holds the username, and where it is at home. */
  readonly userId: string
  readonly homeOrganizationId: string
  /** The place that the new user would have had. */
  readonly place: StoredMembership
}

/**
 * Gives a user of another organization a place in the caller's. Its home goes on to manage who it is and what proves it; its login
 * account group here is the user's own choice.
 *
 * @param first writes that belong before it in the same transaction, made from the answer.
 * @returns the answer, or the outcome of a transaction that was refused for another reason than the guest itself
 * @throws DomainError username_taken when it has a place here already, or is being deleted; guest_limit_reached
 */
export const addGuest = async (
  dependencies: AddGuestDependencies,
  caller: Caller,
  guest: Guest,
  first: (user: shapes.User) => readonly Write[],
  origin: Origin,
  occasion: Occasion,
): Promise<{ readonly user: shapes.User; readonly outcome: TransactionOutcome }> => {
  const { organizationId } = caller.subject.organization
  const atHome = await dependencies.readMember(guest.userId, guest.homeOrganizationId)
  if (atHome === undefined) throw taken()
  const { user } = atHome
  const membership: StoredMembership = {
    ...guest.place,
    ...keys.membership(user.userId, organizationId),
    userId: user.userId,
    directorySk: user.canonicalUsername,
    loginAccountGroup: null,
  }
  const shown = userView({ user, membership }, caller.snapshot.policy)
  const stillThere = 'attribute_exists(pk) AND canonicalUsername = :username'
  const belowLimit = '(attribute_not_exists(guestCount) OR guestCount < :limit)'
  const outcome = await dependencies.write([
    ...first(shown),
    { label: 'membership', put: membership, condition: notExists },
    {
      ...guestCountWrite(user.userId, 1),
      condition: `${stillThere} AND ${belowLimit}`,
      values: { ':change': 1, ':username': user.canonicalUsername, ':limit': maximumGuestPlaces },
    },
    auditWrite(
      {
        organizationId,
        action: 'guest.added',
        actor: actorOf(caller.subject),
        targetUserId: user.userId,
        targetId: null,
        address: origin.address,
        requestId: origin.requestId,
        changes: [
          { field: 'allAccountGroupRoles', before: null, after: membership.allAccountGroupRoles },
          { field: 'permissions', before: null, after: membership.permissions },
          { field: 'endpoints', before: null, after: membership.endpoints },
        ],
      },
      occasion,
    ),
  ])
  if (!outcome.committed && outcome.failed === 'membership') throw taken()
  if (!outcome.committed && outcome.failed === guestCountLabel) {
    throw isFull(outcome.found) ? new DomainError('guest_limit_reached') : taken()
  }
  return { user: shown, outcome }
}

const taken = () => new DomainError('username_taken', { errors: [{ path: 'username', message: 'is taken' }] })
