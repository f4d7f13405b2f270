import type { Log } from '../effects/log-entry.ts'
import type { StoredCredential } from '../identity/stored-credential.ts'
import type { KeyId, UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { DeliverOnceDependencies, Prepared } from './deliver-once.ts'
import { deliverOnce, inSequence } from './deliver-once.ts'
import { expiryMail } from './expiry-mail.ts'
import { factorMail } from './factor-mail.ts'
import type { Message, Recipient } from './message.ts'
import { noticeMail } from './notice-mail.ts'
import type { StoredExpiryNotice, StoredInvitationNotice, StoredNotice } from './stored-notice.ts'

export type MailNoticeDependencies = DeliverOnceDependencies & {
  readonly issuer: string
  /** The mail about an invitation; undefined if the invitation has ended or the limit of mails is reached. */
  readonly prepareInvitation: (
    notice: StoredInvitationNotice,
    recipient: Recipient,
    to: string,
  ) => Promise<(() => Prepared) | undefined>
  /** Undefined after the notice was removed. */
  readonly readNotice: (requestId: string) => Promise<StoredNotice | undefined>
  readonly readRecipients: (userIds: readonly UserId[]) => Promise<readonly Recipient[]>
  readonly readCredential: (of: {
    readonly userId: UserId
    readonly keyId: KeyId
  }) => Promise<StoredCredential | undefined>
  readonly removeNotice: (requestId: string) => Promise<void>
  readonly log: Log
}

/** Mails one notice to the verified addresses of its recipients, including disabled users, then removes the row. */
export const mailNotice = async (dependencies: MailNoticeDependencies, requestId: string): Promise<void> => {
  const notice = await dependencies.readNotice(requestId)
  if (notice === undefined) return
  const mails = await mailsOf(dependencies, notice)
  // Concurrently and independently: an address that SES refuses must not stop the other mails.
  const delivering = { ...dependencies, write: inSequence(dependencies.write) }
  const outcomes = await Promise.allSettled(mails.map((mail) => deliver(delivering, requestId, mail)))
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  await dependencies.removeNotice(requestId)
}

type NoticeMail = { readonly recipient: Recipient; readonly prepare: () => Prepared }

const mailsOf = (dependencies: MailNoticeDependencies, notice: StoredNotice): Promise<NoticeMail[]> => {
  switch (notice.noticeKind) {
    case 'credential-expiring':
      return expiryMails(dependencies, notice)
    case 'guest-invited':
      return invitationMails(dependencies, notice)
    case 'password-changed':
    case 'password-reset':
      return ownMails(dependencies, notice, (recipient, to) =>
        noticeMail(recipient, to, notice, dependencies.issuer),
      )
    default:
      return ownMails(dependencies, notice, (recipient, to) =>
        factorMail(recipient, to, notice, dependencies.issuer),
      )
  }
}

const deliver = async (
  dependencies: MailNoticeDependencies,
  requestId: string,
  { recipient, prepare }: NoticeMail,
): Promise<void> => {
  const { userId } = recipient.user
  const outcome = await deliverOnce(dependencies, keys.notice(requestId), userId, prepare)
  const { organizationId } = recipient.organization
  const noted = { requestId, userId, organizationId }
  if (outcome === 'sent') dependencies.log({ event: 'notice_mailed', ...noted })
  if (outcome === 'refused') dependencies.log({ event: 'notice_skipped', reason: outcome, ...noted })
}

const alone = (recipient: Recipient, message: Message): NoticeMail => ({
  recipient,
  prepare: () => ({ message, writes: [] }),
})

type Addressed = { readonly recipient: Recipient; readonly to: string }

/** The recipients with a verified address: a notice contains text from other users (R10). */
const addressed = (
  { log }: MailNoticeDependencies,
  { requestId }: StoredNotice,
  recipients: readonly Recipient[],
): Addressed[] =>
  recipients.flatMap((recipient) => {
    const { userId, email: to, emailVerified } = recipient.user
    if (to === null) return []
    if (emailVerified) return [{ recipient, to }]
    const { organizationId } = recipient.organization
    log({ event: 'notice_skipped', reason: 'address_unverified', requestId, userId, organizationId })
    return []
  })

/** To the user that the notice is about. */
const ownMails = async (
  dependencies: MailNoticeDependencies,
  notice: StoredNotice,
  mailTo: (recipient: Recipient, to: string) => Message,
): Promise<NoticeMail[]> =>
  addressed(dependencies, notice, await dependencies.readRecipients([notice.userId])).map(
    ({ recipient, to }) => alone(recipient, mailTo(recipient, to)),
  )

const invitationMails = async (
  dependencies: MailNoticeDependencies,
  notice: StoredInvitationNotice,
): Promise<NoticeMail[]> => {
  const readers = addressed(dependencies, notice, await dependencies.readRecipients([notice.userId]))
  const mails: NoticeMail[] = []
  for (const { recipient, to } of readers) {
    const prepare = await dependencies.prepareInvitation(notice, recipient, to)
    if (prepare !== undefined) mails.push({ recipient, prepare })
  }
  return mails
}

/** Empty if the credential was deleted or replaced in the meantime. */
const expiryMails = async (
  dependencies: MailNoticeDependencies,
  notice: StoredExpiryNotice,
): Promise<NoticeMail[]> => {
  const { readRecipients, readCredential, log } = dependencies
  const { requestId, userId, keyId, expiresAt, recipientIds } = notice
  const [credential, known] = await Promise.all([
    readCredential(notice),
    readRecipients([...new Set([userId, ...recipientIds])]),
  ])
  const owner = known.find(({ user }) => user.userId === userId)
  if (owner === undefined || credential?.expiresAt !== expiresAt) {
    log({ event: 'notice_skipped', reason: 'credential_changed', requestId, userId, keyId })
    return []
  }
  const readers = known.filter(({ user }) => recipientIds.includes(user.userId))
  return addressed(dependencies, notice, readers).map(({ recipient, to }) =>
    alone(recipient, expiryMail(recipient, to, { owner, credential, expiresAt }, dependencies.issuer)),
  )
}
