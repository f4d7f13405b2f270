import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Attachment } from '@aws-sdk/client-sesv2'
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeServer } from '../../../infra/local/gateway.ts'
import { listen } from '../../../infra/local/listen.ts'
import { openMails } from '../../../infra/local/mail.ts'
import { createMailbox } from '../../../infra/local/mailbox.ts'

let folder: string
let server: Server
let origin: string
let ses: SESv2Client
let time: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-mail-'))
  time = Date.UTC(2026, 0, 1)
  await open()
})
afterEach(async () => {
  await close()
  rmSync(folder, { recursive: true })
})

async function open() {
  server = createMailbox(openMails(join(folder, 'mails.jsonl')), () => (time += 1000))
  origin = `http://127.0.0.1:${await listen(server, 0)}`
  ses = new SESv2Client({
    endpoint: origin,
    region: 'x',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  })
}

async function close() {
  ses.destroy()
  await closeServer(server, 0)
}

const send = (Subject: string, change: { to?: string[]; html?: string; text?: string } = {}) =>
  ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'Postern <no-reply@postern.example>',
      Destination: { ToAddresses: change.to ?? ['owner@example.com'] },
      Content: {
        Simple: {
          Subject: { Data: Subject },
          Body: {
            Text: { Data: change.text ?? 'text' },
            ...(change.html !== undefined && { Html: { Data: change.html } }),
          },
        },
      },
    }),
  )

/** A mail that brings an image along, as the mailer sends it. */
const sendImage = (html: string, RawContent: Uint8Array, changed: Partial<Attachment> = {}) =>
  ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'no-reply@postern.example',
      Destination: { ToAddresses: ['owner@example.com'] },
      Content: {
        Simple: {
          Subject: { Data: 'with a logo' },
          Body: { Html: { Data: html } },
          Attachments: [
            {
              ContentId: 'logo',
              ContentDisposition: 'INLINE',
              ContentTransferEncoding: 'BASE64',
              ContentType: 'image/png',
              FileName: 'logo.png',
              RawContent,
              ...changed,
            },
          ],
        },
      },
    }),
  )

const messages = async () => (await fetch(`${origin}/messages`)).json()

describe('the mailbox', () => {
  it('shows an image that a mail brings along where the mail wants it, also after a restart', async () => {
    await sendImage('<img src="cid:logo"><img src="cid:other">', Buffer.from('an image'))
    await expect(
      sendImage('', Buffer.from('bytes as text'), { ContentTransferEncoding: 'SEVEN_BIT' }),
    ).rejects.toMatchObject({ name: 'BadRequestException' })
    await close()
    await open()
    expect(await messages()).toMatchObject([
      { images: [{ contentId: 'logo', mediaType: 'image/png', base64: 'YW4gaW1hZ2U=' }] },
    ])
    const shown = await fetch(`${origin}/messages/1/html`)
    expect(shown.headers.get('content-security-policy')).toContain('img-src data:')
    expect(await shown.text()).toContain(
      '<img src="data:image/png;base64,YW4gaW1hZ2U="><img src="cid:other">',
    )
  })

  it('lists the mails to one address, whole and nothing like it', async () => {
    await send('one', { to: ['a@example.com'] })
    await send('two', { to: ['b@example.com', 'a@example.com'] })
    await send('three', { to: ['aa@example.com'] })
    const found = await (await fetch(`${origin}/messages?to=a@example.com`)).json()
    expect(found).toMatchObject([{ subject: 'two' }, { subject: 'one' }])
  })

  it('shows what was sent, newest first', async () => {
    const { MessageId } = await send('first', { html: '<p>first</p>' })
    await send('second', { to: ['a@example.com', 'b@example.com'] })
    expect(MessageId).toMatch(/./)
    expect(await messages()).toEqual([
      {
        to: ['a@example.com', 'b@example.com'],
        from: 'Postern <no-reply@postern.example>',
        subject: 'second',
        text: 'text',
        html: '',
        images: [],
        at: '2026-01-01T00:00:02.000Z',
      },
      expect.objectContaining({
        to: 'owner@example.com',
        subject: 'first',
        html: '<p>first</p>',
        images: [],
        at: '2026-01-01T00:00:01.000Z',
      }),
    ])
  })

  it('keeps mails over a restart, for their owner alone, until it is emptied', async () => {
    await send('kept')
    expect(statSync(join(folder, 'mails.jsonl')).mode & 0o777).toBe(0o600)
    await close()
    await open()
    expect(await messages()).toMatchObject([{ subject: 'kept' }])
    expect((await fetch(`${origin}/messages`, { method: 'DELETE' })).status).toBe(204)
    expect(await messages()).toEqual([])
    await close()
    await open()
    expect(await messages()).toEqual([])
  })

  it('loses only the mail that was being written when the machine stopped', async () => {
    await send('whole')
    appendFileSync(join(folder, 'mails.jsonl'), '{"to":"half')
    await close()
    await open()
    await send('next')
    await close()
    await open()
    expect(await messages()).toMatchObject([{ subject: 'next' }, { subject: 'whole' }])
  })

  it('refuses state that it cannot read', () => {
    writeFileSync(join(folder, 'mails.jsonl'), 'garbage\n')
    expect(() => openMails(join(folder, 'mails.jsonl'))).toThrow(/cannot be read/)
  })

  it.each([
    ['a second header in the subject', 'x\r\nBcc: evil@example.com', ['a@example.com']],
    ['a line break in the address', 'x', ['a@example.com\nb']],
    ['two addresses in one', 'x', ['a@example.com,b@example.com']],
    ['no address', 'x', ['nobody']],
    ['no recipient', 'x', []],
  ])('refuses %s as SES does, and keeps nothing', async (_name, subject, to) => {
    await expect(send(subject, { to })).rejects.toMatchObject({ name: 'BadRequestException' })
    expect(await messages()).toEqual([])
  })

  it('shows a mail’s HTML where it can neither run scripts nor reach the mailbox', async () => {
    await send('html', { html: '<script>alert(1)</script><a href="http://localhost/x">link</a>' })
    const page = await (await fetch(`${origin}/`)).text()
    expect(page).toMatch(
      /<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="\/messages\/1\/html"/,
    )
    expect(page).not.toContain('<script>')
    const response = await fetch(`${origin}/messages/1/html`)
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/)
  })

  it('escapes what senders write into its own page', async () => {
    await send('<img src=x onerror=alert(1)>', {
      text: '</pre><script>alert(1)</script> "http://x.example/?a=1&b=2" or http://y.example/z.',
    })
    const page = await (await fetch(`${origin}/`)).text()
    expect(page).not.toMatch(/<img|<script/)
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(page).toContain('<a href="http://x.example/?a=1&amp;b=2')
    expect(page).toContain('<a href="http://y.example/z" rel="noreferrer">http://y.example/z</a>.')
  })

  it.each(['/messages/0/html', '/messages/1/html', '/messages/999999999/html', '/nothing'])(
    'has no %s',
    async (path) => {
      expect((await fetch(origin + path)).status).toBe(404)
    },
  )
})
