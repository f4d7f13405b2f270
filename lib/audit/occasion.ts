import { defaultAuditRetentionDays } from '../identity/stored-organization.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import { randomId } from '../secrets/secret-text.ts'
import type { Occasion } from './audit-row.ts'
import type { AuditPartitions } from './shards.ts'

export type Chances = { readonly now: () => number; readonly randomBytes: RandomBytes }

/** What the organization whose audit has the row says of it. */
export type Retention = { readonly auditRetentionDays: number } & Partial<AuditPartitions>

/** A minimum, because administrators set the retention, and their own actions must stay in the audit long enough to be reviewed. */
export const minimumAuditRetentionDays = 30

const secondsPerDay = 86_400

/** @param at milliseconds since 1970. @returns seconds since 1970. */
export const auditExpiry = (at: number, retention: Retention | null): number =>
  Math.floor(at / 1000) + (retention?.auditRetentionDays ?? defaultAuditRetentionDays) * secondsPerDay

/** For a row in another organization's audit: uses the default retention, because that organization's setting is not at hand. */
export const occasionElsewhere = (occasion: Occasion): Occasion => ({
  ...occasion,
  auditExpiresAtSeconds: auditExpiry(Date.parse(occasion.at), null),
})

/** @param retention null if the organization does not exist yet */
export const occasionOf = ({ now, randomBytes }: Chances, retention: Retention | null = null): Occasion => {
  const milliseconds = now()
  return {
    at: new Date(milliseconds).toISOString(),
    auditId: randomId(16, randomBytes),
    auditExpiresAtSeconds: auditExpiry(milliseconds, retention),
    ...shardBy(randomBytes, retention ?? {}),
  }
}

const shardBy = (
  randomBytes: RandomBytes,
  { organizationId, auditShards = 1 }: Partial<AuditPartitions>,
): Pick<Occasion, 'shard'> => {
  if (organizationId === undefined || auditShards === 1) return {}
  return { shard: { organizationId, index: (randomBytes(1)[0] ?? 0) % auditShards } }
}
