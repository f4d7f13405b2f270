import type { ScheduleDefinition } from './system.ts'

const unitMilliseconds: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

/** `rate(6 hours)`. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based */
export function rateMilliseconds(expression: string): number {
  const [, value, unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression) ?? []
  const unitLength = unitMilliseconds[unit]
  if (unitLength === undefined) throw new Error(`The laptop knows no schedule "${expression}"`)
  return Number(value) * unitLength
}

export type Schedules = { readonly stop: () => void }

/** Calls each target at once and then at its rate, as EventBridge Scheduler does without a start date. */
export function startSchedules(
  definitions: readonly ScheduleDefinition[],
  call: (definition: ScheduleDefinition) => Promise<unknown>,
): Schedules {
  const timers = definitions.map((definition) => {
    void call(definition)
    return setInterval(() => void call(definition), rateMilliseconds(definition.expression))
  })
  return {
    stop: () => {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
