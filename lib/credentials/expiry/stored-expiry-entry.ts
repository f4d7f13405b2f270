import * as z from 'zod/mini'
import { itemKinds } from '../../table/schema.ts'

/**
 * `EXPIRY#<UTC day>` / `<organizationId>#<userId>#<keyId>`: that a credential ends on that day. A pointer and nothing more: whoever
 * follows it believes the credential.
 */
export const StoredExpiryEntry = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.expiryEntry),
  organizationId: z.string(),
  userId: z.string(),
  keyId: z.string(),
  /** Both as in the credential, so that nothing else need be read to know when its time comes. */
  createdAt: z.string(),
  expiresAt: z.string(),
  /** When people were warned; null = not yet. */
  warnedAt: z.nullable(z.string()),
  expiresAtSeconds: z.int(),
})
export type StoredExpiryEntry = z.infer<typeof StoredExpiryEntry>
