import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { localReferences } from '../../../infra/local/references.ts'
import { rateMilliseconds, startSchedules } from '../../../infra/local/schedules.ts'
import { schedulesOf } from '../../../infra/local/system.ts'
import { parseTemplate } from '../../../infra/local/template.ts'

const template = parseTemplate(
  JSON.stringify({
    Resources: {
      Worker: { Type: 'AWS::Lambda::Function' },
      Starter: { Type: 'AWS::IAM::Role' },
      Hourly: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          ScheduleExpression: 'rate(1 hour)',
          Target: {
            Arn: { 'Fn::GetAtt': ['Worker', 'Arn'] },
            RoleArn: { 'Fn::GetAtt': ['Starter', 'Arn'] },
            Input: '{"providers":["AWS"]}',
          },
        },
      },
    },
  }),
)
const definitions = schedulesOf(template, localReferences(template, { apiOrigin: '', keyIds: new Map() }))

describe('the schedules of a template', () => {
  it('are read with their function, their rate and their event', () => {
    expect(definitions).toEqual([
      {
        logicalId: 'Hourly',
        functionId: 'Worker',
        expression: 'rate(1 hour)',
        event: { providers: ['AWS'] },
      },
    ])
  })

  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(6 hours)', 21_600_000],
    ['rate(2 days)', 172_800_000],
  ])('know %s', (expression, milliseconds) => {
    expect(rateMilliseconds(expression)).toBe(milliseconds)
  })

  it.each(['cron(0 0 * * ? *)', 'rate(0 hours)', 'rate(1 week)'])('do not guess at %s', (expression) => {
    expect(() => rateMilliseconds(expression)).toThrow(expression)
  })
})

describe('a schedule', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('calls at once, then at its rate, and no more when it is stopped', () => {
    const called: string[] = []
    const schedules = startSchedules(definitions, async ({ functionId }) => void called.push(functionId))
    expect(called).toHaveLength(1)
    vi.advanceTimersByTime(3_599_999)
    expect(called).toHaveLength(1)
    vi.advanceTimersByTime(3_600_001)
    expect(called).toHaveLength(3)
    schedules.stop()
    vi.advanceTimersByTime(36_000_000)
    expect(called).toHaveLength(3)
  })
})
