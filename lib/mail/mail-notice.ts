import type { StoredCredential } from '../credentials/stored-credential.ts'
import type { Log } from '../http/log-entry.ts'
import { keys } from '../table/keys.ts'
import type { DeliverOnceDependencies } from './deliver-once.ts'
import { deliverOnce } from './deliver-once.ts'
import { expiryMail } from './expiry-mail.ts'
import type { Message } from './message.ts'
import { noticeMail } from './notice-mail.ts'
import { oneAfterTheOther } from './one-after-the-other.ts'
import type { Recipient } from './recipient.ts'
import type { StoredExpiryNotice, StoredNotice, StoredPasswordNotice } from './stored-notice.ts'

export type MailNoticeDependencies = DeliverOnceDependencies & {
  /** As it is now; undefined once it has been dealt with. */
  readonly readNotice: (requestId: string) => Promise<StoredNotice | undefined>
  readonly readRecipients: (userIds: readonly string[]) => Promise<readonly Recipient[]>
  readonly readCredential: (of: {
    readonly userId: string
    readonly keyId: string
  }) => Promise<StoredCredential | undefined>
  readonly removeNotice: (requestId: string) => Promise<void>
  readonly log: Log
}

/** Mails one notice to the verified addresses of those whom it is for, disabled or not; then removes the row. */
export const mailNotice = async (dependencies: MailNoticeDependencies, requestId: string): Promise<void> => {
  const notice = await dependencies.readNotice(requestId)
  if (notice === undefined) return
  const mails =
    notice.noticeKind === 'credential-expiring'
      ? await expiryMails(dependencies, notice)
      : await passwordMails(dependencies, notice)
  // At the same time, and each on its own: an address that SES refuses must not keep the others from their mail.
  const delivering = { ...dependencies, write: oneAfterTheOther(dependencies.write) }
  const outcomes = await Promise.allSettled(mails.map((mail) => deliver(delivering, requestId, mail)))
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  await dependencies.removeNotice(requestId)
}

type Addressed = { readonly recipient: Recipient; readonly message: Message }

const deliver = async (
  dependencies: MailNoticeDependencies,
  requestId: string,
  { recipient, message }: Addressed,
): Promise<void> => {
  const { userId } = recipient.user
  const outcome = await deliverOnce(dependencies, keys.notice(requestId), userId, () => ({
    message,
    writes: [],
  }))
  if (outcome !== 'sent') return
  const { organizationId } = recipient.organization
  dependencies.log({ event: 'notice_mailed', requestId, userId, organizationId })
}

/** Those of them who have a verified address: a notice holds text that others typed (R10). */
const addressed = (
  { log }: MailNoticeDependencies,
  { requestId }: StoredNotice,
  recipients: readonly Recipient[],
  write: (recipient: Recipient, to: string) => Message,
): Addressed[] =>
  recipients.flatMap((recipient) => {
    const { userId, email: to, emailVerified } = recipient.user
    if (to === null) return []
    if (emailVerified) return [{ recipient, message: write(recipient, to) }]
    const { organizationId } = recipient.organization
    log({ event: 'notice_skipped', reason: 'address_unverified', requestId, userId, organizationId })
    return []
  })

const passwordMails = async (
  dependencies: MailNoticeDependencies,
  notice: StoredPasswordNotice,
): Promise<Addressed[]> =>
  addressed(dependencies, notice, await dependencies.readRecipients([notice.userId]), (recipient, to) =>
    noticeMail(recipient, to, notice),
  )

/** None when the credential was deleted or replaced in the meantime: there is nothing left to warn of. */
const expiryMails = async (
  dependencies: MailNoticeDependencies,
  notice: StoredExpiryNotice,
): Promise<Addressed[]> => {
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
  return addressed(dependencies, notice, readers, (reader, to) =>
    expiryMail(reader, to, { owner, credential, expiresAt }),
  )
}
