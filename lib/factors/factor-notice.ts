import type { Occasion } from '../audit/audit-row.ts'
import type { Deed } from '../audit/audited.ts'
import type { Origin } from '../contract/operation.ts'
import type { FactorNotice } from '../mail/notice.ts'
import { noticeLifetimeSeconds, noticeWrite } from '../mail/notice.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { Write } from '../table/transaction.ts'
import type { VerifiedFactor } from './verify-code.ts'

/** Tells the user by mail. @param origin without an address if somebody else made the request */
export const factorNotice = (
  noticeKind: FactorNotice['noticeKind'],
  userId: UserId,
  { at }: Pick<Occasion, 'at'>,
  { requestId, address }: Pick<Origin, 'requestId'> & { readonly address: string | null },
): Write =>
  noticeWrite(
    { noticeKind, userId, at, requestId, address },
    Math.floor(Date.parse(at) / 1000) + noticeLifetimeSeconds,
  )

/**
 * The writes of the use of a second factor. A recovery code is used when the others are lost, or by a thief, so its use is audited and
 * mailed by itself.
 */
export const useWrites = (
  { kind, writes }: VerifiedFactor,
  userId: UserId,
  row: (deed: Deed) => Write,
  origin: Origin,
  occasion: Occasion,
): Write[] =>
  kind === 'recovery-code'
    ? [
        ...writes,
        row({ action: 'recovery-code.used', targetUserId: userId }),
        factorNotice('recovery-code-used', userId, occasion, origin),
      ]
    : [...writes]
