import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import * as z from '../effects/shape.ts'
import { maximumSessionLifetimeSeconds } from '../identity/stored-organization.ts'
import type { UserId } from '../secrets/key-id.ts'
import { SessionId } from '../secrets/key-id.ts'
import { SecretHash } from '../secrets/secret-hash.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape, put } from '../table/stored-item.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import type { Attempt } from '../table/until-committed.ts'
import { untilCommitted } from '../table/until-committed.ts'
import { clockSkewSeconds } from './session-claims.ts'

/** `USER#<uid>` / `LOGOUT#<sessionId>`: a session that was ended. Decisions look only whether it exists. */
export const StoredLogout = z.object({
  ...itemShape('logout'),
  at: z.string(),
  /** If it had a cookie and another session took its place: a sign-out by that cookie, or a logout by its token, ends the other one. */
  replaced: z.nullable(z.object({ secretHash: SecretHash, by: SessionId })),
  expiresAtSeconds: z.int(),
})

type Replaced = z.infer<typeof StoredLogout>['replaced']

/** Ends a session: none of its tokens is accepted any more. */
export const logoutWrite = (
  userId: UserId,
  sessionId: SessionId,
  at: string,
  replaced: Replaced = null,
): Write =>
  put<typeof StoredLogout>('logout', {
    ...keys.logout(userId, sessionId),
    kind: itemKinds.logout,
    at,
    replaced,
    // The longest remaining lifetime of an accepted session.
    expiresAtSeconds: Math.floor(Date.parse(at) / 1000) + clockSkewSeconds + maximumSessionLifetimeSeconds,
  })

/** Increases the epoch, which ends all sessions of the user (R7). */
export const endSessionsWrite = (userId: UserId, at: string) =>
  ({
    label: 'user',
    update: keys.user(userId),
    set: 'SET epoch = epoch + :one, version = version + :one, updatedAt = :at',
    values: { ':one': 1, ':at': at },
  }) satisfies Write

/**
 * Ends the session of the request, or the one that took its place meanwhile. Other sessions of the user continue.
 *
 * @throws DomainError invalid_request for callers with a key or a token, temporarily_unavailable
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
  let ending = sessionId
  await untilCommitted(async (): Promise<Attempt<void>> => {
    const outcome = await dependencies.write([
      { ...logoutWrite(subject.userId, ending, occasion.at), condition: notExists },
      // There is one if it is a session of the console, which could otherwise go on in another organization at this moment.
      { label: 'console-session', delete: keys.consoleSession(subject.userId, ending) },
      rowOf(caller, origin, occasion, {
        action: 'session.ended',
        targetUserId: subject.userId,
        targetId: ending,
      }),
    ])
    if (outcome.committed) return { committed: true, result: undefined }
    const { replaced } = StoredLogout.parse(outcome.found)
    // Ended by another request.
    if (replaced === null) return { committed: true, result: undefined }
    ending = replaced.by
    return { committed: false }
  })
}
