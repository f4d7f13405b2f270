import * as z from 'zod'
import type { Mail } from './mail.ts'

// A line break in an address or subject could inject a header; SES refuses it too.
const oneLine = z.string().regex(/^[^\r\n\0]*$/)
const address = oneLine.regex(/^[^@]*@[^@]+$/).max(320)
const content = z.object({ Data: z.string() })
/** As the mailer sends its images. Without an encoding, SES would send their bytes as text. */
const attachment = z.object({
  FileName: oneLine.max(255),
  RawContent: z.base64(),
  ContentType: oneLine.max(78),
  ContentId: oneLine.min(1).max(78),
  ContentDisposition: z.literal('INLINE'),
  ContentTransferEncoding: z.literal('BASE64'),
})

const request = z.object({
  FromEmailAddress: address,
  Destination: z.object({
    ToAddresses: z.array(address).default([]),
    CcAddresses: z.array(address).default([]),
    BccAddresses: z.array(address).default([]),
  }),
  Content: z.object({
    Simple: z.object({
      Subject: z.object({ Data: oneLine }),
      Body: z.object({ Text: content.optional(), Html: content.optional() }),
      Attachments: z.array(attachment).default([]),
    }),
  }),
})

export type SendEmail = { readonly mail: Mail } | { readonly refusal: string }

/** Parses the body of SES's SendEmail (API v2, simple content): a mail, or why SES would refuse it. */
export function readSendEmail(body: string, now: number): SendEmail {
  const parsed = request.safeParse(parseJson(body))
  if (!parsed.success) return { refusal: z.prettifyError(parsed.error) }
  const { FromEmailAddress, Destination, Content } = parsed.data
  const { ToAddresses, CcAddresses, BccAddresses } = Destination
  const recipients = [...ToAddresses, ...CcAddresses, ...BccAddresses]
  const [first] = recipients
  if (first === undefined) return { refusal: 'There is no recipient' }
  const { Subject, Body, Attachments } = Content.Simple
  return {
    mail: {
      to: recipients.length === 1 ? first : recipients,
      from: FromEmailAddress,
      subject: Subject.Data,
      text: Body.Text?.Data ?? '',
      html: Body.Html?.Data ?? '',
      images: Attachments.map(({ ContentId, ContentType, RawContent }) => ({
        contentId: ContentId,
        mediaType: ContentType,
        base64: RawContent,
      })),
      at: new Date(now).toISOString(),
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
