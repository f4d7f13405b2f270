import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { functionsByName, referredId, resourcesOf, synthesise, written } from './synthesised-template.ts'

const template = synthesise({ mailFrom: 'no-reply@mail.example' })
const mailer = functionsByName(template).get('mailer')?.id
const mapping =
  resourcesOf(template, 'AWS::Lambda::EventSourceMapping').find(
    ([, { Properties }]) => referredId(Properties['FunctionName']) === mailer,
  )?.[1].Properties ?? {}
const queueId = referredId(
  z.object({ OnFailure: z.object({ Destination: z.unknown() }) }).parse(mapping['DestinationConfig'])
    .OnFailure.Destination,
)
const queue = resourcesOf(template, 'AWS::SQS::Queue').find(([id]) => id === queueId)?.[1].Properties
const queuePolicy = resourcesOf(template, 'AWS::SQS::QueuePolicy').find(([, { Properties }]) =>
  JSON.stringify(Properties['Queues']).includes(`"${queueId}"`),
)?.[1].Properties

describe('the stream to the mailer', () => {
  it('feeds the mailer from the stream of the table', () => {
    expect(referredId(mapping['FunctionName'])).toBe(mailer)
    expect(written(mapping['EventSourceArn'])).toMatch(/^<Table[0-9A-F]+\.StreamArn>$/)
  })

  it('wakes the mailer for new reset requests and notices only', () => {
    const criteria = z.object({ Filters: z.array(z.object({ Pattern: z.string() })) })
    const { Filters } = criteria.parse(mapping['FilterCriteria'])
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
      { eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['reset-request', 'notice'] } } } },
    ])
  })

  it('repeats a failed mail alone, a few times, and never for longer than a reset link lives', () => {
    expect(mapping).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 5,
    })
    expect(z.number().parse(mapping['MaximumRecordAgeInSeconds'])).toBeLessThan(1000)
  })

  it('keeps what it gives up on in an encrypted queue that refuses plain HTTP, and raises an alarm', () => {
    expect(queue?.['SqsManagedSseEnabled']).toBe(true)
    expect(JSON.stringify(queuePolicy)).toContain(
      '"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"',
    )
    const watched = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) =>
      JSON.stringify(Properties['Dimensions'] ?? []),
    )
    expect(watched.some((dimensions) => dimensions.includes(`"${queueId}"`))).toBe(true)
  })
})

describe('the sender', () => {
  const identities = (createMailIdentity: string) =>
    resourcesOf(
      synthesise({ mailFrom: 'A <a@mail.example>', createMailIdentity }),
      'AWS::SES::EmailIdentity',
    ).map(([, { Properties }]) => Properties['EmailIdentity'])

  it('is left alone, or verified by address or by domain, as asked', () => {
    expect(identities('none')).toEqual([])
    expect(identities('address')).toEqual(['a@mail.example'])
    expect(identities('domain')).toEqual(['mail.example'])
  })
})
