import * as z from '../effects/shape.ts'
import { KeyId, MembershipId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { itemShape } from '../table/stored-item.ts'
import { Deliveries } from './delivery.ts'

const common = {
  ...itemShape('notice'),
  userId: UserId,
  at: z.string(),
  requestId: z.string(),
  deliveries: Deliveries,
  expiresAtSeconds: z.int(),
}

export const StoredPasswordNotice = z.object({
  ...common,
  noticeKind: z.enum(['password-changed', 'password-reset']),
  address: z.string(),
})
export type StoredPasswordNotice = z.infer<typeof StoredPasswordNotice>

export const StoredFactorNotice = z.object({
  ...common,
  noticeKind: z.enum([
    'second-factor-added',
    'second-factor-removed',
    'second-factors-reset',
    'recovery-codes-made',
    'recovery-code-used',
  ]),
  address: z.nullable(z.string()),
})
export type StoredFactorNotice = z.infer<typeof StoredFactorNotice>

export const StoredExpiryNotice = z.object({
  ...common,
  noticeKind: z.literal('credential-expiring'),
  keyId: KeyId,
  expiresAt: z.string(),
  recipientIds: z.array(UserId),
})
export type StoredExpiryNotice = z.infer<typeof StoredExpiryNotice>

export const StoredInvitationNotice = z.object({
  ...common,
  noticeKind: z.literal('guest-invited'),
  organizationId: OrganizationId,
  membershipId: MembershipId,
})
export type StoredInvitationNotice = z.infer<typeof StoredInvitationNotice>

/** `NOTICE#<requestId>` / `NOTICE`, until the mails are out. */
export const StoredNotice = z.union([
  StoredPasswordNotice,
  StoredFactorNotice,
  StoredExpiryNotice,
  StoredInvitationNotice,
])
export type StoredNotice = z.infer<typeof StoredNotice>
