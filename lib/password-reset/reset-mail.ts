import type { SecretText } from '../credentials/secret-text.ts'
import { letterBodies } from '../mail/letter.ts'
import type { Message } from '../mail/message.ts'
import type { ResetRecipient } from './reset-recipients.ts'
import { resetLifetimeSeconds } from './reset-token.ts'

/** Rounded down, so that nobody comes too late by what they were told. */
const lifetimeText = `${Math.floor(resetLifetimeSeconds / 60)} minutes`

/** @param issuer the configured origin, without a trailing slash; never what a request claimed (CVE-2025-64101). */
export const resetMail = (recipient: ResetRecipient, token: SecretText, issuer: string): Message => {
  const { user, organization, email } = recipient
  const title = `Choose a new password for ${user.username}`
  const paragraphs = [
    'Hello,',
    `somebody asked for a new password for the user ${user.username} at ${organization.name}. ` +
      `To choose one, open this link within ${lifetimeText}. It works once, and only the newest one works.`,
    { link: `${issuer}/password-reset?token=${encodeURIComponent(token)}`, title: 'Choose a new password' },
    'If you did not ask for this, ignore this mail: your password stays as it is, and the link ends by itself. ' +
      'Nobody can use it without this mail, so do not pass it on.',
  ]
  return {
    to: email,
    senderName: organization.resetMailSenderName,
    subject: title,
    ...letterBodies({ title, paragraphs }),
  }
}
