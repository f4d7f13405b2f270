import type { Chances } from '../audit/occasion.ts'
import type { Origin } from '../contract/operation.ts'
import type { Member } from '../identity/member.ts'
import { epochOf } from '../identity/member.ts'
import { newSessionId, nextSessionId } from '../secrets/key-id.ts'
import { hashSecret } from '../secrets/secret-hash.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import { cookieWith, newCookieSecret } from './session-cookie.ts'
import type { SessionState, StoredConsoleSession } from './stored-console-session.ts'
import { absoluteSeconds, idleEnd, waitingSeconds } from './stored-console-session.ts'

export type OpenDependencies = Chances & { readonly issuer: string }

/** Where a session is opened: the source, and the browser as it names itself. */
export type Browser = Pick<Origin, 'address'> & { readonly userAgent: string }

/** A new session, with an id and a secret that nobody else had before. */
export type Opened = {
  readonly session: StoredConsoleSession
  /** The value of Set-Cookie. */
  readonly cookie: string
  readonly write: Write
}

/** Of the sign-in that it stands for: this one, or that of the session in whose place it comes. */
type SignedIn = Pick<StoredConsoleSession, 'tookFactor'> &
  Partial<Pick<StoredConsoleSession, 'sessionId' | 'startedAt' | 'endsAtSeconds'>>

export const openConsoleSession = (
  { issuer, now, randomBytes }: OpenDependencies,
  member: Member,
  state: SessionState,
  { address, userAgent }: Browser,
  signedIn: SignedIn = { tookFactor: false },
): Opened => {
  const milliseconds = now()
  const nowSeconds = Math.floor(milliseconds / 1000)
  const { userId } = member.user
  const sessionId =
    signedIn.sessionId === undefined
      ? newSessionId(randomBytes)
      : nextSessionId(signedIn.sessionId, randomBytes)
  const secret = newCookieSecret({ userId, sessionId }, randomBytes)
  const lifetime = state === 'signed-in' ? absoluteSeconds : waitingSeconds
  const { endsAtSeconds = nowSeconds + lifetime, startedAt = new Date(milliseconds).toISOString() } = signedIn
  const session: StoredConsoleSession = {
    ...keys.consoleSession(userId, sessionId),
    kind: itemKinds.consoleSession,
    sessionId,
    userId,
    organizationId: member.membership.organizationId,
    secretHash: hashSecret(secret),
    state,
    tookFactor: signedIn.tookFactor,
    epoch: epochOf(member),
    address,
    userAgent: userAgent.slice(0, 256),
    startedAt,
    endsAtSeconds,
    expiresAtSeconds: idleEnd(endsAtSeconds, nowSeconds),
  }
  return {
    session,
    cookie: cookieWith(issuer, secret),
    write: put<typeof StoredConsoleSession>('console-session', session, { condition: notExists }),
  }
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()

/** Both ends as the API shows them. */
export const endsOf = ({
  endsAtSeconds,
  expiresAtSeconds,
}: StoredConsoleSession): { readonly sessionEndsAt: string; readonly idleEndsAt: string } => ({
  sessionEndsAt: iso(endsAtSeconds),
  idleEndsAt: iso(expiresAtSeconds),
})
