import type { ApiId, OrganizationId } from '../secrets/key-id.ts'
import { formatEndpointPattern, matchesPattern } from './endpoint-pattern.ts'
import type { Grants, SectionGrants } from './grants.ts'
import { holdsSection, opensEverywhere } from './grants.ts'
import type { ProtectedApi } from './protected-api.ts'
import { visibilityOf } from './protected-api.ts'

export type PermissionVerdict =
  | { readonly allowed: true; readonly by: string }
  | {
      readonly allowed: false
      readonly reason: 'api_unknown' | 'share_exceeded' | 'permission_not_granted'
      readonly by: string
    }

type Listed = { readonly section: string; readonly level: 'read' | 'write'; readonly dashboard: boolean }

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

/** All section entries that match the endpoint. */
const listedIn = ({ sections }: ProtectedApi, method: string, segments: readonly string[]): Listed[] =>
  sections.flatMap(({ name, endpoints, dashboard = false }) =>
    endpoints
      .filter(({ pattern }) => matchesPattern(pattern, method, segments))
      .map(({ level }) => ({ section: name, level, dashboard })),
  )

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
  for (const { everyApi, apis } of held) {
    const ofEvery = listed.find(({ level, dashboard }) => opensEverywhere(everyApi, dashboard, level))
    if (ofEvery !== undefined) {
      const granted = everyApi === 'dashboards' ? 'read on every dashboard' : `${everyApi} on every section`
      return `${granted}, through ${ofEvery.section}`
    }
    const ofApi = apis.get(apiId)
    if (ofApi === undefined) continue
    const ofSection = listed.find(({ section, level }) => holdsSection(ofApi, section, level))
    if (ofSection !== undefined) return `${ofSection.level} on section ${ofSection.section}`
    const endpoint = ofApi.endpoints.find((pattern) => matchesPattern(pattern, method, segments))
    if (endpoint !== undefined) return `endpoint ${formatEndpointPattern(endpoint)}`
  }
  return null
}
