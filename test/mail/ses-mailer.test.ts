import { SESv2Client } from '@aws-sdk/client-sesv2'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { StoredLogo } from '../../lib/brand/stored-logo.ts'
import { leaseMilliseconds } from '../../lib/mail/delivery.ts'
import { sesMailer } from '../../lib/mail/ses-mailer.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { images } from '../brand/sample-images.ts'
import { startSes } from './ses-stand-in.ts'

let ses: Awaited<ReturnType<typeof startSes>>
let client: SESv2Client

beforeAll(async () => {
  ses = await startSes()
  client = new SESv2Client({
    region: 'eu-west-1',
    endpoint: ses.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
})
afterAll(() => {
  client.destroy()
  ses.stop()
})

const message = {
  to: 'ops@partner.example',
  senderName: 'Bücher & Söhne',
  subject: 'Grüße',
  text: 'text',
  html: '<p>html</p>',
  logoOf: null,
}
const none = () => Promise.reject(new Error('no logo is asked for'))

describe('the SES mailer', () => {
  it('sends to the one address, from the configured one under the name of the organization', async () => {
    await sesMailer(client, 'Postern <no-reply@postern.example>', none)(message)
    expect(ses.taken).toEqual([
      {
        path: '/v2/email/outbound-emails',
        body: {
          FromEmailAddress: '=?UTF-8?B?QsO8Y2hlciAmIFPDtmhuZQ==?= <no-reply@postern.example>',
          Destination: { ToAddresses: ['ops@partner.example'] },
          Content: {
            Simple: {
              Subject: { Data: 'Grüße', Charset: 'UTF-8' },
              Body: {
                Text: { Data: 'text', Charset: 'UTF-8' },
                Html: { Data: '<p>html</p>', Charset: 'UTF-8' },
              },
            },
          },
        },
      },
    ])
  })

  it('brings the logo along, as a part of the mail that its HTML shows', async () => {
    const image = Buffer.from(images.png, 'base64')
    const logo: StoredLogo = {
      ...keys.logo('org_1'),
      kind: 'logo',
      organizationId: 'org_1',
      hash: 'ab',
      mediaType: 'image/png',
      image,
    }
    const asked: OrganizationId[] = []
    const readLogo = async (id: OrganizationId) => {
      asked.push(id)
      return logo
    }
    await sesMailer(client, 'no-reply@postern.example', readLogo)({ ...message, logoOf: 'org_1' })
    expect(asked).toEqual(['org_1'])
    expect(ses.taken.at(-1)?.body).toMatchObject({
      Content: {
        Simple: {
          Attachments: [
            {
              ContentId: 'logo',
              ContentDisposition: 'INLINE',
              ContentType: 'image/png',
              ContentTransferEncoding: 'BASE64',
              FileName: 'logo.png',
              RawContent: images.png,
            },
          ],
        },
      },
    })
    // It was removed in the meantime: the mail goes out without it.
    const gone = async () => undefined
    await sesMailer(client, 'no-reply@postern.example', gone)({ ...message, logoOf: 'org_1' })
    expect(ses.taken.at(-1)?.body).not.toHaveProperty('Content.Simple.Attachments')
  })

  it.each([
    ['Postern <no-reply@postern.example>', '"Postern" <no-reply@postern.example>'],
    ['no-reply@postern.example', 'no-reply@postern.example'],
  ])('sends in its own name where no organization gives one: %s', async (from, expected) => {
    await sesMailer(client, from, none)({ ...message, senderName: null })
    expect(ses.taken.at(-1)?.body).toMatchObject({ FromEmailAddress: expected })
  })

  it('gives up before the lease of its delivery ends, so that nobody sends beside it (F2)', async () => {
    const limit = vi.spyOn(AbortSignal, 'timeout')
    const signals: unknown[] = []
    const noting = {
      send: async (...[, options]: unknown[]) =>
        void signals.push((options as { abortSignal: unknown }).abortSignal),
    } as unknown as SESv2Client
    await sesMailer(noting, 'no-reply@postern.example', none)(message)
    const [{ value } = { value: undefined }] = limit.mock.results
    expect(signals).toEqual([value])
    expect(limit.mock.calls[0]?.[0]).toBeLessThan(leaseMilliseconds)
    limit.mockRestore()
  })

  it('fails when SES refuses', async () => {
    ses.answers.push({ status: 400, body: { message: 'no' } })
    await expect(sesMailer(client, 'no-reply@postern.example', none)(message)).rejects.toThrow()
  })
})
