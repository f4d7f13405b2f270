import type { Subject } from '../access/subject.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Write } from '../table/transaction.ts'

/** What happened, as `area.deed`. */
export type AuditAction =
  | 'organization.created'
  | 'user.created'
  | 'user.changed'
  | 'user.deleted'
  | 'roles.replaced'
  | 'credential.created'
  | 'credential.rotated'
  | 'credential.deleted'
  | 'password.changed'
  | 'password.reset'
  | 'password-reset.mailed'
  | 'whitelist.replaced'
  | 'session.ended'

/** Who did it. `system` is Postern itself: the mailer, the installation; `self` somebody who proved to be the user by a mailed token. */
export type Actor = {
  readonly kind: 'user' | 'self' | 'system'
  readonly userId: string | null
  readonly keyId: string | null
  /** The person behind it when one user acts as another. */
  readonly actingUserId: string | null
  readonly integrationVendor: string | null
}

/** One field before and after; never a secret, nor its hash. */
export type Change = { readonly field: string; readonly before: unknown; readonly after: unknown }

export type AuditEntry = {
  readonly organizationId: string
  readonly action: AuditAction
  readonly actor: Actor
  readonly targetUserId: string | null
  readonly targetId: string | null
  readonly address: string | null
  readonly requestId: string | null
  readonly changes: readonly Change[]
}

export const systemActor: Actor = {
  kind: 'system',
  userId: null,
  keyId: null,
  actingUserId: null,
  integrationVendor: null,
}

export const actorOf = (subject: Subject): Actor => ({
  kind: 'user',
  userId: subject.userId,
  keyId: subject.provenBy.keyId,
  actingUserId: subject.provenBy.actorId,
  integrationVendor: subject.membership?.integrationVendor ?? null,
})

/** Time and chance of one change: every row of it carries the same instant. */
export type Occasion = {
  readonly at: string
  readonly auditId: string
  readonly auditExpiresAtSeconds: number
}

/** The row as a part of the transaction that makes the change: without the row, no change (Vault's rule). */
export const auditWrite = (entry: AuditEntry, occasion: Occasion): Write => ({
  label: 'audit',
  put: {
    ...keys.audit(entry.organizationId, occasion.at, occasion.auditId),
    kind: itemKinds.audit,
    auditId: occasion.auditId,
    at: occasion.at,
    expiresAtSeconds: occasion.auditExpiresAtSeconds,
    ...entry,
  },
})

/** The fields that differ, compared as they are stored. */
export const changesBetween = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): Change[] =>
  fields
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }))
