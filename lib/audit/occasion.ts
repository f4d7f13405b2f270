import { defaultAuditRetentionDays } from '../identity/stored-organization.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import { randomId } from '../secrets/secret-text.ts'
import type { Occasion } from './audit-row.ts'

export type Chances = { readonly now: () => number; readonly randomBytes: RandomBytes }

/** What decides how long a row is kept: the organization whose audit it is in. */
export type Retention = { readonly auditRetentionDays: number }

/** An administrator sets the retention, and the audit watches administrators too: their rows must last long enough to be read. */
export const minimumAuditRetentionDays = 30

const secondsPerDay = 86_400

/** @param at milliseconds since 1970. @returns seconds since 1970. */
export const auditExpiry = (at: number, retention: Retention | null): number =>
  Math.floor(at / 1000) + (retention?.auditRetentionDays ?? defaultAuditRetentionDays) * secondsPerDay

/** The same for a row in another organization's audit: how long that one keeps its rows is not for the caller's to say. */
export const occasionElsewhere = (occasion: Occasion): Occasion => ({
  ...occasion,
  auditExpiresAtSeconds: auditExpiry(Date.parse(occasion.at), null),
})

/** @param retention the organization's settings; null where it does not exist yet. */
export const occasionOf = ({ now, randomBytes }: Chances, retention: Retention | null = null): Occasion => {
  const milliseconds = now()
  return {
    at: new Date(milliseconds).toISOString(),
    auditId: randomId(16, randomBytes),
    auditExpiresAtSeconds: auditExpiry(milliseconds, retention),
  }
}
