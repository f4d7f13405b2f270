import * as z from 'zod/mini'
import { OrganizationId, UserId } from '../secrets/key-id.ts'
import { itemKinds } from '../table/schema.ts'

/** `EMAIL#<address>` / `<organizationId>#<userId>`: a user with this address, at home in this organization. */
export const StoredEmailEntry = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.emailEntry),
  organizationId: OrganizationId,
  userId: UserId,
  /** Equal to `emailVerified` of the user; both are written in the same transactions. */
  verified: z.boolean(),
})
export type StoredEmailEntry = z.infer<typeof StoredEmailEntry>
