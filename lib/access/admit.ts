import { isUseDue } from '../credentials/last-use.ts'
import type { StoredCredential } from '../credentials/stored-credential.ts'
import type { WhitelistRanges } from '../whitelist/match.ts'
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
  readonly ranges: WhitelistRanges
  readonly withinRateLimit: () => boolean
  readonly now: () => number
  /** Notes the last use of a credential; whether that succeeds must not decide anything. */
  readonly noteUse: (credential: StoredCredential, at: string) => Promise<void>
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
  const decision = decide(identified, request, dependencies)
  const { credential } = snapshot
  if (decision.allow && credential !== null && isUseDue(credential, dependencies.now())) {
    await dependencies.noteUse(credential, new Date(dependencies.now()).toISOString())
  }
  return { decision, snapshot }
}
