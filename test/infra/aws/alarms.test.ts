import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { functionSpecs } from '../../../infra/aws/functions.ts'
import { functionsByName, referredId, resourcesOf, synthesise } from './synthesised-template.ts'

const topic = 'arn:aws:sns:eu-west-1:111122223333:pager'
const template = synthesise({ alarmTopicArn: topic })
const raised = resourcesOf(template, 'AWS::CloudWatch::Alarm')
const alarms = raised.map(([, { Properties }]) => Properties)

const filters = resourcesOf(template, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties)

describe('alarms', () => {
  it('each have a row in docs/operations.md, which lists no others', () => {
    const [, section = ''] = readFileSync('docs/operations.md', 'utf8').split(/^## /m)
    const rows = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
    // A logical id ends with a hash of eight characters.
    expect(rows.toSorted()).toEqual(raised.map(([id]) => id.slice(0, -8)).toSorted())
  })

  it('reach the topic when there is one', () => {
    expect(alarms.length).toBeGreaterThan(0)
    for (const alarm of alarms)
      expect(alarm['AlarmActions'], String(alarm['AlarmDescription'])).toEqual([topic])
  })

  it.each([
    ['AuthorizerFails', 1, '5 minutes'],
    ['AuthorizerThrottled', 1, '5 minutes'],
    ['ApiFails', 5, '5 minutes'],
    ['RateLimitNotCounted', 3, '5 minutes'],
    ['MailerFails', 3, '5 minutes'],
    ['MailerBreaks', 1, '5 minutes'],
    ['MailUndelivered', 1, '5 minutes'],
    ['ScheduleUndelivered', 1, '5 minutes'],
    ['ProviderListRefused', 1, '5 minutes'],
    ['ProviderNarrowingLost', 1, '5 minutes'],
    ['ProviderListOld', 1, '5 minutes'],
    ['ProviderRefreshFails', 1, '5 minutes'],
    ['ExpiryWarningFails', 1, '5 minutes'],
    ['ExpiryWarningsLeft', 1, 'each of 3 hours'],
    ['ProviderRefreshMissing', 0, 'a day'],
    ['ExpiryWarningMissing', 0, '4 hours'],
  ])('%s is raised by %i within %s', (name, count, time) => {
    const [, alarm] = raised.find(([id]) => id.slice(0, -8) === name) ?? []
    const { Period, Metrics, EvaluationPeriods, Threshold, ComparisonOperator, Statistic } =
      alarm?.Properties ?? {}
    const seconds = Period ?? JSON.parse(JSON.stringify(Metrics))[1].MetricStat.Period
    const whole = {
      '5 minutes': [300, 1],
      'each of 3 hours': [3600, 3],
      'a day': [21_600, 4],
      '4 hours': [3600, 4],
    }
    expect([seconds, EvaluationPeriods]).toEqual(Object.entries(whole).find(([text]) => text === time)?.[1])
    const isMissing = count === 0
    expect([ComparisonOperator, Threshold]).toEqual(
      isMissing ? ['LessThanThreshold', 1] : ['GreaterThanOrEqualToThreshold', count],
    )
    expect(Statistic ?? 'Sum').toBe(name.endsWith('Undelivered') ? 'Maximum' : 'Sum')
  })

  it('stay silent without requests, but for those that watch whether a schedule runs', () => {
    for (const alarm of alarms)
      expect(alarm['TreatMissingData']).toBe(
        alarm['MetricName'] === 'Invocations' ? 'breaching' : 'notBreaching',
      )
  })

  it('count what Lambda counts of the authorizer, without the refusals that a REST API hears as errors', () => {
    const id = functionsByName(template).get('authorizer')?.id
    const watching = alarms.filter((alarm) => JSON.stringify(alarm['Dimensions'] ?? '').includes(`"${id}"`))
    expect(watching).toMatchObject([{ MetricName: 'Throttles', Threshold: 1 }])
    const [math] = alarms.filter((alarm) => JSON.stringify(alarm['Metrics'] ?? '').includes(`"${id}"`))
    const Dimensions = [{ Name: 'FunctionName', Value: { Ref: id } }]
    expect(math).toMatchObject({
      Threshold: 1,
      Metrics: [
        { Expression: expect.stringMatching(/^IF\(/) },
        {
          Id: 'errors',
          MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions } },
        },
        {
          Id: 'unauthorized',
          MetricStat: { Metric: { Namespace: 'Postern', MetricName: 'Unauthorized', Dimensions } },
        },
      ],
    })
  })

  it.each([
    ['a list of a cloud provider is refused', 'provider_list_refused', 'ProviderListsRefused'],
    ['a list grows old', 'provider_list_too_old', 'ProviderListsOld'],
  ])('are raised when %s', (_when, event, metric) => {
    const filter = filters.find(({ FilterPattern }) => FilterPattern === `{ $.event = "${event}" }`)
    expect(filter?.['MetricTransformations']).toMatchObject([{ MetricName: metric, MetricValue: '1' }])
    expect(alarms.filter(({ MetricName }) => MetricName === metric)).toMatchObject([{ Threshold: 1 }])
  })

  it('are raised when rate limits cannot be counted, by whichever function that decides', () => {
    const counting = filters.filter(
      ({ FilterPattern }) => FilterPattern === '{ $.event = "rate_limit_not_counted" }',
    )
    const deciding = Object.values(functionSpecs).filter(({ signing }) => signing !== 'none')
    expect(new Set(counting.map(({ LogGroupName }) => referredId(LogGroupName))).size).toBe(deciding.length)
    for (const { MetricTransformations } of counting)
      expect(MetricTransformations).toMatchObject([{ MetricName: 'RateLimitsNotCounted', MetricValue: '1' }])
    const watching = alarms.filter(({ MetricName }) => MetricName === 'RateLimitsNotCounted')
    expect(watching).toMatchObject([{ Threshold: 3 }])
    for (const { MetricTransformations } of counting)
      expect(MetricTransformations).toMatchObject([{ MetricNamespace: watching[0]?.['Namespace'] }])
  })

  it.each(['refresh-providers', 'warn-of-expiry'])(
    'are raised when %s itself fails, or does not run',
    (name) => {
      const id = functionsByName(template).get(name)?.id
      const watching = alarms.filter((alarm) => JSON.stringify(alarm['Dimensions'] ?? '').includes(`"${id}"`))
      expect(watching).toMatchObject([
        { MetricName: 'Errors', Threshold: 1 },
        { MetricName: 'Invocations', Threshold: 1, ComparisonOperator: 'LessThanThreshold' },
      ])
    },
  )
})
