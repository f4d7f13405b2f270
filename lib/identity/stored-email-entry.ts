import * as z from 'zod/mini'
import { itemKinds } from '../table/schema.ts'

/** `EMAIL#<address>` / `<organizationId>#<userId>`: that a user, at home in that organization, has this address. */
export const StoredEmailEntry = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.emailEntry),
  organizationId: z.string(),
  userId: z.string(),
  /** As `emailVerified` of the user; written in the same transactions. */
  verified: z.boolean(),
})
export type StoredEmailEntry = z.infer<typeof StoredEmailEntry>
