import * as z from '../effects/shape.ts'
import { Deliveries } from '../mail/delivery.ts'
import { itemShape } from '../table/stored-item.ts'

/** `RESET_REQUEST#<requestId>` / `REQUEST`, until the mailer has processed it. */
export const StoredResetRequest = z.object({
  ...itemShape('resetRequest'),
  requestId: z.string(),
  /** In canonical form if it is ASCII; otherwise as typed, and it matches nobody. */
  login: z.string(),
  /** The source address of the request; null if Postern itself made it. */
  address: z.nullable(z.string()),
  /** True for a first password, requested by Postern itself: the link lasts for days if the user still has no password. */
  invites: z.boolean(),
  at: z.string(),
  deliveries: Deliveries,
  expiresAtSeconds: z.int(),
})
export type StoredResetRequest = z.infer<typeof StoredResetRequest>
