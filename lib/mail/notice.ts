import type { KeyId, MembershipId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import type { StoredNotice } from './stored-notice.ts'

type Common = {
  /** The user that the notice is about. */
  readonly userId: UserId
  /** ISO 8601, UTC. */
  readonly at: string
  /** The id of the request that made the change, or another unique id: one notice per id. */
  readonly requestId: string
}

export type PasswordNotice = Common & {
  readonly noticeKind: 'password-changed' | 'password-reset'
  /** The source address of the request. */
  readonly address: string
}

/** A change of the second factors of a user, or the use of a recovery code. */
export type FactorNotice = Common & {
  readonly noticeKind:
    | 'second-factor-added'
    | 'second-factor-removed'
    | 'second-factors-reset'
    | 'recovery-codes-made'
    | 'recovery-code-used'
  /** The source address of the request; null if somebody else made it. */
  readonly address: string | null
}

type ExpiryNotice = Common & {
  readonly noticeKind: 'credential-expiring'
  readonly keyId: KeyId
  /** ISO 8601, UTC. */
  readonly expiresAt: string
  /** User ids. */
  readonly recipientIds: UserId[]
}

type InvitationNotice = Common & {
  readonly noticeKind: 'guest-invited'
  /** The inviting organization. */
  readonly organizationId: OrganizationId
  /** Of the membership that the user is invited to. */
  readonly membershipId: MembershipId
}

export type Notice = PasswordNotice | FactorNotice | ExpiryNotice | InvitationNotice

/** Longer than the retention of the stream (24 h), so that the row exists for every delivery. */
export const noticeLifetimeSeconds = 2 * 86_400

/** Requests a notice mail, as part of the transaction of the change: no change without its notice, and no notice without the change. */
export const noticeWrite = (notice: Notice, expiresAtSeconds: number): Write =>
  put<typeof StoredNotice>('notice', {
    ...keys.notice(notice.requestId),
    kind: itemKinds.notice,
    ...notice,
    deliveries: {},
    expiresAtSeconds,
  })
