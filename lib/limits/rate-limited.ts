import { DomainError } from '../effects/domain-error.ts'
import type { RateLimitStatus } from './rate-limit-status.ts'
import { secondsToReset } from './rate-limit-status.ts'

/** The refusal of a request above a limit, with the limit that refused it. */
export class RateLimited extends DomainError {
  readonly rateLimit: RateLimitStatus | undefined

  /** @param now milliseconds since 1970. */
  constructor(rateLimit: RateLimitStatus | undefined, now: number) {
    const wait = rateLimit === undefined ? {} : { retryAfterSeconds: secondsToReset(rateLimit, now) }
    super('too_many_requests', wait)
    this.rateLimit = rateLimit
  }
}
