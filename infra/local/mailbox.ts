import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { Mail, Mails } from './mail.ts'
import { mailboxPage } from './mailbox-page.ts'
import { readBody } from './request-body.ts'
import { readSendEmail } from './send-email.ts'

/** SES's limit. */
const bodyLimitBytes = 40 * 1024 * 1024

const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'"
/** A mail's HTML is untrusted: no scripts, no requests, a separate origin. */
const mailPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-popups-to-escape-sandbox"

type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Replaces SES: accepts SendEmail from the SDK (`POST /v2/email/outbound-emails`) and shows the mails.
 * `GET /messages` lists them as JSON (`?to=` filters by address), `DELETE /messages` deletes them, `GET /` shows a page.
 */
export function createMailbox(mails: Mails, now: () => number): Server {
  return createServer(async (request, response) => {
    try {
      const body = await readBody(request, bodyLimitBytes)
      const text = body === 'too-large' ? '' : body.toString()
      const method = request.method === 'HEAD' ? 'GET' : request.method
      const reply = replyTo(method, new URL(request.url ?? '/', 'http://mailbox'), text, mails, now)
      response.writeHead(reply.status, {
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...reply.headers,
      })
      response.end(request.method === 'HEAD' ? undefined : reply.body)
    } catch {
      response.destroy()
    }
  })
}

function replyTo(method: string | undefined, url: URL, body: string, mails: Mails, now: () => number): Reply {
  const request = `${method} ${url.pathname}`
  switch (request) {
    case 'POST /v2/email/outbound-emails':
      return capture(body, mails, now)
    case 'GET /messages':
      return json(200, mailsTo(url.searchParams.get('to'), mails.list()))
    case 'DELETE /messages':
      mails.clear()
      return { status: 204, headers: {}, body: '' }
    case 'GET /':
      return html(mailboxPage(mails.list()), pagePolicy)
    default: {
      const number = /^GET \/messages\/([1-9]\d{0,8})\/html$/.exec(request)?.[1]
      const mail = number === undefined ? undefined : mails.list().at(-Number(number))
      if (mail === undefined) return json(404, { message: 'Not Found' })
      // Links open in a new tab: inside the frame the sandbox would break the linked page.
      return html(`<base target="_blank">${withImages(mail)}`, mailPolicy)
    }
  }
}

/** As a mail program shows it: with the images that the mail brings along. */
const withImages = ({ html: text, images }: Mail): string =>
  images.reduce(
    (shown, { contentId, mediaType, base64 }) =>
      shown.replaceAll(`src="cid:${contentId}"`, () => `src="data:${mediaType};base64,${base64}"`),
    text,
  )

const mailsTo = (address: string | null, mails: readonly Mail[]): readonly Mail[] =>
  address === null ? mails : mails.filter(({ to }) => [to].flat().includes(address))

function capture(body: string, mails: Mails, now: () => number): Reply {
  const read = readSendEmail(body, now())
  if ('refusal' in read)
    return json(400, { message: read.refusal }, { 'x-amzn-errortype': 'BadRequestException' })
  mails.add(read.mail)
  return json(200, { MessageId: randomUUID() })
}

const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
})

const html = (body: string, policy: string): Reply => ({
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
  },
  body,
})
