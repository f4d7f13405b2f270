import * as z from 'zod/mini'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'

/**
 * Of one user. The transactions that rename or delete it reach each of its places, and DynamoDB takes 100 writes in one: a deletion has
 * 50 credentials and 8 others beside them.
 */
export const maximumGuestPlaces = 15

export const guestCountLabel = 'guest count'

/** In the same transaction as the place that comes or goes. */
export const guestCountWrite = (userId: string, change: 1 | -1) =>
  ({
    label: guestCountLabel,
    update: keys.user(userId),
    set: 'ADD guestCount :change',
    values: { ':change': change },
  }) satisfies Write

const Counted = z.object({ guestCount: z.int() })

/** Is that why the user that stood there could not become a guest once more? */
export const isFull = (found: unknown): boolean => {
  const counted = Counted.safeParse(found)
  return counted.success && counted.data.guestCount >= maximumGuestPlaces
}

/** For a transaction that must reach all places of a user: none has come or gone since they were counted. */
export const sameGuests = 'guestCount = :guests'
