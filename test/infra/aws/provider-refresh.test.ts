import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { longestRefreshMilliseconds } from '../../../lib/whitelist/provider-ranges.ts'
import { functionsByName, referredId, resourcesOf, synthesise, written } from './synthesised-template.ts'
import { scheduleOf, startersOf } from './template-schedules.ts'

const template = synthesise({
  providerSources: 'https://mirror.example/ip-ranges/',
  providerMaximumAgeDays: 7,
})
const refresh = functionsByName(template).get('refresh-providers')
const variablesOf = (name: string) => {
  const environment = functionsByName(template).get(name)?.resource.Properties['Environment']
  return z.object({ Variables: z.record(z.string(), z.unknown()) }).parse(environment).Variables
}

describe('the refresh of the lists of cloud providers', () => {
  it('runs every six hours from the deployment on, at once: the schedule has no start', () => {
    const schedule = scheduleOf(template, 'refresh-providers')
    expect(schedule).toMatchObject({
      ScheduleExpression: 'rate(6 hours)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Input: '{}' },
    })
    expect(schedule).not.toHaveProperty('StartDate')
  })

  it('is started by a role that may start it, or say that it could not,, for schedules of this account only', () => {
    const { statements, trust } = startersOf(template, 'refresh-providers')
    const { Target } = scheduleOf(template, 'refresh-providers')
    const { DeadLetterConfig } = z.object({ DeadLetterConfig: z.object({ Arn: z.unknown() }) }).parse(Target)
    const queueId = referredId(DeadLetterConfig.Arn)
    expect(queueId).toMatch(/^UndeliveredSchedules/)
    expect(statements).toEqual([
      { action: 'lambda:InvokeFunction', resource: refresh?.id },
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

  it('hears of requests through the stream, and of nothing else', () => {
    const [mapping] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping')
      .map(([, { Properties }]) => Properties)
      .filter(({ FunctionName }) => referredId(FunctionName) === refresh?.id)
    const criteria = z.object({ Filters: z.array(z.object({ Pattern: z.string() })) })
    const { Filters } = criteria.parse(mapping?.['FilterCriteria'])
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
      { eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['provider-refresh-request'] } } } },
    ])
    expect(mapping).toMatchObject({ MaximumRetryAttempts: 1 })
  })

  it('ends within half the time after which containers take its ranges for settled', () => {
    const seconds = Number(refresh?.resource.Properties['Timeout'])
    expect(seconds * 1000 * 2).toBe(longestRefreshMilliseconds)
  })

  it('is told where the lists are, and everybody who decides how old they may be', () => {
    expect(variablesOf('refresh-providers')['POSTERN_PROVIDER_SOURCES']).toBe(
      'https://mirror.example/ip-ranges/',
    )
    for (const name of ['authorizer', 'users', 'login', 'check-whitelist', 'refresh-providers'])
      expect(variablesOf(name)['PROVIDER_MAXIMUM_AGE_DAYS'], name).toBe('7')
    expect(variablesOf('mailer')).not.toHaveProperty('PROVIDER_MAXIMUM_AGE_DAYS')
  })

  it('can be started by hand: an output says how', () => {
    const command = written(template.Outputs['RefreshCommand']?.Value)
    expect(command).toContain(`aws lambda invoke --function-name <${refresh?.id}>`)
  })
})
