import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import { challengePasskeys } from '../factors/change-factors.ts'
import type { Enrolling, EnrollmentConfirmation } from '../factors/enroll-factor.ts'
import { beginEnrollment, confirmEnrollment } from '../factors/enroll-factor.ts'
import type { FactorKind } from '../factors/stored-factors.ts'
import { factorUse } from '../factors/verify-code.ts'
import type { PresentedFactor } from '../factors/verify-factor.ts'
import { logoutWrite } from '../sessions/log-out.ts'
import type { AttemptDependencies } from '../sessions/login-attempt.ts'
import { findWithinCounts } from '../sessions/login-attempt.ts'
import { successWrites } from '../sessions/login-standing.ts'
import { loginWrites, rowOfFactor } from '../sessions/login-writes.ts'
import type { SecondStepDependencies } from '../sessions/second-step.ts'
import { secondFactorWrong, takeSecondStep } from '../sessions/second-step.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import type { AdmitCookieDependencies } from './admit-cookie.ts'
import { admitCookie } from './admit-cookie.ts'
import type { Browser, OpenDependencies } from './console-session.ts'
import { endsOf, openConsoleSession } from './console-session.ts'
import type { SessionState, StoredConsoleSession } from './stored-console-session.ts'

type EnrollDependencies = Parameters<typeof beginEnrollment>[0]

export type SecondFactorDependencies = AdmitCookieDependencies &
  OpenDependencies &
  AttemptDependencies &
  SecondStepDependencies &
  EnrollDependencies

export type Asking = {
  readonly cookies: readonly string[]
  readonly userAgent: string
  readonly path: string
  readonly origin: Origin
}

const waiting = (
  dependencies: SecondFactorDependencies,
  { cookies, path, origin }: Asking,
  state: SessionState,
) => admitCookie(dependencies, { cookies, method: 'POST', path }, [state], origin)

/**
 * The second step of a sign-in, under the limits of wrong passwords. The session that waited ends, and one with a new id and a new secret
 * takes its place.
 *
 * @throws DomainError invalid_credentials, second_factor_required, too_many_requests, temporarily_unavailable
 */
export const completeSecondFactor = async (
  dependencies: SecondFactorDependencies,
  presented: PresentedFactor,
  asking: Asking,
) => {
  const { session, caller } = await waiting(dependencies, asking, 'second-factor')
  const name = caller.snapshot.user.canonicalUsername
  const { organizationId } = session
  const { account, standing, attempt } = await findWithinCounts(
    dependencies,
    { canonicalUsername: name, name, organizationId },
    asking.origin,
  )
  // Somebody else may have got the name since the caller was read.
  if (account?.user.userId !== session.userId) throw new DomainError('invalid_credentials')
  const uses = await takeSecondStep(dependencies, { account, standing, attempt }, presented)
  // None if the last factor was removed while the session waited.
  const tookFactor = uses.length > 0
  const { cookie, answer, writes } = signedIn(dependencies, caller, session, asking, tookFactor)
  const outcome = await dependencies.write([...uses, ...writes, ...successWrites(standing, attempt.at)])
  if (outcome.committed) return { cookie, answer }
  throw outcome.failed === factorUse ? secondFactorWrong() : new DomainError('invalid_credentials')
}

/** @throws DomainError invalid_credentials, not_found without a passkey */
export const challengeAtSignIn = async (dependencies: SecondFactorDependencies, asking: Asking) => {
  const { session } = await waiting(dependencies, asking, 'second-factor')
  return await challengePasskeys(dependencies, session.userId)
}

/** For a user who must have a second factor and has none. @throws DomainError invalid_credentials */
export const beginAtSignIn = async (
  dependencies: SecondFactorDependencies,
  kind: FactorKind,
  asking: Asking,
) => {
  const { caller } = await waiting(dependencies, asking, 'enroll-second-factor')
  const enrolling = enrollingAtSignIn(caller, asking.origin)
  return await beginEnrollment(dependencies, enrolling, kind, { hadFactor: false })
}

/**
 * Adds the first second factor of a user who must have one, and signs the user in. A user who got one in the meantime, in another session,
 * needs that one: the password alone adds no second.
 *
 * @throws DomainError invalid_credentials, not_found, second_factor_wrong, temporarily_unavailable
 */
export const confirmAtSignIn = async (
  dependencies: SecondFactorDependencies,
  confirmation: EnrollmentConfirmation,
  asking: Asking,
) => {
  const { session, caller } = await waiting(dependencies, asking, 'enroll-second-factor')
  const { cookie, answer, writes } = signedIn(dependencies, caller, session, asking, true)
  const enrolling = enrollingAtSignIn(caller, asking.origin)
  const enrolled = await confirmEnrollment(dependencies, enrolling, confirmation, writes)
  return { cookie, answer: { ...answer, ...enrolled } }
}

const enrollingAtSignIn = ({ snapshot }: Caller, origin: Origin): Enrolling => ({
  user: snapshot.user,
  organization: snapshot.organization,
  row: (deed, occasion) => rowOfFactor(snapshot, origin, occasion, deed),
  origin,
  requireFitting: (_, known) => {
    if (known.length > 0) throw new DomainError('invalid_credentials')
  },
})

/** A session in place of the one that waited, with all that a success writes. */
const signedIn = (
  dependencies: SecondFactorDependencies,
  { snapshot }: Caller,
  { userId, sessionId, secretHash }: StoredConsoleSession,
  { userAgent, origin }: Asking,
  tookFactor: boolean,
) => {
  const from: Browser = { address: origin.address, userAgent }
  const { session, cookie, write } = openConsoleSession(dependencies, snapshot, 'signed-in', from, {
    sessionId,
    tookFactor,
  })
  const ended: Write = {
    label: 'console-session',
    delete: keys.consoleSession(userId, sessionId),
    condition: 'secretHash = :hash',
    values: { ':hash': secretHash },
  }
  const replaced = { secretHash, by: session.sessionId }
  const occasion = occasionOf(dependencies, snapshot.organization)
  const login = loginWrites(snapshot, session.sessionId, null, occasion, origin, 'login.succeeded')
  return {
    cookie,
    answer: { state: 'signed-in' as const, ...endsOf(session) },
    // A sign-out by the cookie that waited ends this session, also at the same moment.
    writes: [ended, logoutWrite(userId, sessionId, occasion.at, replaced), write, ...login],
  }
}
