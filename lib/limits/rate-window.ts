/** Windows are minutes of the clock, so that all containers agree on them without coordination. */
const rateWindowSeconds = 60

export type RateWindow = {
  /** Seconds since 1970. */
  readonly startSeconds: number
  /** Exclusive. */
  readonly endSeconds: number
}

/** @param now milliseconds since 1970 */
export const rateWindowAt = (now: number): RateWindow => {
  const seconds = Math.floor(now / 1000)
  const startSeconds = seconds - (seconds % rateWindowSeconds)
  return { startSeconds, endSeconds: startSeconds + rateWindowSeconds }
}
