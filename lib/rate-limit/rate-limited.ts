import { DomainError } from '../domain-error.ts'
import type { RateLimitStatus } from './rate-limit-status.ts'
import { secondsToReset } from './rate-limit-status.ts'

/**
 * The refusal of a request above the limit.
 *
 * @param now milliseconds since 1970
 */
export const rateLimited = (status: RateLimitStatus | undefined, now: number): DomainError =>
  new DomainError(
    'too_many_requests',
    status === undefined ? {} : { rateLimit: status, retryAfterSeconds: secondsToReset(status, now) },
  )
