import type { Occasion } from '../audit/audit-row.ts'
import { rowElsewhere } from '../audit/audited.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { Member } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { setFields } from '../table/update-expression.ts'
import { isOpenInvitation } from './membership-acceptance.ts'
import { membershipChanged } from './membership-change.ts'

export type ReadMemberships = (userId: UserId) => Promise<readonly StoredMembership[]>

/** The fields of a membership that list its user, after a change of what they show. A transaction writes an item once, so they go with the rest. */
export type Listing = (membership: StoredMembership) => Readonly<Record<string, unknown>>

/** Transaction label: a membership changed concurrently, so the caller must read again. */
export const membershipElsewhere = 'membership elsewhere'

/**
 * If anybody but the user changes how the user authenticates, that person could act as the user. So the user's memberships in other
 * organizations are suspended until those organizations confirm them, and open invitations end. Each organization gets an audit row. The
 * writes require that the memberships are unchanged; the caller must add the condition that there are no new ones (`sameGuests`).
 */
export const suspensionWrites = async (
  readMemberships: ReadMemberships,
  caller: Caller,
  { user }: Member,
  origin: Pick<Origin, 'requestId'>,
  occasion: Occasion,
  listing: Listing = () => ({}),
): Promise<Write[]> => {
  if (isOwnDeed(caller, user) || user.guestCount === 0) return []
  const nowSeconds = Math.floor(Date.parse(occasion.at) / 1000)
  const memberships = await readMemberships(user.userId)
  return memberships
    .filter(({ organizationId }) => organizationId !== user.homeOrganizationId)
    .flatMap((membership) => {
      const isOpen = membership.status === 'active' || isOpenInvitation(membership, nowSeconds)
      if (!isOpen) return [unchangedWrite(membership, listing(membership))]
      return [
        suspendWrite(membership, nowSeconds, listing(membership)),
        rowElsewhere(caller, membership.organizationId, origin, occasion, {
          action: 'guest.suspended',
          targetUserId: user.userId,
          changes: [
            membershipChanged(membership.status, membership.status === 'active' ? 'suspended' : 'ended'),
          ],
        }),
      ]
    })
}

/** A user who changes its own authentication gives nobody else access. */
export const isOwnDeed = (caller: Caller, { userId }: Pick<Member['user'], 'userId'>): boolean =>
  caller.subject.userId === userId

const asRead = ({ membershipId, version }: StoredMembership) => ({
  condition: 'version = :read AND membershipId = :membership',
  values: { ':read': version, ':membership': membershipId },
})

/** Sets fields of a membership if it is as it was read; without fields, only requires that. */
const unchangedWrite = (membership: StoredMembership, fields: ReturnType<Listing> = {}): Write => {
  const key = keys.membership(membership.userId, membership.organizationId)
  const { condition, values } = asRead(membership)
  const write = { label: membershipElsewhere, condition }
  if (Object.keys(fields).length === 0) return { ...write, check: key, values }
  const { set, names, values: given } = setFields(fields)
  return { ...write, update: key, set, names, values: { ...given, ...values } }
}

/**
 * Lists the user anew in an organization. What that organization changes of the membership meanwhile does not fail the transaction, so that
 * it cannot keep the home organization from disabling the user.
 */
export const listAnewWrite = (membership: StoredMembership, fields: ReturnType<Listing>): Write => {
  const { userId, organizationId, status } = membership
  const { set, names, values } = setFields(fields)
  return {
    label: membershipElsewhere,
    update: keys.membership(userId, organizationId),
    set,
    names: { ...names, '#was': 'status' },
    values: { ...values, ':was': status },
    // What the organization sees depends on the status.
    condition: '#was = :was',
  }
}

const suspendWrite = (
  membership: StoredMembership,
  nowSeconds: number,
  listing: ReturnType<Listing>,
): Write => {
  const { userId, organizationId, status } = membership
  const { condition, values } = asRead(membership)
  const isActive = status === 'active'
  const ended = isActive ? { status: 'suspended' } : { invitedUntilSeconds: nowSeconds }
  const counted = isActive ? ['epoch', 'version'] : ['version']
  const {
    set,
    names,
    values: given,
  } = setFields(
    { ...ended, ...listing },
    counted.map((name) => `${name} = ${name} + :one`),
  )
  return {
    label: membershipElsewhere,
    update: keys.membership(userId, organizationId),
    set,
    names,
    values: { ...given, ...values, ':one': 1 },
    condition,
  }
}
