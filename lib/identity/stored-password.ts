import * as z from 'zod/mini'
import { UserId } from '../secrets/key-id.ts'
import { PasswordHash } from '../secrets/password-text.ts'
import { itemKinds } from '../table/schema.ts'

/** `USER#<uid>` / `SECRET#PASSWORD`. The authorizer never reads it. */
export const StoredPassword = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.password),
  userId: UserId,
  passwordHash: PasswordHash,
  changedAt: z.string(),
})
export type StoredPassword = z.infer<typeof StoredPassword>
