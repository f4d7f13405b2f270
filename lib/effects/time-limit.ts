/** Resolves after `milliseconds` or when `stop` is aborted. */
export type Wait = (milliseconds: number, stop?: AbortSignal) => Promise<void>

/**
 * Waits for `work`, but at most `milliseconds`. `work` continues after the time limit.
 *
 * @param work must not reject: a rejection after the time limit is unhandled.
 */
export const within = async (wait: Wait, milliseconds: number, work: Promise<void>): Promise<void> => {
  const timer = new AbortController()
  await Promise.race([work, wait(milliseconds, timer.signal)])
  timer.abort()
}
