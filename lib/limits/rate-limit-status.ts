import { DomainError } from '../effects/domain-error.ts'

/** The caller's state at the limit that it reaches first: that of its organization or its own. */
export type RateLimitStatus = {
  readonly limitPerMinute: number
  /** As far as the answering container knows. */
  readonly remaining: number
  /** When the next window begins, in seconds since 1970. */
  readonly resetSeconds: number
}

/** Header names of the ThousandEyes API, for clients that migrate from there. */
export const rateLimitHeaders = (status: RateLimitStatus | undefined): Readonly<Record<string, string>> =>
  status === undefined
    ? {}
    : {
        'X-Organization-Rate-Limit-Limit': String(status.limitPerMinute),
        'X-Organization-Rate-Limit-Remaining': String(status.remaining),
        'X-Organization-Rate-Limit-Reset': String(status.resetSeconds),
      }

/** For the context of an authorizer response, whose values must be strings. */
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

/** Refuses a request above a limit; `rateLimit` is that limit. */
export class RateLimited extends DomainError {
  readonly rateLimit: RateLimitStatus | undefined

  /** @param now milliseconds since 1970. */
  constructor(rateLimit: RateLimitStatus | undefined, now: number) {
    const wait = rateLimit === undefined ? {} : { retryAfterSeconds: secondsToReset(rateLimit, now) }
    super('too_many_requests', wait)
    this.rateLimit = rateLimit
  }
}
