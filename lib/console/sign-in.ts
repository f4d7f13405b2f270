import type { Origin } from '../contract/operation.ts'
import type { Account } from '../sessions/account.ts'
import type { Entrance, PasswordGiven, ProvePasswordDependencies } from '../sessions/prove-password.ts'
import { noteLogin, provePassword } from '../sessions/prove-password.ts'
import { endsOf, openConsoleSession } from './console-session.ts'
import type { SignOutDependencies } from './sign-out.ts'
import { signOut } from './sign-out.ts'
import type { SessionState } from './stored-console-session.ts'

export type SignInDependencies = ProvePasswordDependencies &
  SignOutDependencies & {
    /** What the user has to show besides the password; `enroll`: it must set a second factor up first. */
    readonly secondFactorOf: (account: Account) => Promise<SecondFactor>
  }

type SecondFactor = 'none' | 'required' | 'enroll'

const stateAfter: Readonly<Record<SecondFactor, SessionState>> = {
  none: 'signed-in',
  required: 'second-factor',
  enroll: 'enroll-second-factor',
}

export const consoleEntrance: Entrance = {
  path: '/v1/console/session',
  isOpenTo: ({ user }) => user.accessLevel === 'dashboard',
  refusal:
    'The username or the password is wrong, or this user may only call APIs and cannot sign in to the console.',
}

/**
 * Opens a session of the console for username and password, and ends the one that the browser had. The id and the secret are new, so a
 * cookie that somebody planted is worth nothing afterwards.
 *
 * @throws DomainError invalid_credentials, too_many_requests, invalid_request, temporarily_unavailable
 */
export const signIn = async (
  dependencies: SignInDependencies,
  given: PasswordGiven,
  browser: { readonly cookies: readonly string[]; readonly userAgent: string },
  origin: Origin,
) => {
  const proven = await provePassword(dependencies, consoleEntrance, given, origin)
  const state = stateAfter[await dependencies.secondFactorOf(proven.account)]
  await signOut(dependencies, browser.cookies, origin)
  const from = { address: origin.address, userAgent: browser.userAgent }
  const { session, cookie, write } = openConsoleSession(dependencies, proven.account, state, from)
  const action = state === 'signed-in' ? 'login.succeeded' : 'login.second-factor-asked'
  await noteLogin(dependencies, proven, session.sessionId, action, [write])
  return { cookie, answer: { state, ...endsOf(session) } }
}
