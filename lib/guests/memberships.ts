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
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { guestCountWrite } from './guest-count.ts'
import {
  acceptedMembership,
  acceptWrite,
  isOpenInvitation,
  mailedLinkRemoval,
  resetLinkRemoval,
  sameNames,
} from './membership-acceptance.ts'
import { membershipChanged, membershipLost } from './membership-change.ts'
import type { ReadMemberships } from './membership-suspension.ts'
import type { OwnMembership } from './own-membership.ts'
import { ownMembership } from './own-membership.ts'

export type MembershipDependencies = Chances & {
  readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
  readonly readMemberships: ReadMemberships
  readonly readOrganizations: (
    organizationIds: readonly OrganizationId[],
  ) => Promise<readonly StoredOrganization[]>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
}

/** A recreated membership restarts its version, so its id is compared as well. */
const asRead = 'version = :read AND membershipId = :membership'

/** The caller's memberships and invitations. */
export const listOwnMemberships = async (
  {
    readMemberships,
    readOrganizations,
  }: Pick<MembershipDependencies, 'readMemberships' | 'readOrganizations'>,
  { snapshot: { user } }: Caller,
): Promise<OwnMembership[]> => {
  const memberships = await readMemberships(user.userId)
  const organizations = await readOrganizations(memberships.map(({ organizationId }) => organizationId))
  return memberships.map((membership) =>
    ownMembership(
      { user, membership },
      organizations.find(({ organizationId }) => organizationId === membership.organizationId),
    ),
  )
}

/** One row for the organization of the membership and one for the user's home. */
const auditBoth = (
  dependencies: Chances,
  caller: Caller,
  { user, membership }: Member,
  action: AuditAction,
  changes: readonly Change[],
  origin: Origin,
): Write[] => {
  const { organization } = caller.snapshot
  // A user who declines an invitation is not named to the organization: it wants nothing to do with it.
  const isDeclined = action === 'guest.left' && membership.status === 'invited'
  const isTheUsers = caller.subject.userId === user.userId && !isDeclined
  const row = (organizationId: OrganizationId, deed: Pick<Deed, 'targetId' | 'changes'>): Write => {
    const whole = { action, targetUserId: user.userId, ...deed }
    if (organizationId === organization.organizationId)
      return rowOf(caller, origin, occasionOf(dependencies, organization), whole)
    const make = isTheUsers ? rowOfOwn : rowElsewhere
    return make(caller, organizationId, origin, occasionOf(dependencies), whole)
  }
  return [
    row(membership.organizationId, { changes }),
    // The home organization sees that a membership exists, not its grants.
    row(user.homeOrganizationId, { targetId: membership.organizationId }),
  ]
}

const ownMemberIn = async (
  { readMember }: MembershipDependencies,
  { subject }: Caller,
  organizationId: OrganizationId,
): Promise<Member> => {
  const member = await readMember(subject.userId, organizationId)
  if (member === undefined) throw new DomainError('not_found')
  return member
}

/** Accepts an invitation, as its user. @throws DomainError not_found, version_conflict */
export const acceptOwnInvitation = async (
  dependencies: MembershipDependencies,
  caller: Caller,
  organizationId: OrganizationId,
  origin: Origin,
): Promise<OwnMembership> => {
  const member = await ownMemberIn(dependencies, caller, organizationId)
  await writeAcceptance(dependencies, caller, member, origin)
  const [organization] = await dependencies.readOrganizations([organizationId])
  return ownMembership({ ...member, membership: acceptedMembership(member.membership) }, organization)
}

const writeAcceptance = async (
  dependencies: MembershipDependencies,
  caller: Caller,
  member: Member,
  origin: Origin,
): Promise<void> => {
  const { membership } = member
  if (membership.status === 'active') return
  const now = dependencies.now()
  if (!isOpenInvitation(membership, Math.floor(now / 1000))) {
    throw new DomainError('not_found', { detail: 'There is no open invitation.' })
  }
  const outcome = await dependencies.write([
    acceptWrite(member, now),
    { label: 'user', check: keys.user(member.user.userId), ...sameNames(member.user) },
    mailedLinkRemoval(membership),
    resetLinkRemoval(membership),
    ...auditBoth(
      dependencies,
      caller,
      member,
      'guest.accepted',
      [membershipChanged('invited', 'active')],
      origin,
    ),
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
}

/** Leaves an organization or declines its invitation. @throws DomainError not_found, self_lockout for the home organization, version_conflict */
export const leaveOrganization = async (
  dependencies: MembershipDependencies,
  caller: Caller,
  organizationId: OrganizationId,
  origin: Origin,
): Promise<void> => {
  const member = await ownMemberIn(dependencies, caller, organizationId)
  if (!isGuest(member)) {
    throw new DomainError('self_lockout', {
      detail: 'You cannot leave your home organization. An administrator can delete you.',
    })
  }
  await removeMembership(dependencies, caller, member, 'guest.left', origin)
}

/** Deletes a guest's membership, not the user. @throws DomainError version_conflict */
export const removeMembership = async (
  dependencies: Pick<MembershipDependencies, 'now' | 'randomBytes' | 'write'>,
  caller: Caller,
  member: Member,
  action: 'guest.left' | 'guest.removed',
  origin: Origin,
): Promise<void> => {
  const { pk, sk, userId, version, membershipId } = member.membership
  const outcome = await dependencies.write([
    {
      label: 'membership',
      delete: { pk, sk },
      condition: asRead,
      values: { ':read': version, ':membership': membershipId },
    },
    mailedLinkRemoval(member.membership),
    {
      ...guestCountWrite(userId, -1),
      set: 'ADD guestCount :change, endedVersions :passed',
      values: { ':change': -1, ':passed': version + 1 },
    },
    ...auditBoth(dependencies, caller, member, action, membershipLost(member.membership), origin),
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
}

/**
 * Confirms a guest whose membership is suspended because somebody else changed how the user authenticates. The guest regains its grants, so
 * the caller must hold them.
 *
 * @throws DomainError not_found, grant_not_held, version_conflict
 */
export const confirmMembership = async (
  dependencies: MembershipDependencies & { readonly readApis: ReadApis },
  caller: Caller,
  userId: UserId,
  origin: Origin,
): Promise<Member> => {
  const member = await showUser(dependencies, caller, userId)
  const { membership } = member
  if (membership.status !== 'suspended')
    throw new DomainError('not_found', { detail: 'The membership of this user is not suspended.' })
  requireHeld(await managerOf(dependencies.readApis, caller), membership)
  const changedAt = new Date(dependencies.now()).toISOString()
  const outcome = await dependencies.write([
    {
      label: 'membership',
      update: keys.membership(userId, membership.organizationId),
      set: 'SET #status = :active, changedAt = :at, version = version + :one',
      names: { '#status': 'status' },
      values: {
        ':active': 'active',
        ':at': changedAt,
        ':one': 1,
        ':read': membership.version,
        ':membership': membership.membershipId,
      },
      condition: asRead,
    },
    resetLinkRemoval(membership),
    ...auditBoth(
      dependencies,
      caller,
      member,
      'guest.confirmed',
      [membershipChanged('suspended', 'active')],
      origin,
    ),
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
  const version = membership.version + 1
  return { ...member, membership: { ...membership, status: 'active', changedAt, version } }
}
