/** Where a caller stands with the limit that will stop it first: its organization's, or its own. */
export type RateLimitStatus = {
  readonly limitPerMinute: number
  /** As far as the container that answers knows. */
  readonly remaining: number
  /** When the next window begins, in seconds since 1970. */
  readonly resetSeconds: number
}

/** Spelt as ThousandEyes spells them, for those who move from there. */
export const rateLimitHeaders = (status: RateLimitStatus | undefined): Readonly<Record<string, string>> =>
  status === undefined
    ? {}
    : {
        'X-Organization-Rate-Limit-Limit': String(status.limitPerMinute),
        'X-Organization-Rate-Limit-Remaining': String(status.remaining),
        'X-Organization-Rate-Limit-Reset': String(status.resetSeconds),
      }

/** For the context of an authorizer's answer. API Gateway takes texts only. */
export const rateLimitContext = (status: RateLimitStatus | undefined): Readonly<Record<string, string>> =>
  status === undefined
    ? {}
    : {
        rateLimitLimit: String(status.limitPerMinute),
        rateLimitRemaining: String(status.remaining),
        rateLimitReset: String(status.resetSeconds),
      }

/** @param now milliseconds since 1970 */
export const secondsToReset = ({ resetSeconds }: RateLimitStatus, now: number): number =>
  Math.max(1, resetSeconds - Math.floor(now / 1000))
