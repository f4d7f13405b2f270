import { hash } from 'node:crypto'
import { rowBySystem } from '../audit/audited.ts'
import { auditExpiry } from '../audit/occasion.ts'
import { canonicalLogin } from '../identity/login-name.ts'
import type { DeliverOnceDependencies } from '../mail/deliver-once.ts'
import { deliverOnce, inSequence } from '../mail/deliver-once.ts'
import type { Recipient } from '../mail/message.ts'
import type { StoredResetRequest } from '../mail/stored-reset-request.ts'
import type { UserId } from '../secrets/key-id.ts'
import { hashSecret } from '../secrets/secret-hash.ts'
import type { RandomBytes, SecretText } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import type { MailAllowanceDependencies } from './mail-allowance.ts'
import { withinAllowance } from './mail-allowance.ts'
import { resetMail } from './reset-mail.ts'
import type { ResetRecipient } from './reset-recipients.ts'
import { resetRecipients } from './reset-recipients.ts'
import { lifetimeText, linkExpiry, newResetToken } from './reset-token.ts'
import type { StoredResetToken } from './stored-reset-token.ts'

export type MailResetLinksDependencies = DeliverOnceDependencies &
  MailAllowanceDependencies & {
    /** The current item; undefined after it was processed. */
    readonly readRequest: (requestId: string) => Promise<StoredResetRequest | undefined>
    readonly findUserIds: (canonicalLogin: string) => Promise<readonly UserId[]>
    readonly readRecipients: (userIds: readonly UserId[]) => Promise<readonly Recipient[]>
    readonly readResetToken: (userId: UserId) => Promise<StoredResetToken | undefined>
    readonly removeRequest: (requestId: string) => Promise<void>
    readonly randomBytes: RandomBytes
    readonly issuer: string
  }

/**
 * Mails a link to each active user whose username or stored e-mail matches. Then deletes the request, so that the typed login is not kept
 * longer than needed (F5).
 */
export const mailResetLinks = async (
  dependencies: MailResetLinksDependencies,
  requestId: string,
): Promise<void> => {
  const request = await dependencies.readRequest(requestId)
  if (request === undefined) return
  const found = await recipientsOf(dependencies, request)
  const recipients = await withinAllowance(dependencies, request, found)
  // Concurrently and independently: an address that SES refuses must not block the others.
  const delivering = { ...dependencies, write: inSequence(dependencies.write) }
  const outcomes = await Promise.allSettled(
    recipients.map((recipient) => mailLink(delivering, request, recipient)),
  )
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  await dependencies.removeRequest(requestId)
}

const recipientsOf = async (
  { findUserIds, readRecipients, now }: MailResetLinksDependencies,
  request: StoredResetRequest,
): Promise<ResetRecipient[]> => {
  const isExpired = request.expiresAtSeconds <= Math.floor(now() / 1000)
  const canonical = canonicalLogin(request.login)
  if (isExpired || canonical === undefined) return []
  if (request.onlyUserId === null)
    return resetRecipients(await readRecipients(await findUserIds(canonical)), canonical)
  const found = await readRecipients([request.onlyUserId])
  // Who was renamed meanwhile still needs the link.
  return found.flatMap((one) => resetRecipients([one], one.user.canonicalUsername))
}

const mailLink = async (
  dependencies: MailResetLinksDependencies,
  request: StoredResetRequest,
  recipient: ResetRecipient,
): Promise<void> => {
  const { requestId } = request
  const { userId, hasPassword } = recipient.user
  const open = hasPassword ? undefined : await dependencies.readResetToken(userId)
  const noted = { requestId, userId, organizationId: recipient.organization.organizationId }
  const outcome = await deliverOnce(dependencies, keys.resetRequest(requestId), userId, () => {
    const owner = { userId, organizationId: recipient.user.homeOrganizationId }
    const token = newResetToken(owner, dependencies.randomBytes)
    const now = dependencies.now()
    const seconds = Math.floor(now / 1000)
    const expiresAtSeconds = linkExpiry(request.onlyUserId !== null && !hasPassword, open, seconds)
    return {
      message: resetMail(recipient, token, dependencies.issuer, lifetimeText(expiresAtSeconds - seconds)),
      writes: tokenWrites(request, recipient, token, now, expiresAtSeconds),
    }
  })
  if (outcome === 'sent') dependencies.log({ event: 'reset_mailed', ...noted })
  else dependencies.log({ event: 'reset_skipped', reason: outcome, ...noted })
}

const tokenWrites = (
  request: StoredResetRequest,
  { user, organization, email }: ResetRecipient,
  token: SecretText,
  now: number,
  expiresAtSeconds: number,
): Write[] => {
  const stored: StoredResetToken = {
    ...keys.resetToken(user.userId),
    kind: itemKinds.resetToken,
    userId: user.userId,
    tokenHash: hashSecret(token),
    mailed: true,
    email,
    requestId: request.requestId,
    createdAt: new Date(now).toISOString(),
    expiresAt: new Date(expiresAtSeconds * 1000).toISOString(),
    expiresAtSeconds,
  }
  return [
    {
      label: 'user',
      check: keys.user(user.userId),
      // A mail with the username goes only to a verified address, so the address must still be verified.
      // A link for a first password lasts for days, so it must not be stored if a password was set meanwhile.
      condition: `#status = :active AND email = :email${user.emailVerified ? ' AND emailVerified = :verified' : ''}${user.hasPassword ? '' : ' AND hasPassword = :none'}`,
      names: { '#status': 'status' },
      values: {
        ':active': 'active',
        ':email': email,
        ...(user.emailVerified ? { ':verified': true } : {}),
        ...(user.hasPassword ? {} : { ':none': false }),
      },
    },
    put<typeof StoredResetToken>('reset-token', stored),
    rowBySystem(
      organization.organizationId,
      request,
      {
        // The time of the request, not of the attempt, so that repeated deliveries write the same row (F2).
        at: request.at,
        auditId: hash('sha256', `${request.requestId}\n${user.userId}`, 'hex').slice(0, 16),
        auditExpiresAtSeconds: auditExpiry(Date.parse(request.at), organization),
      },
      { action: 'password-reset.mailed', targetUserId: user.userId },
    ),
  ]
}
