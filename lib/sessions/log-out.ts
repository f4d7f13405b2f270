import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import * as z from '../effects/shape.ts'
import { maximumSessionLifetimeSeconds } from '../identity/stored-organization.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape, put } from '../table/stored-item.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { clockSkewSeconds } from './session-claims.ts'

/** `USER#<uid>` / `LOGOUT#<sessionId>`: a session that was ended. Readers look only whether it exists. */
const StoredLogout = z.object({
  ...itemShape('logout'),
  at: z.string(),
  expiresAtSeconds: z.int(),
})

/**
 * Ends the session of the request. Other sessions of the user continue.
 *
 * @throws DomainError invalid_request for callers with a key or a token
 */
export const logOut = async (
  dependencies: Chances & { readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome> },
  caller: Caller,
  origin: Origin,
): Promise<void> => {
  const { subject } = caller
  const { sessionId } = subject.provenBy
  if (sessionId === null) {
    throw new DomainError('invalid_request', {
      detail: 'Only a session can be logged out. To revoke a key or a token, delete it.',
    })
  }
  const occasion = occasionOf(dependencies, caller.snapshot.organization)
  await dependencies.write([
    put<typeof StoredLogout>('logout', {
      ...keys.logout(subject.userId, sessionId),
      kind: itemKinds.logout,
      at: occasion.at,
      // The longest remaining lifetime of an accepted session.
      expiresAtSeconds:
        Math.floor(dependencies.now() / 1000) + clockSkewSeconds + maximumSessionLifetimeSeconds,
    }),
    rowOf(caller, origin, occasion, {
      action: 'session.ended',
      targetUserId: subject.userId,
      targetId: sessionId,
    }),
  ])
}
