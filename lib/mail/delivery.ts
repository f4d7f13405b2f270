import * as z from '../effects/shape.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { Key } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'

/**
 * The state of the mail to one user, stored in the row that requests it. The stream can deliver the row twice, concurrently, or again
 * after a failure: only the holder of the lease sends, and a sent mail is not sent again.
 */
const Delivery = z.object({
  state: z.enum(['sending', 'sent']),
  /** Milliseconds since 1970. 0 = released. */
  leaseUntil: z.int(),
})

/** By user id. */
export const Deliveries = z.record(Delivery)
export type Deliveries = z.infer<typeof Deliveries>

/** Longer than one attempt to send (`ses-mailer.ts`), shorter than the mailer's timeout. */
export const leaseMilliseconds = 12_000

export const deliveryLabel = 'delivery'

const rowExists = 'attribute_exists(pk)'
const notBegun = 'attribute_not_exists(deliveries.#user)'
const notSent = 'deliveries.#user.#state <> :sent'
const leaseOver = 'deliveries.#user.leaseUntil <= :now'

/** Takes the lease. The condition fails if another delivery holds it, the mail was sent, or the row was removed. */
export const leaseWrite = (row: Key, userId: UserId, now: number): Write => ({
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

export const sentWrite = (row: Key, userId: UserId): Write => ({
  label: deliveryLabel,
  update: row,
  set: 'SET deliveries.#user = :delivery',
  condition: rowExists,
  names: { '#user': userId },
  values: { ':delivery': { state: 'sent', leaseUntil: 0 } },
})

/** Releases the lease that was taken at `leasedAt`, after a failure to send, so that the next delivery need not wait. */
export const returnLeaseWrite = (row: Key, userId: UserId, leasedAt: number): Write => ({
  label: deliveryLabel,
  update: row,
  set: 'SET deliveries.#user.leaseUntil = :never',
  condition: `${rowExists} AND deliveries.#user.leaseUntil = :mine`,
  names: { '#user': userId },
  values: { ':never': 0, ':mine': leasedAt + leaseMilliseconds },
})
