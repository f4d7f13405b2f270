import * as z from '../effects/shape.ts'
import { UserId } from '../secrets/key-id.ts'
import { PasswordHash } from '../secrets/password-text.ts'
import { itemShape } from '../table/stored-item.ts'

/** `USER#<uid>` / `SECRET#PASSWORD`. The authorizer never reads it. */
export const StoredPassword = z.object({
  ...itemShape('password'),
  userId: UserId,
  passwordHash: PasswordHash,
  changedAt: z.string(),
})
export type StoredPassword = z.infer<typeof StoredPassword>
