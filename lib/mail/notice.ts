import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Write } from '../table/transaction.ts'

type Asked = {
  /** The user that it is about. */
  readonly userId: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** Of the request that made the change, or whatever else happens once: it makes one notice. */
  readonly requestId: string
}

export type PasswordNotice = Asked & {
  readonly noticeKind: 'password-changed' | 'password-reset'
  /** Where that request came from. */
  readonly address: string
}

type ExpiryNotice = Asked & {
  readonly noticeKind: 'credential-expiring'
  readonly keyId: string
  /** ISO 8601, UTC. */
  readonly expiresAt: string
  /** User ids of those who are told. */
  readonly recipientIds: readonly string[]
}

type InvitationNotice = Asked & {
  readonly noticeKind: 'guest-invited'
  /** Where the user is invited to. */
  readonly organizationId: string
  /** The place that it is offered. */
  readonly placeId: string
}

export type Notice = PasswordNotice | ExpiryNotice | InvitationNotice

/** Longer than the stream keeps anything (24 h), so that no delivery ever finds the row gone by age alone. */
export const noticeLifetimeSeconds = 2 * 86_400

/**
 * Asks the mailer for a notice mail. It is a part of the transaction that makes the change: no change without its notice, and
 * no notice of a change that did not happen.
 */
export const noticeWrite = (notice: Notice, expiresAtSeconds: number): Write => ({
  label: 'notice',
  put: {
    ...keys.notice(notice.requestId),
    kind: itemKinds.notice,
    ...notice,
    deliveries: {},
    expiresAtSeconds,
  },
})
