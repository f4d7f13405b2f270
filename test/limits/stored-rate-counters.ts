import { leaseEarly, leaseTokens, readCounters } from '../../lib/limits/rate-counter-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import type { RateCounters } from './rate-counters.ts'

/** Longer than any load on the machine lasts. */
const patienceMilliseconds = 60_000

export const countersOn = (table: Table): RateCounters => ({
  leaseTokens: (...lease) => leaseTokens(table, ...lease, patienceMilliseconds),
  leaseEarly: (...lease) => leaseEarly(table, ...lease, patienceMilliseconds),
  readCounters: (counters) => readCounters(table, counters, patienceMilliseconds),
})
