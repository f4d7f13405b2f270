import {
  failAttempt,
  forgetFailures,
  reserveAttempt,
  returnAttempt,
  succeedAttempt,
} from '../../lib/limits/reservation-store.ts'
import type { CountedAttempt, InARow, ReservedAttempt, ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { countAttempt, uncountAttempt } from '../../lib/limits/throttle-store.ts'
import type { Table } from '../../lib/table/document-client.ts'

export const openThrottles = (table: Table) => ({
  countAttempt: (rule: ThrottleRule, subject: string) => countAttempt(table, rule, subject, Date.now()),
  uncountAttempt: (attempt: CountedAttempt) => uncountAttempt(table, attempt),
  reserveAttempt: (attempt: ReservedAttempt) => reserveAttempt(table, attempt),
  returnAttempt: (attempt: ReservedAttempt) => returnAttempt(table, attempt),
  failAttempt: (attempt: ReservedAttempt) => failAttempt(table, attempt),
  succeedAttempt: (attempt: ReservedAttempt) => succeedAttempt(table, attempt),
  forgetFailures: (counter: InARow) => forgetFailures(table, counter),
})
