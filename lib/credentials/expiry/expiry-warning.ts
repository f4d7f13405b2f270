/** The longest period for warnings and for listing expiring credentials. */
export const maximumExpiryWarningDays = 60

const dayMilliseconds = 86_400_000

/** Credentials with a shorter life get no warning: it would follow almost immediately. */
const shortestWarnedLifeDays = 2

/** ISO 8601, both. */
export type Life = { readonly createdAt: string; readonly expiresAt: string }

/**
 * When to warn of an expiry: `warningDays` before it, but never in the first half of the credential's life. Milliseconds since 1970; null
 * = never.
 *
 * @param warningDays 0 = no warnings.
 */
export const warningTime = ({ createdAt, expiresAt }: Life, warningDays: number): number | null => {
  const end = Date.parse(expiresAt)
  const lifetime = end - Date.parse(createdAt)
  const isWarned = warningDays > 0 && lifetime >= shortestWarnedLifeDays * dayMilliseconds
  return isWarned ? end - Math.min(warningDays * dayMilliseconds, lifetime / 2) : null
}

/** Whether the warning time has passed and the expiry has not. */
export const isWarningDue = (life: Life, warningDays: number, now: number): boolean => {
  const at = warningTime(life, warningDays)
  return at !== null && at <= now && now < Date.parse(life.expiresAt)
}

/** The UTC day of an instant: `2026-11-21`. */
export const dayOf = (milliseconds: number): string => {
  const text = new Date(milliseconds).toISOString()
  return text.slice(0, text.indexOf('T'))
}

/** The UTC days from now until `days` days later. */
export const daysAhead = (now: number, days: number): string[] =>
  Array.from({ length: days + 1 }, (_, index) => dayOf(now + index * dayMilliseconds))
