import type { Occasion } from '../audit/audit-row.ts'
import { rowElsewhere } from '../audit/audited.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { Member } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { setFields } from '../table/update-expression.ts'
import { isOpenInvitation } from './place-acceptance.ts'
import { placeChanged } from './place-change.ts'

export type ReadMemberships = (userId: UserId) => Promise<readonly StoredMembership[]>

/** The fields of a membership that a new name of its user changes. A transaction writes an item once, so they go with the rest. */
export type Renamed = (place: StoredMembership) => Readonly<Record<string, unknown>>

/** Transaction label: a membership changed concurrently, so the caller must read again. */
export const placeElsewhere = 'place elsewhere'

/**
 * If anybody but the user changes how the user authenticates, that person could act as the user. So the user's memberships in other
 * organizations fall asleep until those organizations confirm them, and open invitations end. Each organization gets an audit row. The
 * writes require that the memberships are unchanged; the caller must add the condition that there are no new ones (`sameGuests`).
 */
export const sleepWrites = async (
  readMemberships: ReadMemberships,
  caller: Caller,
  { user }: Member,
  origin: Pick<Origin, 'requestId'>,
  occasion: Occasion,
  renamed: Renamed = () => ({}),
): Promise<Write[]> => {
  if (isOwnDeed(caller, user) || user.guestCount === 0) return []
  const nowSeconds = Math.floor(Date.parse(occasion.at) / 1000)
  const places = await readMemberships(user.userId)
  return places
    .filter(({ organizationId }) => organizationId !== user.homeOrganizationId)
    .flatMap((place) => {
      const isOpen = place.status === 'active' || isOpenInvitation(place, nowSeconds)
      if (!isOpen) return [unchangedWrite(place, renamed(place))]
      return [
        asleepWrite(place, nowSeconds, renamed(place)),
        rowElsewhere(caller, place.organizationId, origin, occasion, {
          action: 'guest.asleep',
          targetUserId: user.userId,
          changes: [placeChanged(place.status, place.status === 'active' ? 'asleep' : 'ended')],
        }),
      ]
    })
}

/** A user who changes its own authentication gives nobody else access. */
export const isOwnDeed = (caller: Caller, { userId }: Pick<Member['user'], 'userId'>): boolean =>
  caller.subject.userId === userId

const asRead = ({ placeId, version }: StoredMembership) => ({
  condition: 'version = :read AND placeId = :place',
  values: { ':read': version, ':place': placeId },
})

/** Sets fields of a membership if it is as it was read; without fields, only requires that. */
export const unchangedWrite = (place: StoredMembership, fields: ReturnType<Renamed> = {}): Write => {
  const key = keys.membership(place.userId, place.organizationId)
  const { condition, values } = asRead(place)
  const write = { label: placeElsewhere, condition }
  if (Object.keys(fields).length === 0) return { ...write, check: key, values }
  const { set, names, values: given } = setFields(fields)
  return { ...write, update: key, set, names, values: { ...given, ...values } }
}

const asleepWrite = (place: StoredMembership, nowSeconds: number, renamed: ReturnType<Renamed>): Write => {
  const { userId, organizationId, status } = place
  const { condition, values } = asRead(place)
  const isActive = status === 'active'
  const ended = isActive ? { status: 'asleep' } : { invitedUntilSeconds: nowSeconds }
  const counted = isActive ? ['epoch', 'version'] : ['version']
  const {
    set,
    names,
    values: given,
  } = setFields(
    { ...ended, ...renamed },
    counted.map((name) => `${name} = ${name} + :one`),
  )
  return {
    label: placeElsewhere,
    update: keys.membership(userId, organizationId),
    set,
    names,
    values: { ...given, ...values, ':one': 1 },
    condition,
  }
}
