import { DomainError } from '../effects/domain-error.ts'
import { sourceOf } from './source.ts'
import type { ThrottleRule } from './throttle-rule.ts'
import { retryAfterSeconds } from './throttle-rule.ts'

export type SourceAttemptDependencies = {
  readonly countAttempt: (rule: ThrottleRule, subject: string) => Promise<number>
  readonly now: () => number
}

/**
 * Counts an attempt against its source address.
 *
 * @throws DomainError too_many_requests
 */
export const spendSourceAttempt = async (
  { countAttempt, now }: SourceAttemptDependencies,
  rule: ThrottleRule,
  address: string,
): Promise<void> => {
  const attempts = await countAttempt(rule, sourceOf(address))
  if (attempts > rule.attempts) {
    throw new DomainError('too_many_requests', { retryAfterSeconds: retryAfterSeconds(rule, now()) })
  }
}
