import type { Origin } from '../contract/operation.ts'
import { canonicalLogin } from '../identity/login-name.ts'
import type { SourceAttemptDependencies } from '../limits/source-attempt.ts'
import { spendSourceAttempt } from '../limits/source-attempt.ts'
import { resetPerLogin, resetPerSource } from '../limits/throttle-rule.ts'
import { resetRequestItem } from '../mail/reset-request.ts'
import type { StoredResetRequest } from '../mail/stored-reset-request.ts'

export type RequestResetDependencies = SourceAttemptDependencies & {
  readonly putRequest: (request: StoredResetRequest) => Promise<void>
}

/**
 * Stores a request for a reset. It does not look up the user, so that neither the response nor its time discloses whether the login
 * exists (R1); the mailer does that later.
 *
 * @throws DomainError too_many_requests, for the source only: a login that was requested too often gets the usual response
 */
export const requestReset = async (
  dependencies: RequestResetDependencies,
  given: { readonly login: string },
  { address, requestId }: Origin,
): Promise<void> => {
  const login = canonicalLogin(given.login) ?? given.login
  // In this order: a refused source must not use up the allowance of its victim (R8).
  await spendSourceAttempt(dependencies, resetPerSource, address)
  const requests = await dependencies.countAttempt(resetPerLogin, login)
  if (requests > resetPerLogin.attempts) return
  await dependencies.putRequest(resetRequestItem(login, { address, requestId }, dependencies.now()))
}
