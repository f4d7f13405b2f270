import * as z from '../../effects/shape.ts'
import { KeyId, OrganizationId, UserId } from '../../secrets/key-id.ts'
import { itemShape } from '../../table/stored-item.ts'

/**
 * `EXPIRY#<UTC day>` / `<organizationId>#<userId>#<keyId>`: a pointer to a credential that expires on that day. The credential itself is
 * authoritative.
 */
export const StoredExpiryEntry = z.object({
  ...itemShape('expiryEntry'),
  organizationId: OrganizationId,
  userId: UserId,
  keyId: KeyId,
  /** Copies from the credential, so that the warning time needs no further read. */
  createdAt: z.string(),
  expiresAt: z.string(),
  /** When the warning was sent; null = not yet. */
  warnedAt: z.nullable(z.string()),
  expiresAtSeconds: z.int(),
})
export type StoredExpiryEntry = z.infer<typeof StoredExpiryEntry>
