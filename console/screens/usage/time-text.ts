import { serverNow } from '../../client/server-time.ts'
import { texts } from '../../texts/en.ts'
import type { Unit } from './span.ts'
import { length } from './span.ts'

const hours = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' })

/** An hour in the reader's time zone, a day in UTC. The one that is not over says so. */
export const timeText = (start: number, unit: Unit): string => {
  const text = unit === 'hour' ? hours.format(start) : `${days.format(start)} (UTC)`
  return start + length[unit] > serverNow() ? texts.usage.soFar(text) : text
}

/** A point in time, in the reader's time zone. */
export const instantText = (at: number): string => hours.format(at)
