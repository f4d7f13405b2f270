import type { KeptDecision } from '../contract/explain-endpoints.ts'
import { DomainError } from '../domain-error.ts'
import type { StoredDecision } from './kept-decision.ts'

export type ShowDecisionDependencies = {
  readonly readDecision: (organizationId: string, requestId: string) => Promise<StoredDecision | undefined>
  readonly now: () => number
}

/** @throws DomainError not_found, also for the requests of other organizations and when its time is over */
export const showDecision = async (
  dependencies: ShowDecisionDependencies,
  organizationId: string,
  requestId: string,
): Promise<KeptDecision> => {
  const decision = await dependencies.readDecision(organizationId, requestId)
  const isOver = decision !== undefined && decision.expiresAtSeconds <= Math.floor(dependencies.now() / 1000)
  if (decision === undefined || isOver) throw new DomainError('not_found')
  const { at, decidedBy, method, path, address, aid, reason, steps } = decision
  const { proven, userId, username, keyId } = decision
  return {
    ...{ requestId, at, decidedBy, method, path, address, aid, reason, steps },
    allowed: false,
    subject: { proven, userId, username, keyId },
  }
}
