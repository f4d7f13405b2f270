import * as z from '../effects/shape.ts'
import { ApiId, KeyId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { itemShape } from '../table/stored-item.ts'

/** `AUDIT#<organizationId>#<yyyy-mm>` / `<at>#<auditId>`. `auditItem` writes it. */
export const StoredAuditRow = z.object({
  ...itemShape('audit'),
  auditId: z.string(),
  at: z.string(),
  organizationId: OrganizationId,
  // Not the closed list: a row outlives the version of Postern that wrote it.
  action: z.string(),
  outcome: z._default(z.enum(['done', 'refused']), 'done'),
  actor: z.object({
    kind: z.enum(['user', 'self', 'system', 'claimed', 'organization']),
    userId: z.nullable(UserId),
    organizationId: z.optional(OrganizationId),
    username: z.optional(z.string()),
    keyId: z.nullable(KeyId),
    actingUserId: z.nullable(UserId),
    integrationVendor: z.nullable(z.string()),
  }),
  targetUserId: z.nullable(UserId),
  targetId: z.nullable(z.string()),
  apiId: z.optional(ApiId),
  address: z.nullable(z.string()),
  requestId: z.nullable(z.string()),
  changes: z.array(
    z.object({ field: z.string(), before: z.optional(z.unknown()), after: z.optional(z.unknown()) }),
  ),
  reason: z.optional(z.string()),
  request: z.optional(z.string()),
  count: z.optional(z.int()),
  expiresAtSeconds: z.int(),
})
export type StoredAuditRow = z.infer<typeof StoredAuditRow>
