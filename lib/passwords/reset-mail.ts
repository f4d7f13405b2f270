import { letterFrom } from '../mail/letter.ts'
import type { Message } from '../mail/message.ts'
import type { SecretText } from '../secrets/secret-text.ts'
import type { ResetRecipient } from './reset-recipients.ts'
import { forgotPagePath } from './reset-token.ts'

/**
 * A mail to an unverified address contains nothing that a user chose, neither names nor a sender nor a logo, so that nobody who can create
 * users can send texts to strangers (R10).
 *
 * @param issuer the configured origin, without a trailing slash; never what a request claimed (CVE-2025-64101).
 */
export const resetMail = (
  recipient: ResetRecipient,
  token: SecretText,
  issuer: string,
  lifetime: string,
): Message => {
  const { user, organization, email } = recipient
  const { from, title, whose } = user.emailVerified
    ? {
        from: organization,
        title: `Choose a new password for ${user.username}`,
        whose: `the user ${user.username} at ${organization.name}`,
      }
    : {
        from: null,
        title: 'Choose a new password',
        whose: `a user with this e-mail address (user id ${user.userId})`,
      }
  const paragraphs = [
    'Hello,',
    `Somebody requested a link to choose the password of ${whose}, such as an administrator who added this user. ` +
      `To choose it, open this link within ${lifetime}. It works once, and only the newest link works.`,
    { link: `${issuer}/password-reset?token=${encodeURIComponent(token)}`, title: 'Choose a new password' },
    `If the link has expired, request another one at ${issuer}/${forgotPagePath}.`,
    'If you do not expect this mail, ignore it: nothing changes, and the link expires. ' +
      'Do not forward this mail: anybody who has the link can set the password.',
  ]
  return letterFrom(from, email, { title, paragraphs })
}
