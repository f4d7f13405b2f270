import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { CallerSnapshot, SnapshotKeys } from '../identity/caller-snapshot.ts'
import type { SessionId, UserId } from '../secrets/key-id.ts'
import { signInOf } from '../secrets/key-id.ts'
import type { SecretHash } from '../secrets/secret-hash.ts'
import { secretMatches } from '../secrets/secret-hash.ts'
import { endSessionsWrite, logoutWrite } from '../sessions/log-out.ts'
import { rowOfSession } from '../sessions/login-writes.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { exists } from '../table/transaction.ts'
import type { CookieDependencies } from './admit-cookie.ts'
import { sessionOfCookie } from './admit-cookie.ts'
import type { SessionKey } from './session-cookie.ts'
import { secretIn } from './session-cookie.ts'
import type { StoredConsoleSession } from './stored-console-session.ts'

type WriteDependencies = Chances & {
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
}
export type SignOutDependencies = WriteDependencies &
  CookieDependencies & {
    readonly readSnapshot: (wanted: SnapshotKeys) => Promise<CallerSnapshot>
    readonly readConsoleSessions: (userId: UserId) => Promise<readonly StoredConsoleSession[]>
    /** The hash of the cookie's secret of a session that was ended for another in its place. */
    readonly readEndedSecret: (of: SessionKey) => Promise<SecretHash | null>
  }

/** Each time, another request moved the session meanwhile. */
const mostMoves = 5

/**
 * Ends the session of a cookie, or the one that took its place meanwhile, and its tokens. A cookie of no session is no error: nothing is left
 * to end.
 */
export const signOut = async (
  dependencies: SignOutDependencies,
  cookies: readonly string[],
  origin: Origin,
): Promise<void> => {
  const session = await sessionOfCookie(dependencies, cookies)
  if (session !== undefined && (await end(dependencies, session, origin))) return
  const presented = secretIn(dependencies.issuer, cookies)
  const ended = presented === undefined ? null : await dependencies.readEndedSecret(presented)
  if (presented === undefined || ended === null || !secretMatches(presented.secret, ended)) return
  await followMoves(async () => {
    const next = await inPlaceOf(dependencies, presented)
    return next === undefined || (await end(dependencies, next, origin))
  })
}

/** @param endNext false if another request moved the session meanwhile. @throws DomainError temporarily_unavailable */
const followMoves = async (endNext: () => Promise<boolean>): Promise<void> => {
  for (let move = 0; move < mostMoves; move += 1) if (await endNext()) return
  throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
}

/** The session of the same sign-in that is open now. */
const inPlaceOf = async (
  { readConsoleSessions }: Pick<SignOutDependencies, 'readConsoleSessions'>,
  { userId, sessionId }: SessionKey,
): Promise<StoredConsoleSession | undefined> => {
  const stored = await readConsoleSessions(userId)
  return stored.find((each) => signInOf(each.sessionId) === signInOf(sessionId))
}

/** False if it was ended meanwhile. */
const end = async (
  dependencies: SignOutDependencies,
  session: StoredConsoleSession,
  origin: Origin,
): Promise<boolean> => {
  const { userId, organizationId, sessionId } = session
  const snapshot = await dependencies.readSnapshot({
    userId,
    organizationId,
    sessionId,
    keyId: null,
    actor: null,
  })
  const { user, membership, organization } = snapshot
  const occasion = occasionOf(dependencies, organization)
  const outcome = await dependencies.write([
    ...endWrites(session, occasion.at),
    ...(user === null || membership === null
      ? []
      : [rowOfSession({ user, membership }, sessionId, origin, occasion, 'session.ended')]),
  ])
  return outcome.committed
}

/** Two that end it at once: the second finds none. @param replaced if another session takes its place */
export const endWrites = (
  { userId, sessionId }: SessionKey,
  at: string,
  replaced: Parameters<typeof logoutWrite>[3] = null,
): Write[] => [
  { label: 'console-session', delete: keys.consoleSession(userId, sessionId), condition: exists },
  logoutWrite(userId, sessionId, at, replaced),
]

/**
 * Sessions of a user are ended by whoever gave the password. A stolen key could otherwise sign its user out again and again, before the
 * user comes to revoke it.
 *
 * @throws DomainError access_denied
 */
const requirePassword = ({ subject: { provenBy } }: Caller): void => {
  if (provenBy.keyId === null) return
  throw new DomainError('access_denied', {
    detail:
      'Sessions are ended by a session that was opened with the password. Keys, tokens and the sessions that they open end none.',
  })
}

/**
 * Ends one of the caller's own sessions of the console, from another session, or the one that took its place: whoever stole it could
 * otherwise move it before the user's click.
 *
 * @throws DomainError access_denied, not_found, temporarily_unavailable
 */
export const endOwnSession = async (
  dependencies: WriteDependencies & Pick<SignOutDependencies, 'readConsoleSessions'>,
  caller: Caller,
  sessionId: SessionId,
  origin: Origin,
): Promise<void> => {
  requirePassword(caller)
  const { userId } = caller.subject
  const occasion = occasionOf(dependencies, caller.snapshot.organization)
  await followMoves(async () => {
    const open = await inPlaceOf(dependencies, { userId, sessionId })
    if (open === undefined) throw new DomainError('not_found')
    const outcome = await dependencies.write([
      ...endWrites(open, occasion.at),
      rowOf(caller, origin, occasion, {
        action: 'session.ended',
        targetUserId: userId,
        targetId: open.sessionId,
      }),
    ])
    return outcome.committed
  })
}

/**
 * Ends all sessions of the caller, those of logins and of its keys as well. Keys and tokens keep working.
 *
 * @throws DomainError access_denied, not_found
 */
export const signOutEverywhere = async (
  dependencies: WriteDependencies,
  caller: Caller,
  origin: Origin,
): Promise<void> => {
  requirePassword(caller)
  const { userId } = caller.subject
  const occasion = occasionOf(dependencies, caller.snapshot.organization)
  const outcome = await dependencies.write([
    { ...endSessionsWrite(userId, occasion.at), condition: exists },
    rowOf(caller, origin, occasion, { action: 'sessions.ended', targetUserId: userId }),
  ])
  if (!outcome.committed) throw new DomainError('not_found')
}
