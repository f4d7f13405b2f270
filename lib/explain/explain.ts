import { rangesOf } from '../admission/decide-within-limit.ts'
import { credentialRefusal } from '../admission/identify.ts'
import { apiIdNamed } from '../apis/manage-apis.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { targetOf } from '../contract/endpoint.ts'
import type { Caller } from '../contract/operation.ts'
import type { DecisionStep, Identified } from '../decision/decide.ts'
import { decide } from '../decision/decide.ts'
import type { DecisionRequest, Target } from '../decision/decision-request.ts'
import type { ProvenBy, Subject } from '../decision/subject.ts'
import { accountGroupOf, rolesIn, vendorOf } from '../decision/subject.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import { reaches } from '../identity/account-group-reach.ts'
import type { CallerSnapshot, SnapshotKeys } from '../identity/caller-snapshot.ts'
import { isGuest } from '../identity/member.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { subjectOf } from '../identity/subject-of-snapshot.ts'
import { impliedApi } from '../policy/api-names.ts'
import type { StoredApi } from '../policy/stored-api.ts'
import { protectedApiOf } from '../policy/stored-api.ts'
import { hiddenFromHost } from '../refusals/kept-decision.ts'
import type { ApiId, KeyId, OrganizationId, UserId } from '../secrets/key-id.ts'
import { ownerOfKey } from '../secrets/key-id.ts'
import type { PrepareRanges } from '../whitelist/provider-ranges.ts'
import type { ExplainBody, Explanation } from './explain-endpoints.ts'

export type ExplainDependencies = {
  readonly readSnapshot: (wanted: SnapshotKeys) => Promise<CallerSnapshot>
  readonly readUserIdByUsername: (username: string) => Promise<UserId | undefined>
  /** Finds the endpoint of Postern's own API for a method and a path. */
  readonly ownEndpointAt: (
    method: string,
    path: string,
  ) => Promise<Endpoint | undefined> | Endpoint | undefined
  readonly readApi: (apiId: ApiId) => Promise<StoredApi | undefined>
  readonly prepareRanges: PrepareRanges
  readonly now: () => number
}

/**
 * Makes the decision of a request on the current data, with the same code as for real requests.
 *
 * @throws DomainError not_found if the user is not a member of the organization or not within the caller's reach; invalid_request
 */
export const explain = async (
  dependencies: ExplainDependencies,
  caller: Caller,
  asked: ExplainBody,
): Promise<Explanation> => {
  const { policy } = caller.snapshot
  const { organizationId } = policy
  const place = await placeOf(dependencies, asked, policy)
  const now = asked.time === undefined ? dependencies.now() : Date.parse(asked.time)
  const { snapshot, keyId } = await readAsked(dependencies, organizationId, asked)
  const { user, organization, membership, credential } = snapshot
  if (user === null || membership === null || organization === null) throw new DomainError('not_found')
  if (!reaches(caller.reach, membership)) throw new DomainError('not_found')

  // Without a keyId, assume a credential that works for every API that the organization sees.
  const provenBy: ProvenBy = {
    kind: credential?.credentialKind ?? 'token',
    keyId,
    sessionId: null,
    actorId: null,
    audience: null,
  }
  const subject = subjectOf(snapshot, user, organization, provenBy)
  const refusal = keyId === null ? null : credentialRefusal(credential, now)
  const identified: Identified = refusal === null ? { ok: true, subject } : { ok: false, reason: refusal }

  const { method, path, address, aid = null } = asked
  const request: DecisionRequest = { method, path, address, aid, target: place.target }
  const steps: DecisionStep[] = []
  // An explanation does not read or change the rate limit.
  const ranges = await rangesOf(dependencies.prepareRanges, subject)
  const surroundings = { ranges, withinRateLimit: () => true }
  const decision = decide(identified, request, surroundings, steps)
  return {
    allowed: decision.allow,
    reason: decision.allow ? null : decision.reason,
    steps: steps.map((step) => asExplained(step, keyId, isGuest({ user, membership }))),
    api: place.api,
    subject: summary(subject, aid),
  }
}

type Place = { readonly api: string; readonly target: Target }

/** Public endpoints that still make a decision: it is the one for endpoints that need no permission. */
const identityNeeded: readonly string[] = ['login', 'issueToken']

const placeOf = async (
  dependencies: ExplainDependencies,
  { api, method, path }: ExplainBody,
  policy: StoredAccessPolicy,
): Promise<Place> => {
  const endpoint =
    api === undefined || api === 'postern' ? await dependencies.ownEndpointAt(method, path) : undefined
  if (endpoint !== undefined) return { api: 'postern', target: targetOfOwn(endpoint) }
  if (api === 'postern') throw invalidField('path', "is not an endpoint of Postern's own API")
  const apiId = askedApi(api, policy)
  const stored = await dependencies.readApi(apiId)
  const name = policy.apis.find((seen) => seen.apiId === apiId)?.name ?? apiId
  return {
    api: name,
    target: { kind: 'protected', api: stored === undefined ? null : protectedApiOf(stored) },
  }
}

const askedApi = (api: string | undefined, policy: StoredAccessPolicy): ApiId => {
  if (api !== undefined) return apiIdNamed(api, policy)
  const implied = impliedApi(policy)
  if (implied !== undefined) return implied.apiId
  const names = policy.apis.map(({ name }) => name).join(', ')
  throw invalidField(
    'api',
    names === '' ? 'is required, and the organization has no API yet' : `must be one of ${names}, postern`,
  )
}

const targetOfOwn = (endpoint: Endpoint): Target => {
  if (endpoint.access !== 'public') return targetOf(endpoint)
  if (identityNeeded.includes(endpoint.operationId)) return { kind: 'self', endsSession: false }
  throw invalidField('path', 'is a public endpoint: no decision is made for it')
}

const readAsked = async (
  dependencies: ExplainDependencies,
  organizationId: OrganizationId,
  asked: ExplainBody,
): Promise<{ readonly snapshot: CallerSnapshot; readonly keyId: KeyId | null }> => {
  const { keyId = null } = asked
  const ofKey = keyId === null ? undefined : ownerOfKey(keyId)
  // A key id contains its organization, so keys of other organizations are never read.
  if (keyId !== null && ofKey?.organizationId !== organizationId) throw new DomainError('not_found')
  const userId =
    ofKey?.userId ?? asked.userId ?? (await dependencies.readUserIdByUsername(asked.username ?? ''))
  if (userId === undefined) throw new DomainError('not_found')
  return {
    snapshot: await dependencies.readSnapshot({
      organizationId,
      userId,
      keyId,
      sessionId: null,
      actor: null,
    }),
    keyId,
  }
}

const asExplained = (step: DecisionStep, keyId: KeyId | null, ofGuest: boolean): DecisionStep => {
  if (step.check === 'rate limit') return { ...step, saw: 'not counted for an explanation' }
  const isAssumed = step.check === 'credential' && keyId === null
  if (isAssumed) return { ...step, saw: 'assumed to be valid' }
  return ofGuest ? hiddenFromHost(step) : step
}

const summary = (subject: Subject, aid: number | null): Explanation['subject'] => {
  const accountGroup = accountGroupOf(subject, aid)
  return {
    userId: subject.userId,
    username: subject.username,
    status: subject.membership?.status === 'invited' ? 'active' : subject.userStatus,
    keyId: subject.provenBy.keyId,
    accountGroup,
    roles: rolesIn(subject, accountGroup).map((role) => role.name),
    integrationVendor: vendorOf(subject),
  }
}
