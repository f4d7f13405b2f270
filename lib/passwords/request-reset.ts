import type { Origin } from '../contract/operation.ts'
import { canonicalLogin } from '../identity/login-name.ts'
import type { SourceAttemptDependencies } from '../limits/source-attempt.ts'
import { spendSourceAttempt } from '../limits/source-attempt.ts'
import { resetPerLogin, resetPerSource } from '../limits/throttle-rule.ts'
import { resetRequestItem } from './reset-request.ts'
import type { StoredResetRequest } from './stored-reset-request.ts'

export type RequestResetDependencies = SourceAttemptDependencies & {
  readonly putRequest: (request: StoredResetRequest) => Promise<void>
}

/**
 * Notes that somebody asks for a reset. It looks nobody up, so that neither its answer nor its time can tell whether the login
 * exists (R1); the mailer does, out of the caller's sight.
 *
 * @throws DomainError too_many_requests, for the source only: a login that is asked for too often gets the usual answer
 */
export const requestReset = async (
  dependencies: RequestResetDependencies,
  given: { readonly login: string },
  { address, requestId }: Origin,
): Promise<void> => {
  const login = canonicalLogin(given.login) ?? given.login
  // One after the other: what a source may not ask any more must not use up what its victim may (R8).
  await spendSourceAttempt(dependencies, resetPerSource, address)
  const requests = await dependencies.countAttempt(resetPerLogin, login)
  if (requests > resetPerLogin.attempts) return
  await dependencies.putRequest(resetRequestItem(login, { address, requestId }, dependencies.now()))
}
