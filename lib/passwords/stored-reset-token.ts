import * as z from '../effects/shape.ts'
import { UserId } from '../secrets/key-id.ts'
import { SecretHash } from '../secrets/secret-hash.ts'
import { itemShape } from '../table/stored-item.ts'

/** `USER#<uid>` / `SECRET#RESET`: one per user, so that a newer token replaces an older one. */
export const StoredResetToken = z.object({
  ...itemShape('resetToken'),
  userId: UserId,
  tokenHash: SecretHash,
  /** False if an administrator made it, so that using it does not prove access to the mailbox. */
  mailed: z.boolean(),
  /** The user's address at that time; null = none. The token is valid only while it is unchanged. */
  email: z.nullable(z.string()),
  requestId: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  expiresAtSeconds: z.int(),
})
export type StoredResetToken = z.infer<typeof StoredResetToken>
