import type { CountedAttempt, InARowRule, ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { countAttempt, resetAttempts, uncountAttempt } from '../../lib/limits/throttle-store.ts'
import type { Table } from '../../lib/table/document-client.ts'

export const openThrottles = (table: Table) => ({
  countAttempt: (rule: ThrottleRule | InARowRule, subject: string) =>
    countAttempt(table, rule, subject, Date.now()),
  uncountAttempt: (attempt: CountedAttempt) => uncountAttempt(table, attempt),
  resetAttempts: (rule: InARowRule, subject: string) => resetAttempts(table, rule, subject),
})
