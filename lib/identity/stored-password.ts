import * as z from 'zod/mini'
import { UserId } from '../secrets/key-id.ts'
import { itemKinds } from '../table/schema.ts'

/** `USER#<uid>` / `SECRET#PASSWORD`. The authorizer never reads it. */
export const StoredPassword = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.password),
  userId: UserId,
  /** Argon2id, or an imported hash until the first login with it. */
  passwordHash: z
    .string()
    .check(z.regex(/^(?:\$argon2|\$2[aby]\$|pbkdf2_sha(?:256|512)\$|\$pbkdf2-sha(?:256|512)\$)/)),
  changedAt: z.string(),
})
export type StoredPassword = z.infer<typeof StoredPassword>
