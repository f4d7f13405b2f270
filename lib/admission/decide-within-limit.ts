import type { Decision, DecisionStep, Identified } from '../decision/decide.ts'
import { decide, standingOf } from '../decision/decide.ts'
import type { DecisionRequest, Target } from '../decision/decision-request.ts'
import type { Subject } from '../decision/subject.ts'
import type { DecidedSnapshot } from '../identity/caller-snapshot.ts'
import type { RateLimitStatus } from '../limits/rate-limit-status.ts'
import type { Allowance, AllowanceClass, PrepareRateLimit, Wanted } from '../limits/rate-limiter.ts'
import { uncounted } from '../limits/rate-limiter.ts'
import type { NoteSighting } from '../sightings/note-sightings.ts'
import type { NoteUsage } from '../usage/count-usage.ts'
import type { WhitelistRanges } from '../whitelist/match.ts'
import { noProviderRanges } from '../whitelist/match.ts'
import type { PrepareRanges } from '../whitelist/provider-ranges.ts'
import type { CountUsage } from './usage.ts'
import { usageOf } from './usage.ts'

export type DecisionDependencies = {
  readonly prepareRanges: PrepareRanges
  readonly prepareRateLimit: PrepareRateLimit
  /** Called for every request with a valid credential. */
  readonly noteSighting?: NoteSighting
  readonly countUsage?: CountUsage
  readonly noteUsage?: NoteUsage
}

export type CountedDecision = {
  readonly decision: Decision
  /** Absent for inactive callers: a response must not disclose that a revoked credential was correct. */
  readonly rateLimit?: RateLimitStatus
}

/**
 * Loads the provider ranges, decides, and counts an allowed request at the rate limit.
 *
 * @param steps receives the checks of a denied request.
 */
export const decideWithinLimit = async (
  dependencies: DecisionDependencies,
  identified: Identified,
  snapshot: DecidedSnapshot | null,
  request: DecisionRequest,
  steps: DecisionStep[],
): Promise<CountedDecision> => {
  const isLive = identified.ok && standingOf(identified.subject) === null
  // Before the reservation, so that a fault here leaves none behind.
  const ranges: WhitelistRanges = isLive
    ? await rangesOf(dependencies.prepareRanges, identified.subject)
    : noProviderRanges
  // First without the limit, so that requests refused for other reasons lease no tokens.
  const decided = decide(identified, request, { ranges, withinRateLimit: () => true })
  const isCounted = request.uncounted !== true
  const wanted = decided.allow && isCounted ? 'allowance' : 'status'
  const allowance = await allowanceFor(dependencies.prepareRateLimit, identified, snapshot, request, wanted)
  const withinRateLimit = () => wanted === 'status' || allowance.take()
  // Only a denial needs its steps.
  const decision =
    decided.allow && withinRateLimit()
      ? decided
      : decide(identified, request, { ranges, withinRateLimit: () => false }, steps)
  allowance.release()
  const usage = usageOf(decision)
  if (usage !== null) dependencies.countUsage?.(usage)
  dependencies.noteUsage?.(decision, request)
  if (identified.ok) dependencies.noteSighting?.(identified.subject, request, decision.allow)
  const rateLimit = allowance.status()
  return rateLimit === undefined ? { decision } : { decision, rateLimit }
}

/** The ranges for the whitelists of the user and of the acting user. */
export const rangesOf = (
  prepareRanges: PrepareRanges,
  { whitelist, actor }: Subject,
): Promise<WhitelistRanges> => {
  const words = [...whitelist.providers, ...(actor?.whitelist.providers ?? [])]
  return words.length === 0 ? Promise.resolve(noProviderRanges) : prepareRanges(words)
}

const classOf = ({ kind }: Target): AllowanceClass => (kind === 'disagreeing' ? 'protected' : kind)

const allowanceFor = async (
  prepareRateLimit: PrepareRateLimit,
  identified: Identified,
  snapshot: DecidedSnapshot | null,
  request: DecisionRequest,
  wanted: Wanted,
): Promise<Allowance> => {
  const isLive = identified.ok && standingOf(identified.subject) === null
  const organization = snapshot?.organization
  if (!isLive || organization == null) return uncounted
  const { userId } = identified.subject
  const allowanceClass = request.countsAs ?? classOf(request.target)
  const { organizationId, rateLimitPerMinute, protectedApiRateLimitPerMinute } = organization
  return prepareRateLimit(
    { organizationId, userId },
    {
      organizationPerMinute:
        allowanceClass === 'protected' ? protectedApiRateLimitPerMinute : rateLimitPerMinute,
      userPerMinute: snapshot?.membership?.rateLimitPerMinute ?? null,
    },
    allowanceClass,
    wanted,
  )
}
