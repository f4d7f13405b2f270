import type { Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { IssuedSession, SessionRequest } from '../sessions/log-in.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import type { AdmitCookieDependencies } from './admit-cookie.ts'
import { admitCookie } from './admit-cookie.ts'
import { endsOf } from './console-session.ts'
import type { StoredConsoleSession } from './stored-console-session.ts'
import { idleEnd } from './stored-console-session.ts'

export type RenewTokenDependencies = AdmitCookieDependencies & {
  readonly issueSession: (request: SessionRequest) => Promise<IssuedSession>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
}

const tokenSeconds = 300
/** The idle end moves at most once a minute, so that a busy page costs no write for each token. */
const coarseSeconds = 60

/**
 * A token of the session, under the session's id: whatever ends the session ends all its tokens.
 *
 * @throws DomainError invalid_credentials, access_denied, too_many_requests, temporarily_unavailable
 */
export const renewToken = async (
  dependencies: RenewTokenDependencies,
  cookies: readonly string[],
  origin: Origin,
) => {
  const request = { cookies, method: 'POST', path: '/v1/console/token' } as const
  const { session, caller } = await admitCookie(dependencies, request, ['signed-in'], origin)
  const nowSeconds = Math.floor(dependencies.now() / 1000)
  const used = { ...session, expiresAtSeconds: idleEnd(session.endsAtSeconds, nowSeconds) }
  const isDue = used.expiresAtSeconds - session.expiresAtSeconds >= coarseSeconds
  if (isDue && !(await dependencies.write([useWrite(used)])).committed)
    throw new DomainError('invalid_credentials')
  const { membership, organization } = caller.snapshot
  const expiresIn = Math.min(
    tokenSeconds,
    organization.sessionLifetimeSeconds,
    session.endsAtSeconds - nowSeconds,
  )
  const { text } = await dependencies.issueSession({
    userId: session.userId,
    organizationId: session.organizationId,
    accountGroup: membership.loginAccountGroup,
    epoch: session.epoch,
    audience: null,
    keyId: null,
    lifetimeSeconds: expiresIn,
    sessionId: session.sessionId,
  })
  const { userId, organizationId } = session
  return { accessToken: text, expiresIn, userId, organizationId, ...endsOf(isDue ? used : session) }
}

/** On condition that the session is still there: it would come back otherwise. */
const useWrite = ({ userId, sessionId, secretHash, expiresAtSeconds }: StoredConsoleSession): Write => ({
  label: 'console-session',
  update: keys.consoleSession(userId, sessionId),
  set: 'SET expiresAtSeconds = :end',
  condition: 'secretHash = :hash',
  values: { ':end': expiresAtSeconds, ':hash': secretHash },
})
