import * as z from 'zod/mini'
import { Deliveries } from '../mail/delivery.ts'
import { itemKinds } from '../table/schema.ts'

/** `RESET_REQUEST#<requestId>` / `REQUEST`, until the mailer has dealt with it. */
export const StoredResetRequest = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.resetRequest),
  requestId: z.string(),
  /** Canonical if it is ASCII; otherwise as it was typed, and nobody's. */
  login: z.string(),
  /** Who asked; null when Postern itself did. */
  address: z.nullable(z.string()),
  /** Postern itself asks, for a first password: the link lasts for days, if the user still has none. */
  invites: z.boolean(),
  at: z.string(),
  deliveries: Deliveries,
  expiresAtSeconds: z.int(),
})
export type StoredResetRequest = z.infer<typeof StoredResetRequest>
