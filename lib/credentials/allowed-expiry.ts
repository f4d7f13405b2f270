import type { Caller } from '../contract/operation.ts'
import { invalidField } from '../effects/domain-error.ts'
import type { UserId } from '../secrets/key-id.ts'
import { latestExpiry } from './lifetime.ts'

export const futureExpiry = (expiresAt: string | null, now: number): string | null => {
  if (expiresAt === null) return null
  const milliseconds = Date.parse(expiresAt)
  if (milliseconds <= now) throw invalidField('expiresAt', 'must be in the future')
  // With an offset, an instant of the year 9999 can fall into the year 10000 in UTC, which would break string comparisons.
  if (milliseconds > latestExpiry) throw invalidField('expiresAt', 'must be before the year 10000 in UTC')
  return new Date(milliseconds).toISOString()
}

/**
 * A caller with an expiring credential cannot make one for its own user that expires later: a leaked credential could otherwise be
 * extended. By default the new one expires with it.
 */
export const allowedExpiry = (
  caller: Caller,
  userId: UserId,
  given: string | null | undefined,
  now: number,
): string | null => {
  const bound = ownExpiry(caller, userId)
  if (given === undefined) return bound
  const expiresAt = futureExpiry(given, now)
  requireNoLonger(caller, userId, expiresAt, bound)
  return expiresAt
}

/** The expiry of the caller's credential if it acts on its own user; null = it never expires, or the caller acts on another user. */
export const ownExpiry = ({ subject, snapshot }: Caller, userId: UserId): string | null =>
  userId === subject.userId ? (snapshot.credential?.expiresAt ?? null) : null

export const requireNoLonger = (
  caller: Caller,
  userId: UserId,
  expiresAt: string | null,
  bound: string | null,
): void => {
  if (ownExpiry(caller, userId) === null || bound === null) return
  const isLonger = expiresAt === null || Date.parse(expiresAt) > Date.parse(bound)
  if (isLonger)
    throw invalidField('expiresAt', `must not be after ${bound}, when the credential of this request expires`)
}
