import type { SESv2Client } from '@aws-sdk/client-sesv2'
import { SendEmailCommand } from '@aws-sdk/client-sesv2'
import type { SendMail } from './message.ts'
import { addressOf, mailboxText, nameOf } from './sender.ts'

/** With all of the SDK's own attempts; shorter than a delivery's lease, so that nobody sends under one that has run out. */
const sendLimitMilliseconds = 8000

const charset = 'UTF-8'

/** @param from `MAIL_FROM`: an address, or `Name <address>`; a mail in the name of an organization brings another name. */
export const sesMailer = (client: Pick<SESv2Client, 'send'>, from: string): SendMail => {
  const address = addressOf(from)
  const ownName = nameOf(from)
  return async ({ to, senderName, subject, text, html }) => {
    const command = new SendEmailCommand({
      FromEmailAddress: mailboxText(senderName ?? ownName, address),
      Destination: { ToAddresses: [to] },
      Content: {
        Simple: {
          Subject: { Data: subject, Charset: charset },
          Body: { Text: { Data: text, Charset: charset }, Html: { Data: html, Charset: charset } },
        },
      },
    })
    await client.send(command, { abortSignal: AbortSignal.timeout(sendLimitMilliseconds) })
  }
}
