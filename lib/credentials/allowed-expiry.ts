import type { Caller } from '../contract/operation.ts'
import { invalidField } from '../effects/domain-error.ts'
import { latestExpiry } from './lifetime.ts'

export const futureExpiry = (expiresAt: string | null, now: number): string | null => {
  if (expiresAt === null) return null
  const milliseconds = Date.parse(expiresAt)
  if (milliseconds <= now) throw invalidField('expiresAt', 'must be in the future')
  // With its offset a time of the year 9999 can be one of the year 10000, which no later comparison of texts would survive.
  if (milliseconds > latestExpiry) throw invalidField('expiresAt', 'must be before the year 10000 in UTC')
  return new Date(milliseconds).toISOString()
}

/**
 * A credential that ends makes none for its own user that ends later: whoever found it could live on with the other. Without a wish
 * the new one ends with it.
 */
export const allowedExpiry = (
  caller: Caller,
  userId: string,
  given: string | null | undefined,
  now: number,
): string | null => {
  const bound = ownExpiry(caller, userId)
  if (given === undefined) return bound
  const expiresAt = futureExpiry(given, now)
  requireNoLonger(caller, userId, expiresAt, bound)
  return expiresAt
}

/** When the credential ends by which a caller acts on itself; null for never, and for callers who act on others. */
export const ownExpiry = ({ subject, snapshot }: Caller, userId: string): string | null =>
  userId === subject.userId ? (snapshot.credential?.expiresAt ?? null) : null

export const requireNoLonger = (
  caller: Caller,
  userId: string,
  expiresAt: string | null,
  bound: string | null,
): void => {
  if (ownExpiry(caller, userId) === null || bound === null) return
  const isLonger = expiresAt === null || Date.parse(expiresAt) > Date.parse(bound)
  if (isLonger)
    throw invalidField('expiresAt', `must not be after ${bound}: the credential that asks for it ends itself`)
}
