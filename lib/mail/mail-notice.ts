import type { Log } from '../http/log-entry.ts'
import { keys } from '../table/keys.ts'
import type { DeliverOnceDependencies } from './deliver-once.ts'
import { deliverOnce } from './deliver-once.ts'
import { noticeMail } from './notice-mail.ts'
import type { Recipient } from './recipient.ts'
import type { StoredNotice } from './stored-notice.ts'

export type MailNoticeDependencies = DeliverOnceDependencies & {
  /** As it is now; undefined once it has been dealt with. */
  readonly readNotice: (requestId: string) => Promise<StoredNotice | undefined>
  readonly readRecipients: (userIds: readonly string[]) => Promise<readonly Recipient[]>
  readonly removeNotice: (requestId: string) => Promise<void>
  readonly log: Log
}

/** Mails one notice to the stored address of its user, disabled or not; then the row has done its work. */
export const mailNotice = async (dependencies: MailNoticeDependencies, requestId: string): Promise<void> => {
  const notice = await dependencies.readNotice(requestId)
  if (notice === undefined) return
  const [recipient] = await dependencies.readRecipients([notice.userId])
  const to = recipient?.user.email ?? null
  if (recipient !== undefined && to !== null) {
    const outcome = await deliverOnce(dependencies, keys.notice(requestId), notice.userId, () => ({
      message: noticeMail(recipient, to, notice),
      writes: [],
    }))
    if (outcome === 'sent') {
      const organizationId = recipient.organization.organizationId
      dependencies.log({ event: 'notice_mailed', requestId, userId: notice.userId, organizationId })
    }
  }
  await dependencies.removeNotice(requestId)
}
