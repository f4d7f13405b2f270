import { DomainError } from '../effects/domain-error.ts'
import { formatAddress, parseAddress } from '../whitelist/address.ts'
import type { ThrottleRule } from './throttle-rule.ts'
import { retryAfterSeconds, sourceOf } from './throttle-rule.ts'

export type SourceAttemptDependencies = {
  readonly countAttempt: (rule: ThrottleRule, subject: string) => Promise<number>
  readonly now: () => number
}

/**
 * Counts an attempt against the address it came from.
 *
 * @throws DomainError too_many_requests
 */
export const spendSourceAttempt = async (
  { countAttempt, now }: SourceAttemptDependencies,
  rule: ThrottleRule,
  address: string,
): Promise<void> => {
  const parsed = parseAddress(address)
  const source = parsed === undefined ? address : sourceOf(formatAddress(parsed))
  const attempts = await countAttempt(rule, source)
  if (attempts > rule.attempts) {
    throw new DomainError('too_many_requests', { retryAfterSeconds: retryAfterSeconds(rule, now()) })
  }
}
