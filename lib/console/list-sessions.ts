import type { Caller } from '../contract/operation.ts'
import type { UserId } from '../secrets/key-id.ts'
import { endsOf } from './console-session.ts'
import type { StoredConsoleSession } from './stored-console-session.ts'
import { hasEnded } from './stored-console-session.ts'

/** The caller's own sessions of the console that are signed in, in all organizations, the newest first. */
export const listOwnSessions = async (
  dependencies: {
    readonly readConsoleSessions: (userId: UserId) => Promise<readonly StoredConsoleSession[]>
    readonly now: () => number
  },
  { subject, snapshot }: Caller,
) => {
  const stored = await dependencies.readConsoleSessions(subject.userId)
  const isLive = (session: StoredConsoleSession): boolean =>
    session.state === 'signed-in' &&
    !hasEnded(session, dependencies.now()) &&
    session.epoch.startsWith(`${snapshot.user.epoch}.`)
  const sessions = stored
    .filter(isLive)
    .toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1))
    .map((session) => ({
      sessionId: session.sessionId,
      organizationId: session.organizationId,
      startedAt: session.startedAt,
      address: session.address,
      userAgent: session.userAgent,
      ...endsOf(session),
      current: session.sessionId === subject.provenBy.sessionId,
    }))
  return { sessions }
}
