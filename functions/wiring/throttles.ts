import type { Table } from '../../lib/table/document-client.ts'
import type { ReservedAttempt, ThrottleRule } from '../../lib/throttle/throttle-rule.ts'
import {
  countAttempt,
  failAttempt,
  reserveAttempt,
  returnAttempt,
} from '../../lib/throttle/throttle-store.ts'

export const openThrottles = (table: Table) => ({
  countAttempt: (rule: ThrottleRule, subject: string) => countAttempt(table, rule, subject, Date.now()),
  reserveAttempt: (attempt: ReservedAttempt) => reserveAttempt(table, attempt),
  returnAttempt: (attempt: ReservedAttempt) => returnAttempt(table, attempt),
  failAttempt: (attempt: ReservedAttempt) => failAttempt(table, attempt),
})
