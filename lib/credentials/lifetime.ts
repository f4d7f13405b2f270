import type { StoredCredential } from '../identity/stored-credential.ts'

type Life = Pick<StoredCredential, 'createdAt' | 'expiresAt' | 'givenExpiresAt'>

/** The last instant with a four-digit year in ISO 8601. */
export const latestExpiry = Date.parse('9999-12-31T23:59:59.999Z')

/** The expiry that a credential was given; null = never. A rotation shortens `expiresAt` only. */
export const givenExpiry = ({ givenExpiresAt }: Life): string | null => givenExpiresAt

/**
 * The expiry of a successor with the same lifetime as the old credential was made with, from now on. The end of an overlap does not
 * count: it would shorten the successor's life to the overlap.
 *
 * @param now milliseconds since 1970.
 */
export const inheritedExpiry = (old: Life, now: number): string | null => {
  const given = givenExpiry(old)
  if (given === null) return null
  const lifetimeMilliseconds = Date.parse(given) - Date.parse(old.createdAt)
  return new Date(Math.min(now + lifetimeMilliseconds, latestExpiry)).toISOString()
}
