import type { ReadTargetApi } from '../apis/target-api.ts'
import type { Origin } from '../contract/operation.ts'
import { invalidField } from '../effects/domain-error.ts'
import { epochOf } from '../identity/member.ts'
import type { KeyId, OrganizationId, SessionId, UserId } from '../secrets/key-id.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import type { Entrance, PasswordGiven, ProvePasswordDependencies } from './prove-password.ts'
import { noteLogin, provePassword } from './prove-password.ts'
import type { SecondStepDependencies } from './second-step.ts'
import { takeSecondStep } from './second-step.ts'

export type SessionRequest = {
  readonly userId: UserId
  readonly organizationId: OrganizationId
  readonly accountGroup: number | null
  readonly epoch: string
  /** The audience of a protected API; null for the issuer's own. */
  readonly audience: string | null
  readonly keyId: KeyId | null
  readonly lifetimeSeconds: number
  /** Default: a new one. */
  readonly sessionId?: SessionId | undefined
}

/** A session token, and its id in audit rows and logouts. */
export type IssuedSession = { readonly text: string; readonly sessionId: SessionId }

export type LogInDependencies = ProvePasswordDependencies &
  SecondStepDependencies & {
    readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
    readonly issueSession: (request: SessionRequest) => Promise<IssuedSession>
    readonly readTargetApi: ReadTargetApi
  }

export type LoggedIn = {
  readonly accessToken: string
  readonly tokenType: 'Bearer'
  readonly expiresIn: number
}

const apiLogin: Entrance = {
  path: '/v1/auth/login',
  isOpenTo: () => true,
  refusal: 'The username or the password is wrong.',
}

/**
 * Opens a session for username and password, and a second factor if the user has one or must have one.
 *
 * @throws DomainError invalid_credentials, second_factor_required, too_many_requests, invalid_request, temporarily_unavailable
 */
export const logIn = async (
  dependencies: LogInDependencies,
  given: PasswordGiven & {
    /** The audience of the API that the session is for. */
    readonly audience?: string | undefined
    /** Of an authenticator app, or a recovery code. */
    readonly code?: string | undefined
  },
  origin: Origin,
): Promise<LoggedIn> => {
  const proven = await provePassword(dependencies, apiLogin, given, origin)
  const { account } = proven
  const uses = await takeSecondStep(dependencies, proven, { code: given.code })
  const { organization, user } = account
  const target = await dependencies.readTargetApi(given.audience ?? null, organization.organizationId)
  // After both were verified, so it discloses nothing.
  if (!target.ok) throw invalidField('audience', 'is not the audience of an API that your organization sees')
  const { text, sessionId } = await dependencies.issueSession({
    userId: user.userId,
    organizationId: organization.organizationId,
    accountGroup: account.membership.loginAccountGroup,
    epoch: epochOf(account),
    audience: target.audience,
    keyId: null,
    lifetimeSeconds: organization.sessionLifetimeSeconds,
  })
  await noteLogin(dependencies, proven, sessionId, 'login.succeeded', uses)
  return { accessToken: text, tokenType: 'Bearer', expiresIn: organization.sessionLifetimeSeconds }
}
