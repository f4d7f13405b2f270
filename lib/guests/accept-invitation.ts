import type { Deed } from '../audit/audited.ts'
import { rowByToken } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { SourceAttemptDependencies } from '../limits/source-attempt.ts'
import { spendSourceAttempt } from '../limits/source-attempt.ts'
import { invitationAcceptPerSource } from '../limits/throttle-rule.ts'
import type { MembershipId, UserId } from '../secrets/key-id.ts'
import { secretMatches } from '../secrets/secret-hash.ts'
import type { SecretText } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import type { AcceptInvitationBody } from './invitation-endpoints.ts'
import { readInvitationToken } from './invitation-token.ts'
import { isStillRecipient, stillRecipientCheck } from './link-recipient.ts'
import {
  acceptedMembership,
  acceptWrite,
  isOpenInvitation,
  resetLinkRemoval,
  sameNames,
} from './membership-acceptance.ts'
import { membershipChanged } from './membership-change.ts'
import type { OwnMembership } from './own-membership.ts'
import { ownMembership } from './own-membership.ts'
import type { StoredInvitationToken } from './stored-invitation-token.ts'

/** An invitation, as its token is checked against it. */
export type InvitationUnderWay = {
  readonly invitationToken: StoredInvitationToken
  /** The user, with the membership that it is offered. */
  readonly member: Member
  readonly inviting: StoredOrganization
  readonly home: StoredOrganization
}

export type AcceptInvitationDependencies = Chances &
  SourceAttemptDependencies & {
    readonly readInvitation: (
      userId: UserId,
      membershipId: MembershipId,
    ) => Promise<InvitationUnderWay | undefined>
    readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
  }

export type Acceptance = { readonly membership: OwnMembership; readonly inviting: StoredOrganization }

/** The same error for every invalid token, so that it discloses nothing. */
const invitationInvalid = () =>
  new DomainError('invitation_invalid', {
    detail: 'The link was already used or is incomplete, or the invitation has ended.',
  })

/**
 * Accepts an invitation with the token of the mailed link, which proves access to the user's verified mailbox. The token is checked
 * first; one transaction decides, so that one of any number of concurrent callers succeeds, with the link or with credentials.
 *
 * @throws DomainError invitation_invalid, too_many_requests
 */
export const acceptInvitation = async (
  dependencies: AcceptInvitationDependencies,
  body: AcceptInvitationBody,
  origin: Origin,
): Promise<Acceptance> => {
  await spendSourceAttempt(dependencies, invitationAcceptPerSource, origin.address)
  const presented = readInvitationToken(body.token)
  if (presented === undefined) throw invitationInvalid()
  const invitation = await dependencies.readInvitation(presented.userId, presented.membershipId)
  const now = dependencies.now()
  if (invitation === undefined || !isGood(invitation, presented.secret, Math.floor(now / 1000)))
    throw invitationInvalid()
  const outcome = await dependencies.write(acceptanceWrites(dependencies, invitation, now, origin))
  if (!outcome.committed) throw invitationInvalid()
  const { member, inviting } = invitation
  return {
    membership: ownMembership({ ...member, membership: acceptedMembership(member.membership) }, inviting),
    inviting,
  }
}

const isGood = (
  { invitationToken, member, inviting, home }: InvitationUnderWay,
  secret: SecretText,
  seconds: number,
): boolean => {
  const isTheToken = secretMatches(secret, invitationToken.tokenHash)
  const isActive = inviting.status === 'active' && home.status === 'active'
  const isSameMembership = member.membership.membershipId === invitationToken.membershipId
  const isOpen = isSameMembership && isOpenInvitation(member.membership, seconds)
  return isTheToken && isActive && isOpen && isStillRecipient(member.user, invitationToken)
}

const acceptanceWrites = (
  dependencies: Chances,
  { invitationToken, member, inviting, home }: InvitationUnderWay,
  now: number,
  origin: Origin,
): Write[] => {
  const { userId, membershipId, tokenHash } = invitationToken
  const row = (organization: StoredOrganization, deed: Omit<Deed, 'action'>): Write => {
    const occasion = occasionOf(dependencies, organization)
    return rowByToken(userId, organization.organizationId, origin, occasion, {
      action: 'guest.accepted',
      ...deed,
    })
  }
  return [
    {
      label: 'invitation token',
      delete: keys.invitationToken(userId, membershipId),
      condition: 'tokenHash = :hash',
      values: { ':hash': tokenHash },
    },
    acceptWrite(member, now),
    resetLinkRemoval(member.membership),
    stillRecipientCheck(invitationToken, sameNames(member.user)),
    row(inviting, { changes: [membershipChanged('invited', 'active')] }),
    row(home, { targetId: inviting.organizationId }),
  ]
}
