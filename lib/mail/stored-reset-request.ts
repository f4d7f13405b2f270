import * as z from '../effects/shape.ts'
import { OrganizationId, UserId } from '../secrets/key-id.ts'
import { itemShape } from '../table/stored-item.ts'
import { Deliveries } from './delivery.ts'

/** `RESET_REQUEST#<requestId>` / `REQUEST`, until the mailer has processed it. */
export const StoredResetRequest = z.object({
  ...itemShape('resetRequest'),
  requestId: z.string(),
  /** In canonical form if it is ASCII; otherwise as typed, and it matches nobody. */
  login: z.string(),
  /** The source address of the request; null if Postern itself made it. */
  address: z.nullable(z.string()),
  /** The only user to mail if an administrator requested the link, which lasts for days while that user has no password. Otherwise null. */
  onlyUserId: z.nullable(UserId),
  /** The organization of that administrator, whose limit of addresses counts; null in a request of anybody or of the deployment. */
  countedFor: z.nullable(OrganizationId),
  at: z.string(),
  deliveries: Deliveries,
  expiresAtSeconds: z.int(),
})
export type StoredResetRequest = z.infer<typeof StoredResetRequest>
