import type { Caller } from '../contract/operation.ts'
import type { StoredDecision } from '../refusals/kept-decision.ts'
import { everyDecision, keptDecisionSeconds } from '../refusals/kept-decision.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import type { ReadTimeline, TimelineTerm } from '../table/timeline.ts'
import { collectTimeline, timelineSpan } from '../table/timeline.ts'
import type { DecisionListQuery, KeptDecision } from './explain-endpoints.ts'
import type { ShowDecisionDependencies } from './show-decision.ts'
import { decisionView, isReached } from './show-decision.ts'

export type ListDecisionsDependencies = Pick<ShowDecisionDependencies, 'readMember' | 'now'> & {
  readonly readTimeline: ReadTimeline
  readonly readDecisions: (keys: readonly Key[]) => Promise<readonly (StoredDecision | undefined)[]>
}

export type DecisionPage = { readonly decisions: KeptDecision[]; readonly nextCursor: string | null }

const defaultLimit = 50
const bounds = { length: 1_000_000, rowsPerRead: 100, reads: 10 }

/**
 * Kept denials, newest first. Callers who manage only some account groups see denials of those groups' users, and none of unknown
 * callers.
 *
 * @throws DomainError invalid_request
 */
export const listDecisions = async (
  dependencies: ListDecisionsDependencies,
  caller: Caller,
  query: DecisionListQuery,
): Promise<DecisionPage> => {
  const { organizationId } = caller.subject.organization
  // A page with a cursor would tell that the user exists.
  if (query.userId !== undefined && !(await isReached(dependencies, caller, query.userId)))
    return { decisions: [], nextCursor: null }
  const now = dependencies.now()
  const span = timelineSpan(query, now - keptDecisionSeconds * 1000, now)
  const reached = new Map<string | null, Promise<boolean>>()
  const reaches = (userId: UserId | null): Promise<boolean> => {
    const known = reached.get(userId) ?? isReached(dependencies, caller, userId)
    reached.set(userId, known)
    return known
  }
  const terms = termsOf(organizationId, query)
  const { rows, next } = await collectTimeline(
    (...part) => dependencies.readTimeline(terms, ...part),
    dependencies.readDecisions,
    async ({ expiresAtSeconds, userId, proven }) =>
      expiresAtSeconds > Math.floor(now / 1000) &&
      (query.proven === undefined || query.proven === String(proven)) &&
      (await reaches(userId)),
    span,
    { ...bounds, rows: query.limit ?? defaultLimit },
  )
  return {
    decisions: rows.map(decisionView),
    nextCursor: next,
  }
}

/** Ordered by selectivity: the term that usually matches the fewest rows first. */
const termsOf = (
  organizationId: OrganizationId,
  { userId, reason, apiId }: DecisionListQuery,
): readonly [TimelineTerm, ...TimelineTerm[]] => {
  const term = (value: string | undefined, ...names: TimelineTerm['names']): TimelineTerm[] =>
    value === undefined ? [] : [{ names, partitions: [keys.decisionTimeline(organizationId, value)] }]
  const [first, ...others] = [
    ...term(userId, 'byActor', 'byActing'),
    ...term(reason, 'byAction'),
    ...term(apiId, 'byTarget'),
  ]
  return first === undefined
    ? [{ names: ['byTime'], partitions: [keys.decisionTimeline(organizationId, everyDecision)] }]
    : [first, ...others]
}
