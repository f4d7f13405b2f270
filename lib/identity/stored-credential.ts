import * as z from 'zod/mini'
import { credentialKinds } from '../secrets/key-id.ts'
import { itemKinds } from '../table/schema.ts'

/** A key or a token, `USER#<uid>` / `KEY#<keyId>`. */
export const StoredCredential = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.credential),
  keyId: z.string(),
  userId: z.string(),
  organizationId: z.string(),
  credentialKind: z.enum(credentialKinds),
  name: z.string(),
  status: z.enum(['active', 'disabled']),
  secretHash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  createdAt: z.string(),
  /** ISO 8601; null = never. No TTL: an expired credential stays listed until somebody deletes it. */
  expiresAt: z.nullable(z.string()),
  /** `expiresAt` as the credential was made with, whatever a rotation did to that since (`lifetime.ts`). */
  givenExpiresAt: z.nullable(z.string()),
  lastUsedAt: z.nullable(z.string()),
  /** The credential that this one was rotated from, when that one shall end with the first use of this one. */
  endsOnFirstUse: z.nullable(z.string()),
  /** The key id of the credential that this one was rotated from, and of the last one that it was rotated to. */
  replaces: z.nullable(z.string()),
  replacedBy: z.nullable(z.string()),
  /** Of one whose secret was made elsewhere: what is presented beside it if it is a key. */
  imported: z.nullable(z.object({ clientId: z.nullable(z.string()) })),
})
export type StoredCredential = z.infer<typeof StoredCredential>
