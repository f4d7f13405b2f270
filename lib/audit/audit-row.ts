import type { ApiId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { keys, timelineKeys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Actor } from './actor.ts'

/** What happened, as `area.event`. A closed list: the filter of `GET /v1/audit` accepts only these. */
export const auditActions = [
  'organization.created',
  'organization.changed',
  'guest.invited',
  'guest.accepted',
  'guest.left',
  'guest.removed',
  'guest.suspended',
  'guest.confirmed',
  'impersonation.started',
  'user.created',
  'user.changed',
  'user.deleted',
  'roles.replaced',
  'credential.created',
  'credential.imported',
  'credential.rotated',
  'credential.changed',
  'credential.disabled',
  'credential.enabled',
  'credential.deleted',
  'credential.expiry-warned',
  'second-factor.added',
  'second-factor.renamed',
  'second-factor.removed',
  'second-factors.reset',
  'recovery-codes.made',
  'recovery-code.used',
  'password.changed',
  'password.reset',
  'password-reset.mailed',
  'password-reset.link-made',
  'password-reset.mail-requested',
  'whitelist.replaced',
  'providers.refresh-requested',
  'providers.list-accepted',
  'login.succeeded',
  'login.second-factor-asked',
  'token.issued',
  'session.ended',
  'session.moved',
  'sessions.ended',
  'account-group.created',
  'account-group.changed',
  'account-group.deleted',
  'role.created',
  'role.changed',
  'role.deleted',
  'section.created',
  'section.changed',
  'section.deleted',
  'sections.imported',
  'api.created',
  'api.changed',
  'api.deleted',
  'api.gateway-bound',
  'api.gateway-released',
  'api.shared',
  'api.share-ended',
  'api.handed-over',
  'integration-vendor.created',
  'integration-vendor.deleted',
  'request.refused',
  'login.refused',
  'refusals.counted',
] as const
export type AuditAction = (typeof auditActions)[number]

/** One field before and after; never a secret or its hash. */
export type Change = { readonly field: string; readonly before: unknown; readonly after: unknown }

export type AuditEntry = {
  readonly organizationId: OrganizationId
  readonly action: AuditAction
  readonly actor: Actor
  readonly targetUserId: UserId | null
  readonly targetId: string | null
  /** The protected API that it concerns. */
  readonly apiId?: ApiId
  readonly address: string | null
  readonly requestId: string | null
  readonly changes: readonly Change[]
  /** Default: `done`. */
  readonly outcome?: 'done' | 'refused'
  /** Why it was refused: a denial reason or an error code. */
  readonly reason?: string
  /** For a refusal: method and path of the request. */
  readonly request?: string
  /** For `refusals.counted`: the minimum number of refusals. */
  readonly count?: number
}

/** Time and chance of one change: every row of it carries the same instant. */
export type Occasion = {
  readonly at: string
  readonly auditId: string
  readonly auditExpiresAtSeconds: number
  /** For rows of this organization; those of others are in the first shard. */
  readonly shard?: { readonly organizationId: OrganizationId; readonly index: number }
}

export const auditItem = (entry: AuditEntry, occasion: Occasion) => {
  const isOwn = occasion.shard?.organizationId === entry.organizationId
  return itemIn(entry, occasion, isOwn ? (occasion.shard?.index ?? 0) : 0)
}

const itemIn = (entry: AuditEntry, occasion: Occasion, shard: number) => ({
  ...keys.audit(entry.organizationId, occasion.at, occasion.auditId, shard),
  kind: itemKinds.audit,
  auditId: occasion.auditId,
  at: occasion.at,
  expiresAtSeconds: occasion.auditExpiresAtSeconds,
  outcome: 'done' as const,
  ...entry,
  changes: [...entry.changes],
  ...timelineKeys(
    keys.timelinePosition(occasion.at, occasion.auditId),
    (value, name) => keys.auditTimeline(entry.organizationId, value, name === 'byAction' ? shard : 0),
    {
      byActor: entry.actor.userId,
      byActing: entry.actor.actingUserId,
      byUser: entry.targetUserId,
      byTarget: entry.targetId,
      byAction: entry.action,
    },
  ),
})

/** The fields whose stored values differ. */
export const changesBetween = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): Change[] =>
  fields
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }))
