import type { Decision, DecisionStep, Identified } from '../decision/decide.ts'
import type { DecisionRequest } from '../decision/decision-request.ts'
import type { Subject } from '../decision/subject.ts'
import type {
  AdmittedSnapshot,
  CallerSnapshot,
  OwnSnapshot,
  SnapshotKeys,
} from '../identity/caller-snapshot.ts'
import { admittedSnapshot } from '../identity/caller-snapshot.ts'
import type { DecidedCredential, DecidedUser } from '../identity/decided-items.ts'
import type { RateLimitStatus } from '../limits/rate-limit-status.ts'
import type { OnDenied } from '../refusals/denied-request.ts'
import type { DecisionDependencies } from './decide-within-limit.ts'
import { decideWithinLimit } from './decide-within-limit.ts'
import type { ClaimDependencies, ClaimedResult } from './identify.ts'
import { claimOf, identify } from './identify.ts'
import type { PresentedResult } from './presented.ts'
import { readAuthorization } from './presented.ts'

export type AdmitDependencies = DecisionDependencies &
  ClaimDependencies & {
    readonly readSnapshot: (wanted: SnapshotKeys) => Promise<CallerSnapshot>
    readonly now: () => number
    /** Records the last use of a credential and its user, behind the response unless that ends another credential. Must not reject. */
    readonly noteUse: (used: Used, at: string) => void | Promise<void>
    readonly onDenied?: OnDenied
  }

/** An admitted caller. */
type Admitted = {
  readonly subject: Subject
  readonly aid: number | null
  readonly snapshot: AdmittedSnapshot
}

export type Admission = {
  readonly decision: Decision
  /** Null if the request was denied. */
  readonly admitted: Admitted | null
  /** Absent if there is no active caller. */
  readonly rateLimit?: RateLimitStatus
}

/** The credential of an admitted request, and its user. */
export type Used = {
  readonly credential: DecidedCredential
  readonly user: Pick<DecidedUser, 'userId' | 'lastUsedAt'>
}

/** Last use is accurate to an hour: one write per credential and hour, and one per user. */
const lastUseSeconds = 3600

/** True if the last use must be recorded. @param now milliseconds since 1970 */
export const isUseDue = ({ lastUsedAt }: { readonly lastUsedAt: string | null }, now: number): boolean =>
  lastUsedAt === null || now - Date.parse(lastUsedAt) >= lastUseSeconds * 1000

/** What the items say was used, if the use of any of them must be recorded. @param now milliseconds since 1970 */
export const dueUse = (
  { credential, user }: Pick<OwnSnapshot, 'credential' | 'user'>,
  now: number,
): Used | null =>
  credential !== null && user !== null && (isUseDue(credential, now) || isUseDue(user, now))
    ? { credential, user }
    : null

type Recognized = { readonly identified: Identified; readonly snapshot: CallerSnapshot | null }

/** Authenticates a caller without a cache. */
export const recognize = async (
  dependencies: Omit<AdmitDependencies, keyof DecisionDependencies>,
  result: PresentedResult,
): Promise<Recognized> => {
  const claim = result.ok ? await claimOf(dependencies, result.presented) : result
  return await recognizeClaim(dependencies, claim)
}

const recognizeClaim = async (
  { readSnapshot, now }: Pick<AdmitDependencies, 'readSnapshot' | 'now'>,
  claim: ClaimedResult,
): Promise<Recognized> => {
  if (!claim.ok) return { identified: claim, snapshot: null }
  const snapshot = await readSnapshot(claim.claimed.lookUp)
  return { identified: identify(claim.claimed, snapshot, now()), snapshot }
}

/** Decides about a request to Postern's own API. Uses no cache, so that a revocation takes effect with the next request. */
export const admit = (
  dependencies: AdmitDependencies,
  authorization: string | undefined,
  request: DecisionRequest,
): Promise<Admission> => admitPresented(dependencies, readAuthorization(authorization), request)

/** The same for a credential from elsewhere, e.g. from the body of a token request. */
export const admitPresented = async (
  dependencies: AdmitDependencies,
  presented: PresentedResult,
  request: DecisionRequest,
): Promise<Admission> =>
  admitClaim(
    dependencies,
    presented.ok ? await claimOf(dependencies, presented.presented) : presented,
    request,
  )

/** The same for a claim that was proven otherwise, by the console's cookie. */
export const admitClaim = async (
  dependencies: AdmitDependencies,
  claim: ClaimedResult,
  request: DecisionRequest,
): Promise<Admission> => {
  const { identified, snapshot } = await recognizeClaim(dependencies, claim)
  const steps: DecisionStep[] = []
  const counted = await decideWithinLimit(dependencies, identified, snapshot, request, steps)
  const { decision } = counted
  if (!decision.allow) await dependencies.onDenied?.({ ...decision, request, steps, snapshot })
  const now = dependencies.now()
  const used = decision.allow && snapshot !== null ? dueUse(snapshot, now) : null
  if (used !== null) await dependencies.noteUse(used, new Date(now).toISOString())
  return { ...counted, admitted: admittedBy(decision, snapshot) }
}

const admittedBy = (decision: Decision, snapshot: CallerSnapshot | null): Admitted | null => {
  if (!decision.allow) return null
  const whole = admittedSnapshot(snapshot)
  if (whole === undefined) throw new Error('an admitted caller has no membership')
  return { subject: decision.subject, aid: decision.aid, snapshot: whole }
}
