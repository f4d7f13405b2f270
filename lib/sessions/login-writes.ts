import type { Occasion } from '../audit/audit-row.ts'
import { auditWrite } from '../audit/audit-row.ts'
import type { PasswordHash } from '../credentials/password-text.ts'
import type { Origin } from '../http/operation.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import { exists } from '../table/transaction.ts'
import type { Account } from './log-in.ts'

/** The hash under today's parameters, in place of the one that the password was verified against. */
export type Rehash = { readonly verified: PasswordHash; readonly now: PasswordHash }

/** What a login leaves: the time of it, a newer hash where it is due, and its row in the audit. */
export const loginWrites = (
  { user, membership, organization }: Account,
  sessionId: string,
  rehash: Rehash | null,
  occasion: Occasion,
  origin: Origin,
): Write[] => [
  {
    label: 'user',
    update: keys.user(user.userId),
    set: 'SET lastLoginAt = :at',
    values: { ':at': occasion.at },
    condition: exists,
  },
  ...(rehash === null ? [] : [rehashWrite(user.userId, rehash)]),
  auditWrite(
    {
      organizationId: organization.organizationId,
      action: 'login.succeeded',
      actor: {
        kind: 'user',
        userId: user.userId,
        username: user.username,
        keyId: null,
        actingUserId: null,
        integrationVendor: membership.integrationVendor,
      },
      targetUserId: user.userId,
      targetId: sessionId,
      address: origin.address,
      requestId: origin.requestId,
      changes: [],
    },
    occasion,
  ),
]

/** A password that was changed meanwhile must not come back as a newer hash of the old one. */
const rehashWrite = (userId: string, { verified, now }: Rehash): Write => ({
  label: 'password',
  update: keys.password(userId),
  set: 'SET passwordHash = :now',
  values: { ':now': now, ':verified': verified },
  condition: 'passwordHash = :verified',
})
