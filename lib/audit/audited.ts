import type { Caller, Origin } from '../contract/operation.ts'
import type { ApiId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import type { Actor } from './actor.ts'
import { actorElsewhere, actorOf, otherOrganization, ownerByToken, systemActor } from './actor.ts'
import type { AuditAction, Change, Occasion } from './audit-row.ts'
import { auditItem } from './audit-row.ts'
import { occasionElsewhere } from './occasion.ts'
import { spreadAudit } from './shards.ts'
import type { StoredAuditRow } from './stored-audit-row.ts'

/** What an audit row says of the change itself; who made it, and where, follows from the function that makes the row. */
export type Deed = {
  readonly action: AuditAction
  readonly targetUserId?: UserId | null
  readonly targetId?: string | null
  /** The protected API that it concerns. */
  readonly apiId?: ApiId | null
  readonly changes?: readonly Change[]
}

/** Where the request came from; both null when no request is behind the change. */
type Source = { readonly [field in keyof Origin]: Origin[field] | null }

/** The row as a part of the transaction that makes the change: without the row, no change (Vault's rule). */
export const rowBy = (
  actor: Actor,
  organizationId: OrganizationId,
  { address, requestId }: Source,
  occasion: Occasion,
  { action, targetUserId = null, targetId = null, apiId = null, changes = [] }: Deed,
): Write => {
  const api = apiId === null ? {} : { apiId }
  const entry = { organizationId, action, actor, targetUserId, targetId, ...api, address, requestId, changes }
  // The item of the organization is read for each login and token: while rows are throttled, nobody writes it without need.
  const isSpread = occasion.shard?.organizationId === organizationId
  return {
    ...put<typeof StoredAuditRow>('audit', auditItem(entry, occasion)),
    ...(isSpread ? {} : { ifThrottled: spreadAudit(organizationId) }),
  }
}

/** The caller changes something in its own organization. */
export const rowOf = ({ subject }: Caller, origin: Origin, occasion: Occasion, deed: Deed): Write =>
  rowBy(actorOf(subject), subject.organization.organizationId, origin, occasion, deed)

/** The caller changes something of its own in another organization of its. */
export const rowOfOwn = (
  { subject }: Caller,
  organizationId: OrganizationId,
  origin: Origin,
  occasion: Occasion,
  deed: Deed,
): Write => rowBy(actorElsewhere(subject), organizationId, origin, occasionElsewhere(occasion), deed)

/** The row for another organization that a change concerns: it names neither the actor nor the source address. */
export const rowElsewhere = (
  { subject }: Caller,
  organizationId: OrganizationId,
  { requestId }: Pick<Origin, 'requestId'>,
  occasion: Occasion,
  deed: Deed,
): Write => {
  const by = otherOrganization(subject.organization.organizationId)
  return rowBy(by, organizationId, { address: null, requestId }, occasionElsewhere(occasion), deed)
}

/** Somebody who holds a token that was mailed to the user changes something of the user's. */
export const rowByToken = (
  userId: UserId,
  organizationId: OrganizationId,
  origin: Origin,
  occasion: Occasion,
  deed: Deed,
): Write => rowBy(ownerByToken(userId), organizationId, origin, occasion, { targetUserId: userId, ...deed })

/** Postern itself changes something. */
export const rowBySystem = (
  organizationId: OrganizationId,
  source: Partial<Source>,
  occasion: Occasion,
  deed: Deed,
): Write => rowBy(systemActor, organizationId, { address: null, requestId: null, ...source }, occasion, deed)
