import { letterBodies } from '../mail/letter.ts'
import type { Message } from '../mail/message.ts'
import type { SecretText } from '../secrets/secret-text.ts'
import type { ResetRecipient } from './reset-recipients.ts'
import type { LinkLife } from './reset-token.ts'
import { forgotPagePath } from './reset-token.ts'

/**
 * To an address that is not verified it holds nothing that anybody typed, neither names nor a sender: somebody who can create users
 * must not be able to send a text of its own to a stranger (R10).
 *
 * @param issuer the configured origin, without a trailing slash; never what a request claimed (CVE-2025-64101).
 */
export const resetMail = (
  recipient: ResetRecipient,
  token: SecretText,
  issuer: string,
  life: LinkLife,
): Message => {
  const { user, organization, email } = recipient
  const { senderName, title, whose } = user.emailVerified
    ? {
        senderName: organization.resetMailSenderName,
        title: `Choose a new password for ${user.username}`,
        whose: `the user ${user.username} at ${organization.name}`,
      }
    : {
        senderName: null,
        title: 'Choose a new password',
        whose: `a user who has this mail address (its id is ${user.userId})`,
      }
  const paragraphs = [
    'Hello,',
    `somebody asked for a new password for ${whose}. ` +
      `To choose one, open this link within ${life.text}. It works once, and only the newest one works.`,
    { link: `${issuer}/password-reset?token=${encodeURIComponent(token)}`, title: 'Choose a new password' },
    `If the link has expired, ask for another one at ${issuer}/${forgotPagePath}.`,
    'If you did not ask for this, ignore this mail: your password stays as it is, and the link ends by itself. ' +
      'Nobody can use it without this mail, so do not pass it on.',
  ]
  return { to: email, senderName, subject: title, ...letterBodies({ title, paragraphs }) }
}
