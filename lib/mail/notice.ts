import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Write } from '../table/transaction.ts'

export type NoticeKind = 'password-changed' | 'password-reset'

export type Notice = {
  readonly noticeKind: NoticeKind
  readonly userId: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** Of the request that made the change: one request makes one notice. */
  readonly requestId: string
  /** Where that request came from. */
  readonly address: string
}

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
    noticeKind: notice.noticeKind,
    userId: notice.userId,
    at: notice.at,
    requestId: notice.requestId,
    address: notice.address,
    deliveries: {},
    expiresAtSeconds,
  },
})
