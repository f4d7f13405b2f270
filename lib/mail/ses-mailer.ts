import type { SESv2Client } from '@aws-sdk/client-sesv2'
import { SendEmailCommand } from '@aws-sdk/client-sesv2'
import type { SendMail } from './message.ts'
import { addressOf, mailboxText, nameOf } from './sender.ts'

/** For all attempts of the SDK together. Shorter than a delivery's lease, so that no mail is sent after its lease has expired. */
const sendLimitMilliseconds = 8000

const charset = 'UTF-8'

/** @param from `MAIL_FROM`: an address or `Name <address>`. `senderName` of a mail replaces the name. */
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
