import type { DecisionRequest } from '../decision/decision-request.ts'
import { apiIdOf } from '../decision/decision-request.ts'
import { matchesPattern } from '../decision/endpoint-pattern.ts'
import { readRequestPath } from '../decision/request-path.ts'
import type { Subject } from '../decision/subject.ts'
import { accountGroupOf, grantsIn } from '../decision/subject.ts'

/** One request of a caller whose credential held. It tells administrators what a change would break; it decides nothing. */
export type Sighting = {
  readonly organizationId: string
  readonly userId: string
  /** The key or token; `password` for sessions that a password opened; the user id of whoever acted as the user. */
  readonly credential: string
  /** Null: the event carried none. */
  readonly address: string | null
  /** What it called and was allowed to; null when it was refused, or needed no permission. */
  readonly endpoint: SeenEndpoint | null
  readonly allowed: boolean
}

/** A section of Postern, and the level that it takes. */
type Needs = { readonly section: string; readonly level: 'read' | 'write' }

export type SeenEndpoint = {
  /** `postern`, or the apiId of one behind the authorizer. */
  readonly api: string
  readonly aid: number | null
  /** The permission that a call of Postern's own API takes; null for those of others, whose sections say it. */
  readonly needs: Needs | null
  /** `GET /orders/{id}`: ids do not pile up here. */
  readonly endpoint: string
}

/** Longer ones are not kept: they say nothing to a reader. */
const longestEndpoint = 200

/** What looks like an id rather than a name: digits, or long and not only letters. */
const looksLikeId = (segment: string): boolean =>
  /^\d+$/.test(segment) || (segment.length >= 12 && /[0-9%]/.test(segment)) || segment.length > 40

/**
 * The endpoint that a request is one of: as a section lists it, else as it was granted, else its path with what looks like an id
 * replaced. Undefined for a path that no permission can name.
 */
export const endpointSeen = (
  subject: Subject,
  aid: number | null,
  { method, path, target }: Pick<DecisionRequest, 'method' | 'path' | 'target'>,
): string | undefined => {
  const read = readRequestPath(path)
  if (!read.ok) return undefined
  const api = target.kind === 'protected' ? target.api : null
  const listed = (api?.sections ?? []).flatMap(({ endpoints }) => endpoints.map(({ pattern }) => pattern))
  const granted = grantsIn(subject, aid).flatMap(({ apis }) => apis.get(api?.apiId ?? '')?.endpoints ?? [])
  const matching = [...listed, ...granted].filter((pattern) => matchesPattern(pattern, method, read.segments))
  // One that names every segment tells more than one with an open tail.
  const closest = matching.find(({ segments }) => segments.at(-1) !== '*') ?? matching[0]
  const segments =
    closest?.segments ?? read.segments.map((segment) => (looksLikeId(segment) ? '{id}' : segment))
  const endpoint = `${method} /${segments.join('/')}`
  return endpoint.length > longestEndpoint ? undefined : endpoint
}

export const sightingOf = (subject: Subject, request: DecisionRequest, allowed: boolean): Sighting => {
  const { target } = request
  const aid = accountGroupOf(subject, request.aid)
  const isManagement = target.kind === 'management'
  const needsPermission = target.kind !== 'self'
  const api = apiIdOf(request)
  const endpoint =
    allowed && needsPermission && api !== null ? endpointSeen(subject, aid, request) : undefined
  return {
    organizationId: subject.organization.organizationId,
    userId: subject.userId,
    credential: subject.actor?.userId ?? subject.provenBy.keyId ?? 'password',
    address: request.address === 'not-given' ? null : request.address,
    endpoint:
      endpoint === undefined || api === null
        ? null
        : {
            api,
            // Roles of an account group open nothing that concerns the whole organization.
            aid: isManagement && target.scope === 'organization' ? null : aid,
            needs: isManagement ? { section: target.section, level: target.level } : null,
            endpoint,
          },
    allowed,
  }
}
