import type { Log } from '../effects/log-entry.ts'
import type { Member } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { ThrottleRule } from '../limits/throttle-rule.ts'
import { invitationMailPerUser, invitationMailPerUserAndOrganization } from '../limits/throttle-rule.ts'
import type { Prepared } from '../mail/deliver-once.ts'
import type { Recipient } from '../mail/message.ts'
import type { StoredInvitationNotice } from '../mail/stored-notice.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import { hashSecret } from '../secrets/secret-hash.ts'
import type { RandomBytes, SecretText } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import { invitationMail } from './invitation-mail.ts'
import { newInvitationToken } from './invitation-token.ts'
import { stillRecipientCheck } from './link-recipient.ts'
import { isOpenInvitation, openInvitationCheck } from './membership-acceptance.ts'
import type { StoredInvitationToken } from './stored-invitation-token.ts'

export type MailInvitationDependencies = {
  readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
  readonly readOrganizations: (
    organizationIds: readonly OrganizationId[],
  ) => Promise<readonly StoredOrganization[]>
  /** False if the allowance is used up; attempts with the same `id` count once. */
  readonly spendOnce: (rule: ThrottleRule, subject: string, id: string) => Promise<boolean>
  readonly randomBytes: RandomBytes
  readonly issuer: string
  readonly now: () => number
  readonly log: Log
}

/**
 * The mail about an invitation, with the token of its link; undefined if the invitation has ended or the mail allowance is used up.
 *
 * @param to the user's verified address
 */
export const preparedInvitation = async (
  dependencies: MailInvitationDependencies,
  notice: StoredInvitationNotice,
  recipient: Recipient,
  to: string,
): Promise<(() => Prepared) | undefined> => {
  const { requestId, userId, organizationId, membershipId } = notice
  const skip = (reason: string): undefined => {
    dependencies.log({ event: 'notice_skipped', reason, requestId, userId, organizationId })
  }
  const [member, [inviting]] = await Promise.all([
    dependencies.readMember(userId, organizationId),
    dependencies.readOrganizations([organizationId]),
  ])
  const isActive = recipient.user.status === 'active' && recipient.organization.status === 'active'
  if (!isActive) return skip('user_inactive')
  if (member === undefined || inviting?.status !== 'active') return skip('invitation_ended')
  const { membership } = member
  const isOpen = isOpenInvitation(membership, Math.floor(dependencies.now() / 1000))
  if (membership.membershipId !== membershipId || !isOpen) return skip('invitation_ended')
  if (!(await isWithinAllowance(dependencies, notice))) return skip('throttled')
  return () => {
    const token = newInvitationToken(notice, dependencies.randomBytes)
    const mailed = { recipient, to, inviting, invitedUntilSeconds: membership.invitedUntilSeconds ?? 0 }
    return {
      message: invitationMail(mailed, token, dependencies.issuer),
      writes: tokenWrites(recipient, to, membership, token, dependencies.now()),
    }
  }
}

/** The organization's allowance is checked first, so that its excess mails do not use up the allowance that all share. */
const isWithinAllowance = async (
  { spendOnce }: MailInvitationDependencies,
  { requestId, userId, organizationId, deliveries }: StoredInvitationNotice,
): Promise<boolean> => {
  // A retried delivery: it was counted before, possibly in an earlier window.
  if (deliveries[userId] !== undefined) return true
  const ofOrganization = `${userId}\n${organizationId}`
  return (
    (await spendOnce(invitationMailPerUserAndOrganization, ofOrganization, requestId)) &&
    (await spendOnce(invitationMailPerUser, userId, requestId))
  )
}

const tokenWrites = (
  { user }: Recipient,
  email: string,
  membership: StoredMembership,
  token: SecretText,
  now: number,
): Write[] => {
  const { userId, organizationId, membershipId } = membership
  const stored: StoredInvitationToken = {
    ...keys.invitationToken(userId, membershipId),
    kind: itemKinds.invitationToken,
    ...{ userId, organizationId, membershipId },
    tokenHash: hashSecret(token),
    email,
    epoch: user.epoch,
    createdAt: new Date(now).toISOString(),
    expiresAtSeconds: membership.invitedUntilSeconds ?? 0,
  }
  return [
    stillRecipientCheck(stored),
    openInvitationCheck(membership, Math.floor(now / 1000)),
    put<typeof StoredInvitationToken>('invitation token', stored),
  ]
}
