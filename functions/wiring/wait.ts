import { setTimeout as timer } from 'node:timers/promises'
import type { Wait } from '../../lib/effects/time-limit.ts'

export const wait: Wait = async (milliseconds, stop) => {
  try {
    await timer(milliseconds, undefined, stop === undefined ? {} : { signal: stop })
  } catch {
    // Aborted: the result is there.
  }
}
