import type { DecisionRequest } from '../decision/decision-request.ts'
import { apiIdOf } from '../decision/decision-request.ts'
import { grantedIn, listedIn } from '../decision/permission.ts'
import { readRequestPath } from '../decision/request-path.ts'
import type { Subject } from '../decision/subject.ts'
import { accountGroupOf, grantsIn } from '../decision/subject.ts'
import type { KeyId, OrganizationId, UserId } from '../secrets/key-id.ts'

/** One request with a valid credential. Sightings show administrators what a change would break; decisions do not use them. */
export type Sighting = {
  readonly organizationId: OrganizationId
  readonly userId: UserId
  /** The key id; `password` for sessions that a password opened; the user id of the acting user. */
  readonly credential: KeyId | UserId | 'password'
  /** Null if the event has none. */
  readonly address: string | null
  /** The allowed endpoint; null if the request was refused or needed no permission. */
  readonly endpoint: SeenEndpoint | null
  readonly allowed: boolean
}

/** A section of Postern and the needed level. */
type Needs = { readonly section: string; readonly level: 'read' | 'write' }

export type SeenEndpoint = {
  /** `postern`, or the apiId of a protected API. */
  readonly api: string
  readonly aid: number | null
  /** The permission for a call of Postern's own API; null for protected APIs, whose sections define it. */
  readonly needs: Needs | null
  /** Without ids: `GET /orders/{id}`. */
  readonly endpoint: string
}

/** Longer endpoints are not recorded. */
const longestEndpoint = 200

/** True for digits only, for long segments with digits, and for very long segments. */
const looksLikeId = (segment: string): boolean =>
  /^\d+$/.test(segment) || (segment.length >= 12 && /[0-9%]/.test(segment)) || segment.length > 40

/**
 * The endpoint of a request: the pattern of a section that lists it, else the granted pattern, else its path with ids replaced.
 * Undefined for a path that no permission can match, and for a denied request that no pattern matches: callers choose such paths.
 */
export const endpointSeen = (
  subject: Subject,
  aid: number | null,
  { method, path, target }: Pick<DecisionRequest, 'method' | 'path' | 'target'>,
  allowed = true,
): string | undefined => {
  const read = readRequestPath(path)
  if (!read.ok) return undefined
  const api = target.kind === 'protected' ? target.api : null
  const matching =
    api === null
      ? []
      : [
          ...listedIn(api, method, read.segments).map(({ pattern }) => pattern),
          ...grantsIn(subject, aid).flatMap((held) => grantedIn(held, api.apiId, method, read.segments)),
        ]
  // A pattern without a last `*` is more specific.
  const closest = matching.find(({ segments }) => segments.at(-1) !== '*') ?? matching[0]
  if (closest === undefined && !allowed) return undefined
  const segments =
    closest?.segments ?? read.segments.map((segment) => (looksLikeId(segment) ? '{id}' : segment))
  const endpoint = `${method} /${segments.join('/')}`
  return endpoint.length > longestEndpoint ? undefined : endpoint
}

/** Sessions count for the credential that opened them. */
export const credentialOf = ({ actor, provenBy }: Subject): KeyId | UserId | 'password' =>
  actor?.userId ?? provenBy.keyId ?? 'password'

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
    credential: credentialOf(subject),
    address: request.address === 'not-given' ? null : request.address,
    endpoint:
      endpoint === undefined || api === null
        ? null
        : {
            api,
            // Roles in an account group do not count for endpoints with scope `organization`.
            aid: isManagement && target.scope === 'organization' ? null : aid,
            needs: isManagement ? { section: target.section, level: target.level } : null,
            endpoint,
          },
    allowed,
  }
}
