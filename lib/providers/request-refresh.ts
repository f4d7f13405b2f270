import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { ThrottleRule } from '../limits/throttle-rule.ts'
import { providerRefreshes, retryAfterSeconds } from '../limits/throttle-rule.ts'
import { randomId } from '../secrets/secret-text.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { type Provider, providers } from '../whitelist/provider.ts'
import { refreshRequestWrite } from './refresh-request.ts'

export type RequestRefreshDependencies = Chances & {
  readonly countAttempt: (rule: ThrottleRule, subject: string) => Promise<number>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
}

/**
 * Requests a refresh; the stream triggers the refresh function. Requires the right to write whitelists: the lists are public,
 * checked before use, and the same for every organization.
 *
 * @throws DomainError too_many_requests
 */
export const requestRefresh = async (
  dependencies: RequestRefreshDependencies,
  caller: Caller,
  asked: readonly Provider[] | undefined,
  origin: Origin,
): Promise<readonly Provider[]> => {
  const wanted = providers.filter((provider) => asked === undefined || asked.includes(provider))
  const { organizationId } = caller.subject.organization
  // Limited per organization, so that none exhausts another's limit. One refresh serves all requests of one stream batch.
  if ((await dependencies.countAttempt(providerRefreshes, organizationId)) > providerRefreshes.attempts) {
    throw new DomainError('too_many_requests', {
      retryAfterSeconds: retryAfterSeconds(providerRefreshes, dependencies.now()),
      detail: 'The lists were refreshed often enough of late.',
    })
  }
  const outcome = await dependencies.write([
    refreshRequestWrite(randomId(16, dependencies.randomBytes), wanted, dependencies.now()),
    rowOf(caller, origin, occasionOf(dependencies, caller.snapshot.organization), {
      action: 'providers.refresh-requested',
      changes: [{ field: 'providers', before: null, after: wanted }],
    }),
  ])
  if (!outcome.committed) throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
  return wanted
}
