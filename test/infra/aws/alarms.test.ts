import { describe, expect, it } from 'vitest'
import { functionsByName, onlyResource, resourcesOf, synthesise } from './synthesised-template.ts'

const topic = 'arn:aws:sns:eu-west-1:111122223333:pager'
const template = synthesise({ alarmTopicArn: topic })
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)

describe('alarms', () => {
  it('reach the topic when there is one', () => {
    expect(alarms.length).toBeGreaterThan(0)
    for (const alarm of alarms)
      expect(alarm['AlarmActions'], String(alarm['AlarmDescription'])).toEqual([topic])
  })

  it('stay silent without requests', () => {
    for (const alarm of alarms) expect(alarm['TreatMissingData']).toBe('notBreaching')
  })

  it("count the authorizer's faults, not the refusals that a REST API hears as errors", () => {
    const id = functionsByName(template).get('authorizer')?.id
    const watching = alarms.filter((alarm) => JSON.stringify(alarm['Dimensions'] ?? '').includes(`"${id}"`))
    expect(watching).toEqual([])
    const filter = onlyResource(template, 'AWS::Logs::MetricFilter').Properties
    expect(filter['FilterPattern']).toBe(
      '{ ($.event = "authorizer_fault") || ($.record.status = "timeout") }',
    )
    expect(alarms.filter(({ MetricName }) => MetricName === 'AuthorizerFaults')).toHaveLength(1)
  })
})
