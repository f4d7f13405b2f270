import type { AuditAction, Change } from '../audit/audit-row.ts'
import type { Deed } from '../audit/audited.ts'
import { rowElsewhere, rowOf, rowOfOwn } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import { isGuest } from '../identity/member.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { ReadApis } from '../policy/api-names.ts'
import { managerOf, requireHeld } from '../policy/manager.ts'
import { showUser } from '../policy/show-user.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { guestCountWrite } from './guest-count.ts'
import { isOpenInvitation } from './invitation.ts'
import type { OwnPlace } from './own-place.ts'
import { ownPlace } from './own-place.ts'
import { acceptedPlace, acceptWrite, mailedLinkRemoval, resetLinkRemoval } from './place-acceptance.ts'
import { placeChanged, placeLost } from './place-change.ts'
import type { ReadMemberships } from './place-sleep.ts'

export type PlaceDependencies = Chances & {
  readonly readMember: (userId: string, organizationId: string) => Promise<Member | undefined>
  readonly readMemberships: ReadMemberships
  readonly readOrganizations: (organizationIds: readonly string[]) => Promise<readonly StoredOrganization[]>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
}

/** A place that was removed and made anew counts its versions from the beginning again. */
const asRead = 'version = :read AND placeId = :place'

/** Where the caller has a place, and where it is invited to. */
export const listOwnPlaces = async (
  { readMemberships, readOrganizations }: Pick<PlaceDependencies, 'readMemberships' | 'readOrganizations'>,
  { snapshot: { user } }: Caller,
): Promise<OwnPlace[]> => {
  const places = await readMemberships(user.userId)
  const organizations = await readOrganizations(places.map(({ organizationId }) => organizationId))
  return places.map((membership) =>
    ownPlace(
      { user, membership },
      organizations.find(({ organizationId }) => organizationId === membership.organizationId),
    ),
  )
}

/** A row for the organization of the place, and one for the user's home. */
const auditBoth = (
  dependencies: Chances,
  caller: Caller,
  { user, membership }: Member,
  action: AuditAction,
  changes: readonly Change[],
  origin: Origin,
): Write[] => {
  const { organization } = caller.snapshot
  // One who declines an invitation leaves no trace of where it is with an organization that it wants nothing to do with.
  const isDeclined = action === 'guest.left' && membership.status === 'invited'
  const isTheUsers = caller.subject.userId === user.userId && !isDeclined
  const row = (organizationId: string, deed: Pick<Deed, 'targetId' | 'changes'>): Write => {
    const whole = { action, targetUserId: user.userId, ...deed }
    if (organizationId === organization.organizationId)
      return rowOf(caller, origin, occasionOf(dependencies, organization), whole)
    const make = isTheUsers ? rowOfOwn : rowElsewhere
    return make(caller, organizationId, origin, occasionOf(dependencies), whole)
  }
  return [
    row(membership.organizationId, { changes }),
    // Home learns that there is a place, and nothing of what is in it.
    row(user.homeOrganizationId, { targetId: membership.organizationId }),
  ]
}

const ownMemberIn = async (
  { readMember }: PlaceDependencies,
  { subject }: Caller,
  organizationId: string,
): Promise<Member> => {
  const member = await readMember(subject.userId, organizationId)
  if (member === undefined) throw new DomainError('not_found')
  return member
}

/** The user takes the place that it was offered. @throws DomainError not_found, version_conflict */
export const acceptPlace = async (
  dependencies: PlaceDependencies,
  caller: Caller,
  organizationId: string,
  origin: Origin,
): Promise<OwnPlace> => {
  const member = await ownMemberIn(dependencies, caller, organizationId)
  await writeAcceptance(dependencies, caller, member, origin)
  const [organization] = await dependencies.readOrganizations([organizationId])
  return ownPlace({ ...member, membership: acceptedPlace(member.membership) }, organization)
}

const writeAcceptance = async (
  dependencies: PlaceDependencies,
  caller: Caller,
  member: Member,
  origin: Origin,
): Promise<void> => {
  const { membership } = member
  if (membership.status === 'active') return
  const seconds = Math.floor(dependencies.now() / 1000)
  if (!isOpenInvitation(membership, seconds)) {
    throw new DomainError('not_found', { detail: 'There is no invitation that can be accepted.' })
  }
  const outcome = await dependencies.write([
    acceptWrite(membership, seconds),
    mailedLinkRemoval(membership),
    resetLinkRemoval(membership),
    ...auditBoth(dependencies, caller, member, 'guest.accepted', [placeChanged('invited', 'active')], origin),
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
}

/** The user leaves a place, or declines one. @throws DomainError not_found, self_lockout for its home, version_conflict */
export const leavePlace = async (
  dependencies: PlaceDependencies,
  caller: Caller,
  organizationId: string,
  origin: Origin,
): Promise<void> => {
  const member = await ownMemberIn(dependencies, caller, organizationId)
  if (!isGuest(member)) {
    throw new DomainError('self_lockout', {
      detail: 'Nobody leaves their home organization; an administrator can delete you.',
    })
  }
  await removePlace(dependencies, caller, member, 'guest.left', origin)
}

/** Takes a guest's place away; the user itself stays with its home. @throws DomainError version_conflict */
export const removePlace = async (
  dependencies: Pick<PlaceDependencies, 'now' | 'randomBytes' | 'write'>,
  caller: Caller,
  member: Member,
  action: 'guest.left' | 'guest.removed',
  origin: Origin,
): Promise<void> => {
  const { pk, sk, userId, version, placeId } = member.membership
  const outcome = await dependencies.write([
    {
      label: 'membership',
      delete: { pk, sk },
      condition: asRead,
      values: { ':read': version, ':place': placeId },
    },
    mailedLinkRemoval(member.membership),
    guestCountWrite(userId, -1),
    ...auditBoth(dependencies, caller, member, action, placeLost(member.membership), origin),
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
}

/**
 * The organization confirms a guest whose place fell asleep because somebody else changed what proves the user. That gives the guest
 * its rights again, so the caller must hold them.
 *
 * @throws DomainError not_found, grant_not_held, version_conflict
 */
export const wakePlace = async (
  dependencies: PlaceDependencies & { readonly readApis: ReadApis },
  caller: Caller,
  userId: string,
  origin: Origin,
): Promise<Member> => {
  const member = await showUser(dependencies, caller, userId)
  const { membership } = member
  if (membership.status !== 'asleep')
    throw new DomainError('not_found', { detail: 'The place of this user is not asleep.' })
  requireHeld(await managerOf(dependencies.readApis, caller), membership)
  const outcome = await dependencies.write([
    {
      label: 'membership',
      update: keys.membership(userId, membership.organizationId),
      set: 'SET #status = :active, version = version + :one',
      names: { '#status': 'status' },
      values: {
        ':active': 'active',
        ':one': 1,
        ':read': membership.version,
        ':place': membership.placeId,
      },
      condition: asRead,
    },
    resetLinkRemoval(membership),
    ...auditBoth(dependencies, caller, member, 'guest.woken', [placeChanged('asleep', 'active')], origin),
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
  return { ...member, membership: { ...membership, status: 'active', version: membership.version + 1 } }
}
