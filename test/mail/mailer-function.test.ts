import type { DynamoDBRecord } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { replaceLogo } from '../../lib/organizations/change-logo.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { images } from '../brand/sample-images.ts'
import { dependenciesOf, origin } from '../organizations/organization.ts'
import type { Scene } from '../passwords/reset-scene.ts'
import { issuer, makeScene } from '../passwords/reset-scene.ts'
import { startSes } from './ses-stand-in.ts'

type SimpleMail = {
  readonly Body: { readonly Html: { readonly Data: string } }
  readonly Attachments?: unknown
}

let scene: Scene
let ses: Awaited<ReturnType<typeof startSes>>
let deliver: (records: DynamoDBRecord[]) => Promise<unknown>
let userId: UserId
const printed: string[] = []

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  scene = await makeScene()
  scene.clock.milliseconds = Date.now()
  userId = (await scene.makeUser({ username: 'partner-42', email: 'ops@partner.example' })).userId
  ses = await startSes()
  Object.assign(process.env, {
    TABLE_NAME: scene.table.tableName,
    ISSUER: issuer,
    MAIL_FROM: 'Postern <no-reply@postern.example>',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
    AWS_ENDPOINT_URL_SESV2: ses.endpoint,
  })
  const { handler } = await import('../../functions/mailer.ts')
  deliver = (records) => handler({ Records: records })
})
afterAll(() => {
  ses.stop()
  vi.restoreAllMocks()
})

describe('the mailer function', () => {
  it('mails once through failures of SES and repeated deliveries, and logs no address (F2, F5)', async () => {
    await scene.ask('partner-42')
    const records = await scene.pending()
    const away = { status: 400, body: { message: 'Email address is not verified: ops@partner.example' } }
    ses.answers.push(away)
    const [itemIdentifier] = records.map((record) => record.dynamodb?.SequenceNumber)
    expect(await deliver(records)).toEqual({ batchItemFailures: [{ itemIdentifier }] })
    for (let round = 0; round < 3; round += 1)
      expect(await deliver(records)).toEqual({ batchItemFailures: [] })
    expect(ses.taken).toHaveLength(1)
    expect(ses.taken[0]?.body).toMatchObject({
      FromEmailAddress: expect.stringMatching(/ <no-reply@postern\.example>$/),
      Destination: { ToAddresses: ['ops@partner.example'] },
    })
    expect(JSON.stringify(ses.taken[0]?.body)).toContain(`${issuer}/password-reset?token=pst_r`)
    expect(printed.join('\n')).toContain('reset_mailed')
    expect(printed.join('\n')).not.toMatch(/partner\.example|partner-42|pst_/)
  })

  it('asks SES twice for three seconds each, and gives the mail back to the stream', async () => {
    await scene.ask('partner-42')
    const records = await scene.pending()
    ses.answers.push('silence', 'silence')
    const sent = ses.taken.length
    const [itemIdentifier] = records.map((record) => record.dynamodb?.SequenceNumber)
    expect(await deliver(records)).toEqual({ batchItemFailures: [{ itemIdentifier }] })
    expect([ses.silent.length, ses.taken.length]).toEqual([2, sent])
    expect(await deliver(records)).toEqual({ batchItemFailures: [] })
    expect(ses.taken).toHaveLength(sent + 1)
  }, 25_000)

  it('brings the logo of the organization along, to a verified address and to no other (R10)', async () => {
    await replaceLogo(dependenciesOf(scene.table), scene.admin, { image: images.png }, origin)
    const mailed = async () => {
      await scene.ask('partner-42')
      expect(await deliver(await scene.pending())).toEqual({ batchItemFailures: [] })
      const { body } = ses.taken.at(-1) ?? { body: null }
      return (body as { readonly Content: { readonly Simple: SimpleMail } }).Content.Simple
    }
    const toStranger = await mailed()
    expect(toStranger.Attachments).toBeUndefined()
    expect(toStranger.Body.Html.Data).not.toMatch(/<img|Example/)
    await scene.verify(userId)
    const toOwner = await mailed()
    expect(toOwner.Body.Html.Data).toMatch(/<img src="cid:logo" width="24" height="16"[^>]*>Example</)
    expect(toOwner.Attachments).toMatchObject([{ ContentId: 'logo', RawContent: images.png }])
  })
})
