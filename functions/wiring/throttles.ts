import type { Table } from '../../lib/table/document-client.ts'
import {
  failAttempt,
  forgetFailures,
  reserveAttempt,
  returnAttempt,
  succeedAttempt,
} from '../../lib/throttle/reservation-store.ts'
import type {
  CountedAttempt,
  InARow,
  ReservedAttempt,
  ThrottleRule,
} from '../../lib/throttle/throttle-rule.ts'
import { countAttempt, uncountAttempt } from '../../lib/throttle/throttle-store.ts'

export const openThrottles = (table: Table) => ({
  countAttempt: (rule: ThrottleRule, subject: string) => countAttempt(table, rule, subject, Date.now()),
  uncountAttempt: (attempt: CountedAttempt) => uncountAttempt(table, attempt),
  reserveAttempt: (attempt: ReservedAttempt) => reserveAttempt(table, attempt),
  returnAttempt: (attempt: ReservedAttempt) => returnAttempt(table, attempt),
  failAttempt: (attempt: ReservedAttempt) => failAttempt(table, attempt),
  succeedAttempt: (attempt: ReservedAttempt) => succeedAttempt(table, attempt),
  forgetFailures: (counter: InARow) => forgetFailures(table, counter),
})
