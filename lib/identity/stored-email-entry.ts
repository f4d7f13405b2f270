import * as z from '../effects/shape.ts'
import { OrganizationId, UserId } from '../secrets/key-id.ts'
import { itemShape } from '../table/stored-item.ts'

/** `EMAIL#<address>` / `<organizationId>#<userId>`: a user with this address, at home in this organization. */
export const StoredEmailEntry = z.object({
  ...itemShape('emailEntry'),
  organizationId: OrganizationId,
  userId: UserId,
  /** Equal to `emailVerified` of the user; both are written in the same transactions. */
  verified: z.boolean(),
})
export type StoredEmailEntry = z.infer<typeof StoredEmailEntry>
