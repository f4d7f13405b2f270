import type { Attachment, SESv2Client } from '@aws-sdk/client-sesv2'
import { SendEmailCommand } from '@aws-sdk/client-sesv2'
import type { StoredLogo } from '../brand/stored-logo.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { SendMail } from './message.ts'
import { logoContentId } from './message.ts'
import { addressOf, mailboxText, nameOf } from './sender.ts'

/** For the read of the logo and all attempts of the SDK together. Shorter than a delivery's lease, so that no mail is sent after its lease has expired. */
const sendLimitMilliseconds = 8000

const charset = 'UTF-8'

/** @param from `MAIL_FROM`: an address or `Name <address>`. `senderName` of a mail replaces the name. */
export const sesMailer = (
  client: Pick<SESv2Client, 'send'>,
  from: string,
  readLogo: (organizationId: OrganizationId) => Promise<StoredLogo | undefined>,
): SendMail => {
  const address = addressOf(from)
  const ownName = nameOf(from)
  return async ({ to, senderName, subject, text, html, logoOf }) => {
    const abortSignal = AbortSignal.timeout(sendLimitMilliseconds)
    // One that was removed in the meantime leaves an empty place.
    const logo = logoOf === null ? undefined : await readLogo(logoOf)
    const command = new SendEmailCommand({
      FromEmailAddress: mailboxText(senderName ?? ownName, address),
      Destination: { ToAddresses: [to] },
      Content: {
        Simple: {
          Subject: { Data: subject, Charset: charset },
          Body: { Text: { Data: text, Charset: charset }, Html: { Data: html, Charset: charset } },
          ...(logo === undefined ? {} : { Attachments: [inline(logo)] }),
        },
      },
    })
    await client.send(command, { abortSignal })
  }
}

const inline = ({ mediaType, image }: StoredLogo): Attachment => ({
  ContentId: logoContentId,
  ContentDisposition: 'INLINE',
  ContentType: mediaType,
  // The default leaves the bytes as they are, which mail servers do not have to accept.
  ContentTransferEncoding: 'BASE64',
  FileName: `logo.${mediaType.split('/')[1]}`,
  RawContent: image,
})
