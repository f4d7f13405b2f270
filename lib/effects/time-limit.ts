/** Resolves after so long, or when it is stopped. */
export type Wait = (milliseconds: number, stop?: AbortSignal) => Promise<void>

/**
 * Waits for something that is good to have, and no longer than it is worth.
 *
 * @param work must not reject: after the time nobody listens to it.
 */
export const within = async (wait: Wait, milliseconds: number, work: Promise<void>): Promise<void> => {
  const patience = new AbortController()
  await Promise.race([work, wait(milliseconds, patience.signal)])
  patience.abort()
}
