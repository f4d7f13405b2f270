import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { functionsByName, referredId, synthesise } from './synthesised-template.ts'
import { scheduleOf, startersOf } from './template-schedules.ts'

const template = synthesise({})
const warnOfExpiry = functionsByName(template).get('warn-of-expiry')

describe('the warnings of expiries', () => {
  it('are looked for every hour from the deployment on', () => {
    const schedule = scheduleOf(template, 'warn-of-expiry')
    expect(schedule).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Input: '{}' },
    })
    expect(schedule).not.toHaveProperty('StartDate')
  })

  it('are started by a role that may start them, or say that it could not,, for schedules of this account only', () => {
    const { statements, trust } = startersOf(template, 'warn-of-expiry')
    const { Target } = scheduleOf(template, 'warn-of-expiry')
    const { DeadLetterConfig } = z.object({ DeadLetterConfig: z.object({ Arn: z.unknown() }) }).parse(Target)
    const queueId = referredId(DeadLetterConfig.Arn)
    expect(queueId).toMatch(/^UndeliveredSchedules/)
    expect(statements).toEqual([
      { action: 'lambda:InvokeFunction', resource: warnOfExpiry?.id },
      { action: 'sqs:SendMessage', resource: queueId },
    ])
    expect(trust).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    })
  })

  it('know the table and nothing of keys, lists or mail', () => {
    expect(warnOfExpiry?.resource.Properties['Environment']).toMatchObject({
      Variables: { TABLE_NAME: expect.anything() },
    })
    for (const name of ['SIGNING_KEY_ID', 'MAIL_FROM', 'PROVIDER_MAXIMUM_AGE_DAYS'])
      expect(warnOfExpiry?.resource.Properties['Environment']).not.toHaveProperty(`Variables.${name}`)
  })
})
