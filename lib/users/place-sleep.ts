import type { Occasion } from '../audit/audit-row.ts'
import { auditWrite, otherOrganization } from '../audit/audit-row.ts'
import type { Caller, Origin } from '../http/operation.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import type { Member } from './member.ts'
import type { StoredMembership } from './stored-membership.ts'

export type ReadMemberships = (userId: string) => Promise<readonly StoredMembership[]>

/** The label of these writes in an outcome: a place changed meanwhile, and what was read must be read again. */
export const placeElsewhere = 'place elsewhere'

/**
 * When anybody but the user changes what proves it, whoever did could be the user from then on. So its places in other organizations
 * fall asleep, and an invitation that it has not accepted ends, until that organization confirms it. Each of them hears of it in its
 * audit.
 */
export const sleepWrites = async (
  readMemberships: ReadMemberships,
  caller: Caller,
  { user }: Member,
  { requestId }: Pick<Origin, 'requestId'>,
  occasion: Occasion,
): Promise<Write[]> => {
  if (caller.subject.userId === user.userId || user.guestCount === 0) return []
  const places = await readMemberships(user.userId)
  return places
    .filter(({ organizationId, status }) => organizationId !== user.homeOrganizationId && status !== 'asleep')
    .flatMap((place) => [
      asleepWrite(place),
      auditWrite(
        {
          organizationId: place.organizationId,
          action: 'guest.asleep',
          actor: otherOrganization(user.homeOrganizationId),
          targetUserId: user.userId,
          targetId: null,
          address: null,
          requestId,
          changes: [
            { field: 'place', before: place.status, after: place.status === 'active' ? 'asleep' : 'ended' },
          ],
        },
        occasion,
      ),
    ])
}

const asleepWrite = ({ userId, organizationId, status, version }: StoredMembership): Write => {
  const asRead = 'version = :read'
  return {
    label: placeElsewhere,
    update: keys.membership(userId, organizationId),
    set:
      status === 'active'
        ? 'SET #status = :asleep, epoch = epoch + :one, version = version + :one'
        : 'SET invitedUntilSeconds = :ended, version = version + :one',
    ...(status === 'active' ? { names: { '#status': 'status' } } : {}),
    values: {
      ':one': 1,
      ':read': version,
      ...(status === 'active' ? { ':asleep': 'asleep' } : { ':ended': 0 }),
    },
    condition: asRead,
  }
}
