import type { DynamoDBRecord } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import type { Scene } from '../passwords/reset-scene.ts'
import { issuer, makeScene } from '../passwords/reset-scene.ts'
import { startSes } from './ses-stand-in.ts'

let scene: Scene
let ses: Awaited<ReturnType<typeof startSes>>
let deliver: (records: DynamoDBRecord[]) => Promise<unknown>
const printed: string[] = []

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  scene = await makeScene()
  scene.clock.milliseconds = Date.now()
  await scene.makeUser({ username: 'partner-42', email: 'ops@partner.example' })
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
})
