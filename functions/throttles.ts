import type { Table } from '../lib/table/document-client.ts'
import type { ThrottleRule } from '../lib/throttle/throttle-rule.ts'
import { countAttempt, returnAttempt } from '../lib/throttle/throttle-store.ts'

export const openThrottles = (table: Table) => ({
  countAttempt: (rule: ThrottleRule, subject: string) => countAttempt(table, rule, subject, Date.now()),
  returnAttempt: (rule: ThrottleRule, subject: string) => returnAttempt(table, rule, subject, Date.now()),
})
