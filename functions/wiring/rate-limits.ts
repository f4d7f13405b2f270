import type { Behind } from '../../lib/effects/behind.ts'
import { leaseEarly, leaseTokens, readCounters } from '../../lib/limits/rate-counter-store.ts'
import type { PrepareRateLimit } from '../../lib/limits/rate-limiter.ts'
import { makeRateLimiter } from '../../lib/limits/rate-limiter.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { logFault } from './log.ts'

/**
 * After this time a container counts on its own until the minute ends (docs/decisions/0006). The authorizer has a timeout of 5 s; the
 * read of the caller takes at most 2 s, and a user with a limit of its own waits for two counters in sequence.
 */
const timeoutMilliseconds = 1200

/** One per container; all its requests share the leases. */
export const openRateLimits = (table: Table, behind: Behind): PrepareRateLimit =>
  makeRateLimiter({
    leaseTokens: (...lease) => leaseTokens(table, ...lease, timeoutMilliseconds),
    leaseEarly: (...lease) => leaseEarly(table, ...lease, timeoutMilliseconds),
    readCounters: (counters) => readCounters(table, counters, timeoutMilliseconds),
    behind,
    now: Date.now,
    random: Math.random,
    onFault: logFault('rate_limit_not_counted'),
  })
