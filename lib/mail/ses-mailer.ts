import type { SESv2Client } from '@aws-sdk/client-sesv2'
import { SendEmailCommand } from '@aws-sdk/client-sesv2'
import type { SendMail } from './message.ts'
import { addressOf, mailboxText } from './sender.ts'

/** With all of the SDK's own attempts; shorter than a delivery's lease, so that nobody sends under one that has run out. */
const sendLimitMilliseconds = 8000

const charset = 'UTF-8'

/** @param from `MAIL_FROM`: an address, or `Name <address>`; the name that recipients see is the organization's. */
export const sesMailer = (client: Pick<SESv2Client, 'send'>, from: string): SendMail => {
  const address = addressOf(from)
  return async ({ to, senderName, subject, text, html }) => {
    const command = new SendEmailCommand({
      FromEmailAddress: mailboxText(senderName, address),
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
