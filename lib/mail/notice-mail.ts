import { instantText } from './instant-text.ts'
import { letterFrom } from './letter.ts'
import type { Message, Recipient } from './message.ts'
import type { StoredPasswordNotice } from './stored-notice.ts'

const deeds: Readonly<Record<StoredPasswordNotice['noticeKind'], { verb: string; how: string }>> = {
  'password-changed': { verb: 'changed', how: 'with the old password' },
  'password-reset': { verb: 'reset', how: 'with a link that was mailed to this address' },
}

/** Notifies the owner of a new password (ASVS 5.0 6.3.7). */
export const noticeMail = (
  { user, organization }: Recipient,
  to: string,
  notice: StoredPasswordNotice,
  issuer: string,
): Message => {
  const { verb, how } = deeds[notice.noticeKind]
  const title = `The password of ${user.username} was ${verb}`
  const paragraphs = [
    'Hello,',
    `The password of the user ${user.username} at ${organization.name} was ${verb} on ${instantText(notice.at, user.timezone)}, ` +
      `from the address ${notice.address}, ${how}. All sessions of the user have ended.`,
    'If it was you, there is nothing to do.',
    'If it was not you, tell an administrator of your organization at once: the user can be disabled at any time. ' +
      'Make sure that nobody else reads this mailbox, then choose a new password:',
    { link: `${issuer}/forgot-password`, title: 'Choose a new password' },
  ]
  return letterFrom(organization, to, { title, paragraphs })
}
