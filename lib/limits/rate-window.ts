/** Limits are per minute, and minutes are those of the clock: so every container agrees on a window without asking. */
const rateWindowSeconds = 60

export type RateWindow = {
  /** Seconds since 1970. */
  readonly startSeconds: number
  /** The first second that is not part of it. */
  readonly endSeconds: number
}

/** @param now milliseconds since 1970 */
export const rateWindowAt = (now: number): RateWindow => {
  const seconds = Math.floor(now / 1000)
  const startSeconds = seconds - (seconds % rateWindowSeconds)
  return { startSeconds, endSeconds: startSeconds + rateWindowSeconds }
}
