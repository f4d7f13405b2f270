import type { StoredCredential } from '../identity/stored-credential.ts'

type Life = Pick<StoredCredential, 'createdAt' | 'expiresAt' | 'givenExpiresAt'>

/** The last instant that ISO 8601 writes with a year of four digits, as the contract takes it. */
export const latestExpiry = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * When a credential was to end as it was made; null = never. A rotation ends it sooner and says so in `expiresAt` alone.
 */
export const givenExpiry = ({ givenExpiresAt }: Life): string | null => givenExpiresAt

/**
 * As long a life as the old one had been given, from now on. Never from the end that an earlier rotation set: that is the end of an
 * overlap, and a successor would live a day where its line lived a year.
 *
 * @param now milliseconds since 1970.
 */
export const inheritedExpiry = (old: Life, now: number): string | null => {
  const given = givenExpiry(old)
  if (given === null) return null
  const lifetimeMilliseconds = Date.parse(given) - Date.parse(old.createdAt)
  return new Date(Math.min(now + lifetimeMilliseconds, latestExpiry)).toISOString()
}
