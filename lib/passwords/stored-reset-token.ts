import * as z from 'zod/mini'
import { itemKinds } from '../table/schema.ts'

/** `USER#<uid>` / `SECRET#RESET`: one per user, so that a newer token ends an older by taking its place. */
export const StoredResetToken = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.resetToken),
  userId: z.string(),
  tokenHash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** False: an administrator made it, and whoever uses it need not read the user's mail. */
  mailed: z.boolean(),
  /** The user's address then; null = none. It is good only as long as that is still so. */
  email: z.nullable(z.string()),
  requestId: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  expiresAtSeconds: z.int(),
})
export type StoredResetToken = z.infer<typeof StoredResetToken>
