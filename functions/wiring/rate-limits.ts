import { faultText } from '../../lib/effects/fault-text.ts'
import { leaseTokens } from '../../lib/limits/rate-counter-store.ts'
import type { PrepareRateLimit } from '../../lib/limits/rate-limiter.ts'
import { makeRateLimiter } from '../../lib/limits/rate-limiter.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { log } from './log.ts'

/**
 * Whoever cannot count within this counts for itself until the minute ends (docs/decisions/0006). The authorizer has 5 s in all, of
 * which reading the caller takes at most 2; a user with a limit of its own waits for two counters, one after the other.
 */
const patienceMilliseconds = 1200

/** One for each container: its leases serve all requests that come to it. */
export const openRateLimits = (table: Table): PrepareRateLimit =>
  makeRateLimiter({
    leaseTokens: (counter, tokens) => leaseTokens(table, counter, tokens, patienceMilliseconds),
    now: Date.now,
    onFault: (fault) =>
      log({
        event: 'rate_limit_not_counted',
        error: faultText(fault),
      }),
  })
