import type { CountedAttempt, ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { countAttempt, uncountAttempt } from '../../lib/limits/throttle-store.ts'
import type { Table } from '../../lib/table/document-client.ts'

export const openThrottles = (table: Table) => ({
  countAttempt: (rule: ThrottleRule, subject: string) => countAttempt(table, rule, subject, Date.now()),
  uncountAttempt: (attempt: CountedAttempt) => uncountAttempt(table, attempt),
})
