import type { FindRanges } from '../whitelist/match.ts'
import type { CallerSnapshot, SnapshotKeys } from './caller-snapshot.ts'
import type { Decision, DecisionRequest } from './decide.ts'
import { decide } from './decide.ts'
import type { SessionVerdict } from './identify.ts'
import { identify, readClaim } from './identify.ts'
import type { Section } from './section.ts'

export type AdmitDependencies = {
  readonly readSnapshot: (wanted: SnapshotKeys) => Promise<CallerSnapshot>
  readonly verifySession: (text: string) => Promise<SessionVerdict>
  readonly managementSections: readonly Section[]
  readonly findRanges: FindRanges
  readonly withinRateLimit: () => boolean
  readonly now: () => number
}

export type Admission = { readonly decision: Decision; readonly snapshot: CallerSnapshot | null }

/** The decision for a request to Postern's own API: always on fresh data, so a revocation holds from the next request on. */
export const admit = async (
  dependencies: AdmitDependencies,
  authorization: string | undefined,
  request: DecisionRequest,
): Promise<Admission> => {
  const claim = await readClaim(authorization, dependencies.verifySession)
  if (!claim.ok) return { decision: { allow: false, reason: claim.reason, subject: null }, snapshot: null }
  const snapshot = await dependencies.readSnapshot(claim.claimed.lookUp)
  const identified = identify(claim.claimed, snapshot, dependencies.now(), dependencies.managementSections)
  return { decision: decide(identified, request, dependencies), snapshot }
}
