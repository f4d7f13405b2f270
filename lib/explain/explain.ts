import type { CallerSnapshot, SnapshotKeys } from '../access/caller-snapshot.ts'
import type { DecisionRequest, DecisionStep, Identified } from '../access/decide.ts'
import { decide } from '../access/decide.ts'
import { credentialRefusal } from '../access/identify.ts'
import type { Section } from '../access/section.ts'
import type { ProvenBy, Subject } from '../access/subject.ts'
import { accountGroupOf, rolesIn } from '../access/subject.ts'
import { subjectOf } from '../access/subject-of-snapshot.ts'
import type { ExplainBody, Explanation } from '../contract/explain-endpoints.ts'
import { ownEndpointAt } from '../contract/own-endpoint.ts'
import { ownerOfKey } from '../credentials/key-id.ts'
import { DomainError, invalidField } from '../domain-error.ts'
import { isGuest } from '../users/member.ts'
import { rangesFor } from '../whitelist/prepared-ranges.ts'
import type { PrepareRanges } from '../whitelist/provider-ranges.ts'
import { hiddenFromHost } from './hidden-from-host.ts'

export type ExplainDependencies = {
  readonly readSnapshot: (wanted: SnapshotKeys) => Promise<CallerSnapshot>
  readonly readUserIdByUsername: (username: string) => Promise<string | undefined>
  readonly managementSections: readonly Section[]
  readonly prepareRanges: PrepareRanges
  readonly now: () => number
}

/**
 * The decision that a request would meet, by the rules that real requests meet, on what is stored now.
 *
 * @throws DomainError not_found for whoever is no member of the organization; invalid_request
 */
export const explain = async (
  dependencies: ExplainDependencies,
  organizationId: string,
  asked: ExplainBody,
): Promise<Explanation> => {
  const place = placeOf(asked)
  const now = asked.time === undefined ? dependencies.now() : Date.parse(asked.time)
  const { snapshot, keyId } = await readAsked(dependencies, organizationId, asked)
  const { user, organization, membership, credential } = snapshot
  if (user === null || membership === null || organization === null) throw new DomainError('not_found')

  const provenBy: ProvenBy = {
    kind: credential?.credentialKind ?? 'session',
    keyId,
    sessionId: null,
    actorId: null,
  }
  // The authorizer knows nothing of Postern's own sections: what it protects are the APIs of others.
  const sections = place.api === 'postern' ? dependencies.managementSections : []
  const subject = subjectOf(snapshot, user, organization, provenBy, sections)
  const refusal = keyId === null ? null : credentialRefusal(credential, now)
  const identified: Identified = refusal === null ? { ok: true, subject } : { ok: false, reason: refusal }

  const { method, path, address, aid = null } = asked
  const request: DecisionRequest = { method, path, address, aid, needs: place.needs }
  const steps: DecisionStep[] = []
  // Nobody's allowance is used up by an explanation, nor is it looked at.
  const ranges = await rangesFor(dependencies.prepareRanges, subject.whitelist)
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

type Place = { readonly api: 'protected' | 'postern'; readonly needs: DecisionRequest['needs'] }

/** Where no credential is asked for, a login and a token request are still decided on, as for a caller acting on itself. */
const identityNeeded: readonly string[] = ['login', 'issueToken']

const placeOf = ({ api, method, path }: ExplainBody): Place => {
  const endpoint = api === 'protected' ? undefined : ownEndpointAt(method, path)
  if (endpoint === undefined) return { api: api ?? 'protected', needs: 'endpoint' }
  if (endpoint.access === 'public' && !identityNeeded.includes(endpoint.operationId)) {
    throw invalidField('path', 'is open to everybody: no decision is made there')
  }
  return { api: 'postern', needs: typeof endpoint.access === 'object' ? 'endpoint' : 'identity' }
}

const readAsked = async (
  dependencies: ExplainDependencies,
  organizationId: string,
  asked: ExplainBody,
): Promise<{ readonly snapshot: CallerSnapshot; readonly keyId: string | null }> => {
  const { keyId = null } = asked
  const ofKey = keyId === null ? undefined : ownerOfKey(keyId)
  // The key id names its organization; another one's is not looked at.
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

const asExplained = (step: DecisionStep, keyId: string | null, ofGuest: boolean): DecisionStep => {
  if (step.check === 'rate limit') return { ...step, saw: 'not counted for an explanation' }
  const isAssumed = step.check === 'credential' && keyId === null
  if (isAssumed) return { ...step, saw: 'a live credential is assumed' }
  return ofGuest ? hiddenFromHost(step) : step
}

const summary = (subject: Subject, aid: number | null): Explanation['subject'] => {
  const accountGroup = accountGroupOf(subject, aid)
  return {
    userId: subject.userId,
    username: subject.username,
    status: subject.userStatus,
    keyId: subject.provenBy.keyId,
    accountGroup,
    roles: rolesIn(subject, accountGroup).map((role) => role.name),
    integrationVendor: subject.membership?.integrationVendor ?? null,
  }
}
