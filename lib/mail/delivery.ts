import * as z from 'zod/mini'
import type { Key } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'

/**
 * How far the mail to one user has come, kept in the row that asked for it. The stream may bring that row twice, at the same time
 * even, or again after a failure half-way: whoever holds the lease sends, and nobody sends what was sent.
 */
const Delivery = z.object({
  state: z.enum(['sending', 'sent']),
  /** Milliseconds since 1970. 0 = given back. */
  leaseUntil: z.int(),
})

/** By user id. */
export const Deliveries = z.record(z.string(), Delivery)
export type Deliveries = z.infer<typeof Deliveries>

/** Longer than one attempt to send may take (`ses-mailer.ts`), shorter than the mailer's own time. */
export const leaseMilliseconds = 12_000

export const deliveryLabel = 'delivery'

const rowExists = 'attribute_exists(pk)'
const notBegun = 'attribute_not_exists(deliveries.#user)'
const notSent = 'deliveries.#user.#state <> :sent'
const leaseOver = 'deliveries.#user.leaseUntil <= :now'

/** Takes the lease, unless somebody holds it or the mail went out, or the row is gone because all is done. */
export const leaseWrite = (row: Key, userId: string, now: number): Write => ({
  label: deliveryLabel,
  update: row,
  set: 'SET deliveries.#user = :delivery',
  condition: `${rowExists} AND (${notBegun} OR (${notSent} AND ${leaseOver}))`,
  names: { '#user': userId, '#state': 'state' },
  values: {
    ':delivery': { state: 'sending', leaseUntil: now + leaseMilliseconds },
    ':sent': 'sent',
    ':now': now,
  },
})

export const sentWrite = (row: Key, userId: string): Write => ({
  label: deliveryLabel,
  update: row,
  set: 'SET deliveries.#user = :delivery',
  condition: rowExists,
  names: { '#user': userId },
  values: { ':delivery': { state: 'sent', leaseUntil: 0 } },
})

/** After a failure to send, so that the next delivery need not wait; only the lease that was taken at `leasedAt`. */
export const returnLeaseWrite = (row: Key, userId: string, leasedAt: number): Write => ({
  label: deliveryLabel,
  update: row,
  set: 'SET deliveries.#user.leaseUntil = :never',
  condition: `${rowExists} AND deliveries.#user.leaseUntil = :mine`,
  names: { '#user': userId },
  values: { ':never': 0, ':mine': leasedAt + leaseMilliseconds },
})
