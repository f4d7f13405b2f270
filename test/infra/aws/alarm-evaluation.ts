import * as z from 'zod'
import type { functionSpecs } from '../../../infra/aws/functions.ts'
import { functionsByName, referredId, resourcesOf, synthesise } from './synthesised-template.ts'

/** One invocation as CloudWatch sees it. */
export type Run = {
  readonly name: keyof typeof functionSpecs
  /** A throw, a crash, a module that does not load: what Lambda counts in `Errors`. */
  readonly failed: boolean
  readonly status: number
  readonly lines: readonly Readonly<Record<string, unknown>>[]
}
export type Happened = { readonly runs: readonly Run[]; readonly throttled?: string; readonly queue?: string }

export const template = synthesise({})
const functions = functionsByName(template)
/** By their ids, without the hash. */
export const alarms = new Map(
  resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([id, { Properties }]) => [
    id.replace(/[0-9A-F]{8}$/, ''),
    Properties,
  ]),
)

const Metric = z.object({
  Namespace: z.unknown(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]),
})
const Alarm = z.object({
  Threshold: z.number(),
  ComparisonOperator: z.string(),
  TreatMissingData: z.string(),
  Metrics: z
    .array(
      z.object({
        Id: z.string(),
        Expression: z.string().optional(),
        MetricStat: z.object({ Metric }).optional(),
      }),
    )
    .optional(),
})

const isOf = ({ Dimensions }: z.output<typeof Metric>, name: string): boolean =>
  Dimensions.some(({ Value }) => referredId(Value) === functions.get(name)?.id)

const sum = (numbers: readonly number[]): number | undefined =>
  numbers.length === 0 ? undefined : numbers.reduce((total, each) => total + each, 0)

/** What the metric counts of what happened; undefined = no data. */
const counted = (
  metric: z.output<typeof Metric>,
  { runs, throttled, queue }: Happened,
): number | undefined => {
  const own = runs.filter(({ name }) => isOf(metric, name))
  switch (metric.MetricName) {
    case 'Errors':
      return sum(own.map(({ failed }) => Number(failed)))
    case 'Invocations':
      return sum(own.map(() => 1))
    case 'Throttles':
      return throttled !== undefined && isOf(metric, throttled) ? 1 : 0
    case '5xx':
      return sum(runs.map(({ status }) => Number(status >= 500)))
    case 'ApproximateNumberOfMessagesVisible':
      return metric.Dimensions.some(({ Value }) => JSON.stringify(Value).includes(`"${queue}"`)) ? 1 : 0
  }
  const embedded = own
    .flatMap(({ lines }) => lines)
    .filter((line) => metric.MetricName in line && '_aws' in line)
  // A metric of a log filter has no dimensions.
  if (metric.Dimensions.length > 0)
    return sum(embedded.map((line) => Number([line[metric.MetricName]].flat()[0])))
  const filters = resourcesOf(template, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties)
  return sum(
    filters
      .filter(({ MetricTransformations }) =>
        JSON.stringify(MetricTransformations).includes(`"${metric.MetricName}"`),
      )
      .flatMap(({ FilterPattern, LogGroupName }) => {
        const event = /^\{ \$\.event = "(\w+)" \}$/.exec(String(FilterPattern))?.[1]
        const watched = runs.filter(({ name }) => {
          const { LogGroup } = z
            .object({ LogGroup: z.unknown() })
            .parse(functions.get(name)?.resource.Properties['LoggingConfig'])
          return referredId(LogGroup) === referredId(LogGroupName)
        })
        return watched.flatMap(({ lines }) => lines.filter((line) => line['event'] === event)).map(() => 1)
      }),
  )
}

/** Whether what happened raises an alarm of the template, by CloudWatch's rules for one period. */
export const isRaised = (id: string, happened: Happened): boolean => {
  const properties = alarms.get(id)
  const alarm = Alarm.parse(properties)
  const value = ((): number | undefined => {
    if (alarm.Metrics === undefined) return counted(Metric.parse(properties), happened)
    const [formula] = alarm.Metrics.flatMap(({ Expression }) => Expression ?? [])
    const series = alarm.Metrics.flatMap(({ Id, MetricStat }) =>
      MetricStat === undefined ? [] : [[Id, counted(MetricStat.Metric, happened)] as const],
    )
    const calculate = new Function('FILL', 'IF', ...series.map(([name]) => name), `return ${formula}`)
    return calculate(
      (given: number | undefined, instead: number) => given ?? instead,
      (condition: boolean, one: number, other: number) => (condition ? one : other),
      ...series.map(([, given]) => given),
    )
  })()
  if (value === undefined) return alarm.TreatMissingData === 'breaching'
  return alarm.ComparisonOperator === 'LessThanThreshold' ? value < alarm.Threshold : value >= alarm.Threshold
}
