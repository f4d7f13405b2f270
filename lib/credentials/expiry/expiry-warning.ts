/** The farthest ahead that anybody is warned or asks. */
export const maximumExpiryWarningDays = 60

const dayMilliseconds = 86_400_000

/** Who makes a credential for less has its end in mind, and would be warned almost at once. */
const shortestWarnedLifeDays = 2

/** ISO 8601, both. */
export type Life = { readonly createdAt: string; readonly expiresAt: string }

/**
 * When to warn of an expiry: so many days before it, but never in the first half of the life, so that no warning comes with the
 * credential. Milliseconds since 1970; null = never.
 *
 * @param warningDays 0 = no warnings.
 */
export const warningTime = ({ createdAt, expiresAt }: Life, warningDays: number): number | null => {
  const end = Date.parse(expiresAt)
  const lifetime = end - Date.parse(createdAt)
  const isWarned = warningDays > 0 && lifetime >= shortestWarnedLifeDays * dayMilliseconds
  return isWarned ? end - Math.min(warningDays * dayMilliseconds, lifetime / 2) : null
}

/** Has its time come, and is there still something to warn of? */
export const isWarningDue = (life: Life, warningDays: number, now: number): boolean => {
  const at = warningTime(life, warningDays)
  return at !== null && at <= now && now < Date.parse(life.expiresAt)
}

/** The UTC day of an instant: `2026-11-21`. */
export const dayOf = (milliseconds: number): string => {
  const text = new Date(milliseconds).toISOString()
  return text.slice(0, text.indexOf('T'))
}

/** The UTC days that hold every instant from now to so many days later. */
export const daysAhead = (now: number, days: number): string[] =>
  Array.from({ length: days + 1 }, (_, index) => dayOf(now + index * dayMilliseconds))
