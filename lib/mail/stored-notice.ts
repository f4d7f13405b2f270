import * as z from 'zod/mini'
import { itemKinds } from '../table/schema.ts'
import { Deliveries } from './delivery.ts'

/** `NOTICE#<requestId>` / `NOTICE`, until the mail is out. */
export const StoredNotice = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal(itemKinds.notice),
  noticeKind: z.enum(['password-changed', 'password-reset']),
  userId: z.string(),
  at: z.string(),
  requestId: z.string(),
  address: z.string(),
  deliveries: Deliveries,
  expiresAtSeconds: z.int(),
})
export type StoredNotice = z.infer<typeof StoredNotice>
