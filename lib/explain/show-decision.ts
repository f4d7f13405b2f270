import type { Caller } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import { reaches } from '../identity/account-group-reach.ts'
import type { Member } from '../identity/member.ts'
import type { StoredDecision } from '../refusals/kept-decision.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { KeptDecision } from './explain-endpoints.ts'

export type ShowDecisionDependencies = {
  readonly readDecision: (
    organizationId: OrganizationId,
    requestId: string,
  ) => Promise<StoredDecision | undefined>
  readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
  readonly now: () => number
}

/** @throws DomainError not_found, also for requests of other organizations and for expired denials */
export const showDecision = async (
  dependencies: ShowDecisionDependencies,
  caller: Caller,
  requestId: string,
): Promise<KeptDecision> => {
  const { organizationId } = caller.subject.organization
  const decision = await dependencies.readDecision(organizationId, requestId)
  const isOver = decision !== undefined && decision.expiresAtSeconds <= Math.floor(dependencies.now() / 1000)
  if (decision === undefined || isOver) throw new DomainError('not_found')
  if (!(await isReached(dependencies, caller, decision.userId))) throw new DomainError('not_found')
  return decisionView(decision)
}

export const decisionView = (decision: StoredDecision): KeptDecision => {
  const { requestId, at, decidedBy, apiId, method, path, address, aid, reason, steps } = decision
  const { proven, userId, username, keyId, actingUserId } = decision
  return {
    ...{ requestId, at, decidedBy, apiId, method, path, address, aid, reason, steps },
    allowed: false,
    subject: { proven, userId, username, keyId, actingUserId },
  }
}

/** Callers who manage only some account groups reach the denials of those groups' users. */
export const isReached = async (
  { readMember }: Pick<ShowDecisionDependencies, 'readMember'>,
  { reach, subject }: Caller,
  userId: UserId | null,
): Promise<boolean> => {
  if (reach === 'organization') return true
  const member = userId === null ? undefined : await readMember(userId, subject.organization.organizationId)
  return member !== undefined && reaches(reach, member.membership)
}
