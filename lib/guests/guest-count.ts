import * as z from '../effects/shape.ts'
import type { UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'

/**
 * Per user. A transaction that renames or deletes a user writes each of its memberships, and DynamoDB's limit is 100 writes; a deletion
 * also has 50 credentials and 13 others.
 */
export const maximumGuestMemberships = 15

export const guestCountLabel = 'guest count'

/** For the transaction that creates or deletes a guest's membership. */
export const guestCountWrite = (userId: UserId, change: 1 | -1) =>
  ({
    label: guestCountLabel,
    update: keys.user(userId),
    set: 'ADD guestCount :change',
    values: { ':change': change },
  }) satisfies Write

const Counted = z.object({ guestCount: z.int() })

/** Whether the limit failed the transaction. @param found the user item at that moment */
export const isFull = (found: unknown): boolean => {
  const counted = Counted.safeParse(found)
  return counted.success && counted.data.guestCount >= maximumGuestMemberships
}

/** Condition for a transaction that must reach all memberships of a user: their number is unchanged. */
export const sameGuests = 'guestCount = :guests'
