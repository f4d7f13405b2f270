import { setTimeout as wait } from 'node:timers/promises'

/**
 * Waits for something that is good to have and no longer than it is worth.
 *
 * @param work must not reject: after the time nobody listens to it.
 */
export const within = async (milliseconds: number, work: Promise<void>): Promise<void> => {
  const patience = new AbortController()
  const timer = wait(milliseconds, undefined, { signal: patience.signal }).catch(() => undefined)
  await Promise.race([work, timer])
  patience.abort()
}
