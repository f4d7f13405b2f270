import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Write } from '../table/transaction.ts'
import type { CountedAttempt, ThrottleRule } from './throttle-rule.ts'
import { throttleSubject, windowAt } from './throttle-rule.ts'

/** Uses an attempt as `spendOnce` does, in a transaction, which fails if none is left. */
export const spendWrite = (label: string, attempt: CountedAttempt<ThrottleRule>, id: string): Write => ({
  label,
  ...spending(attempt, id),
})

/** The update that uses an attempt, under the condition that one is left or that `id` has used one. */
export const spending = ({ rule, subject, at }: CountedAttempt<ThrottleRule>, id: string) => {
  const window = windowAt(rule, at)
  const isFirst = 'attribute_not_exists(spentBy)'
  const isCounted = 'contains(spentBy, :id)'
  const isOneLeft = 'size(spentBy) < :most'
  return {
    update: keys.throttle(throttleSubject(rule, subject), window.startSeconds),
    set: 'ADD spentBy :ids SET kind = :kind, expiresAtSeconds = :expiry',
    condition: `${isFirst} OR ${isCounted} OR ${isOneLeft}`,
    values: {
      ':id': id,
      ':ids': new Set([id]),
      ':most': rule.attempts,
      ':kind': itemKinds.throttle,
      ':expiry': window.endSeconds,
    },
  }
}
