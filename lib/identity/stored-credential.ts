import * as z from '../effects/shape.ts'
import { credentialKinds, KeyId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { SecretHash } from '../secrets/secret-hash.ts'
import { itemShape } from '../table/stored-item.ts'

/** A key or a token, `USER#<uid>` / `KEY#<keyId>`. */
export const StoredCredential = z.object({
  ...itemShape('credential'),
  keyId: KeyId,
  userId: UserId,
  organizationId: OrganizationId,
  credentialKind: z.enum(credentialKinds),
  name: z.string(),
  status: z.enum(['active', 'disabled']),
  secretHash: SecretHash,
  createdAt: z.string(),
  /** ISO 8601; null = never. No TTL: an expired credential is listed until a user deletes it. */
  expiresAt: z.nullable(z.string()),
  /** `expiresAt` as it was given; a rotation may have changed `expiresAt` since (`lifetime.ts`). */
  givenExpiresAt: z.nullable(z.string()),
  lastUsedAt: z.nullable(z.string()),
  /** The key id of the predecessor, if that one ends with the first use of this credential. */
  endsOnFirstUse: z.nullable(KeyId),
  /** The key ids of the credential that this one was rotated from, and of the last one that it was rotated to. */
  replaces: z.nullable(KeyId),
  replacedBy: z.nullable(KeyId),
  /** For imported credentials; `clientId` is presented with the secret of a key. */
  imported: z.nullable(z.object({ clientId: z.nullable(z.string()) })),
})
export type StoredCredential = z.infer<typeof StoredCredential>
