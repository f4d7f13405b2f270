import { oncePer } from '../effects/once-per.ts'
import type { ApiId, OrganizationId } from '../secrets/key-id.ts'
import { indexEndpoints } from './endpoint-index.ts'
import type { EndpointPattern } from './endpoint-pattern.ts'
import { formatEndpointPattern } from './endpoint-pattern.ts'
import type { Grants, SectionGrants } from './grants.ts'
import { holdsSection, opensEverywhere } from './grants.ts'
import type { ProtectedApi } from './protected-api.ts'
import { visibilityOf } from './protected-api.ts'
import type { PermissionLevel, Section } from './section.ts'

export type PermissionVerdict =
  | { readonly allowed: true; readonly by: string }
  | {
      readonly allowed: false
      readonly reason: 'api_unknown' | 'share_exceeded' | 'permission_not_granted'
      readonly by: string
    }

/** An endpoint of a section. */
type Listed = {
  readonly section: string
  readonly dashboard: boolean
  readonly level: PermissionLevel
  readonly pattern: EndpointPattern
}

/**
 * Decides whether a member of the organization with the grants `held` may call an endpoint of the API. The permissions are the union of
 * the grants, limited to what the API's owner shares with the organization.
 *
 * @param segments the path within the API, from `readRequestPath`.
 */
export const permits = (
  held: readonly Grants[],
  api: ProtectedApi,
  organizationId: OrganizationId,
  method: string,
  segments: readonly string[],
): PermissionVerdict => {
  const visibility = visibilityOf(api, organizationId)
  if (visibility === null) {
    return { allowed: false, reason: 'api_unknown', by: `the organization does not see the API ${api.name}` }
  }
  const listed = listedIn(api, method, segments)
  if (visibility !== 'owner' && !sharesAny(visibility, listed)) {
    return {
      allowed: false,
      reason: 'share_exceeded',
      by: `the owner of ${api.name} does not share this endpoint`,
    }
  }
  const by = grantFor(held, api.apiId, listed, method, segments)
  if (by !== null) return { allowed: true, by }
  return {
    allowed: false,
    reason: 'permission_not_granted',
    by: `no role or permission covers this endpoint`,
  }
}

const indexOfSections = oncePer((sections: readonly Section[]) =>
  indexEndpoints<Listed>(
    sections.flatMap(({ name, endpoints, dashboard = false }) =>
      endpoints.map((endpoint) => ({ section: name, dashboard, ...endpoint })),
    ),
    ({ pattern }) => pattern,
  ),
)

const indexOfPatterns = oncePer((patterns: readonly EndpointPattern[]) =>
  indexEndpoints(patterns, (pattern) => pattern),
)

/** All section entries that match an endpoint of the API. */
export const listedIn = (
  { sections }: Pick<ProtectedApi, 'sections'>,
  method: string,
  segments: readonly string[],
): readonly Listed[] => indexOfSections(sections)(method, segments)

/** The granted patterns of the API that match an endpoint. */
export const grantedIn = (
  { apis }: Grants,
  apiId: ApiId,
  method: string,
  segments: readonly string[],
): readonly EndpointPattern[] => {
  const endpoints = apis.get(apiId)?.endpoints ?? []
  return endpoints.length === 0 ? [] : indexOfPatterns(endpoints)(method, segments)
}

const sharesAny = (entitlement: SectionGrants, listed: readonly Listed[]): boolean =>
  listed.some(({ section, level }) => holdsSection(entitlement, section, level))

/** The matching grant in words for an administrator; null if there is none. */
const grantFor = (
  held: readonly Grants[],
  apiId: ApiId,
  listed: readonly Listed[],
  method: string,
  segments: readonly string[],
): string | null => {
  if (held.some((grants) => grants.everything)) return 'everything'
  for (const grants of held) {
    const { everyApi, apis } = grants
    const ofEvery = listed.find(({ level, dashboard }) => opensEverywhere(everyApi, dashboard, level))
    if (ofEvery !== undefined) {
      const granted = everyApi === 'dashboards' ? 'read on every dashboard' : `${everyApi} on every section`
      return `${granted}, through ${ofEvery.section}`
    }
    const ofApi = apis.get(apiId)
    if (ofApi === undefined) continue
    const ofSection = listed.find(({ section, level }) => holdsSection(ofApi, section, level))
    if (ofSection !== undefined) return `${ofSection.level} on section ${ofSection.section}`
    const [endpoint] = grantedIn(grants, apiId, method, segments)
    if (endpoint !== undefined) return `endpoint ${formatEndpointPattern(endpoint)}`
  }
  return null
}
