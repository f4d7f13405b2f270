import type { StoredCredential } from '../credentials/stored-credential.ts'
import type { Log } from '../http/log-entry.ts'
import { keys } from '../table/keys.ts'
import type { DeliverOnceDependencies } from './deliver-once.ts'
import { deliverOnce } from './deliver-once.ts'
import { expiryMail } from './expiry-mail.ts'
import type { Message } from './message.ts'
import { noticeMail } from './notice-mail.ts'
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

/** Mails one notice to the stored addresses of those whom it is for, disabled or not; then the row has done its work. */
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

/** All deliveries are kept in the one row of the notice, where transactions at the same time would cancel each other. */
const oneAfterTheOther = (write: MailNoticeDependencies['write']): MailNoticeDependencies['write'] => {
  let last: Promise<unknown> = Promise.resolve()
  return (writes) => {
    const mine = last.then(() => write(writes))
    last = mine.catch(() => undefined)
    return mine
  }
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

/** Those of them who have an address. */
const addressed = (
  recipients: readonly Recipient[],
  write: (recipient: Recipient, to: string) => Message,
): Addressed[] =>
  recipients.flatMap((recipient) => {
    const to = recipient.user.email
    return to === null ? [] : [{ recipient, message: write(recipient, to) }]
  })

const passwordMails = async (
  { readRecipients }: MailNoticeDependencies,
  notice: StoredPasswordNotice,
): Promise<Addressed[]> =>
  addressed(await readRecipients([notice.userId]), (recipient, to) => noticeMail(recipient, to, notice))

/** None when the credential was deleted or replaced in the meantime: there is nothing left to warn of. */
const expiryMails = async (
  { readRecipients, readCredential, log }: MailNoticeDependencies,
  notice: StoredExpiryNotice,
): Promise<Addressed[]> => {
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
  return addressed(readers, (reader, to) => expiryMail(reader, to, { owner, credential, expiresAt }))
}
