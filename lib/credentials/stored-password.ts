import * as z from 'zod/mini'
import { itemKinds } from '../table/schema.ts'

/** `USER#<uid>` / `SECRET#PASSWORD`. The authorizer never reads it. */
export const StoredPassword = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.password),
  userId: z.string(),
  passwordHash: z.string().check(z.startsWith('$argon2')),
  changedAt: z.string(),
})
export type StoredPassword = z.infer<typeof StoredPassword>
