import { couldMean, matchesPattern } from './endpoint-pattern.ts'
import type { Grants } from './role.ts'
import type { Section } from './section.ts'

export type PermissionVerdict =
  | { readonly allowed: true; readonly by: string }
  | {
      readonly allowed: false
      readonly reason: 'permission_denied' | 'permission_not_granted'
      readonly by: string
    }

/**
 * May someone who holds all of `held` call this endpoint? `deny` wins over every grant, an administrator's included; nothing
 * granted is nothing allowed.
 *
 * @param segments the path as `readRequestPath` split it.
 */
export const permits = (
  held: readonly Grants[],
  sections: readonly Section[],
  method: string,
  segments: readonly string[],
): PermissionVerdict => {
  for (const section of sections) {
    const isDenied = held.some((grants) => levelIn(grants, section.name) === 'deny')
    if (isDenied && section.endpoints.some(({ pattern }) => couldMean(pattern, method, segments))) {
      return { allowed: false, reason: 'permission_denied', by: `section ${section.name} is denied` }
    }
  }
  const matching = sections.flatMap((section) => {
    const endpoints = section.endpoints.filter(({ pattern }) => matchesPattern(pattern, method, segments))
    // One endpoint listed twice asks for the stricter of its two levels.
    const level: 'read' | 'write' = endpoints.some((endpoint) => endpoint.level === 'write')
      ? 'write'
      : 'read'
    return endpoints.length > 0 ? [{ section, level }] : []
  })
  // An endpoint of Postern's own API belongs to Postern's own sections only. An organization may import a document with the same
  // paths (Postern's, say), and then a role for every section of its APIs must still not reach the management.
  const ofManagement = matching.filter(({ section }) => section.isManagement)
  const covering = ofManagement.length > 0 ? ofManagement : matching
  if (held.some((grants) => grants.everything)) return { allowed: true, by: 'everything' }
  for (const { section, level } of covering) {
    for (const grants of held) {
      const ofSection = levelIn(grants, section.name)
      const ofEvery = section.isManagement ? null : grants.everySection
      if (suffices(ofSection, level)) return { allowed: true, by: `${ofSection} on section ${section.name}` }
      if (suffices(ofEvery, level)) return { allowed: true, by: `${ofEvery} on every section` }
    }
  }
  // Outside of /v1/ Postern answers calls of other products, at paths that protected APIs have too: `POST /api/users`, granted as an
  // endpoint of such an API, must not reach the management.
  const isSharedPath = ofManagement.length > 0 && segments[0] !== 'v1'
  for (const grants of isSharedPath ? [] : held) {
    const endpoint = grants.endpoints.find((pattern) => matchesPattern(pattern, method, segments))
    if (endpoint !== undefined) {
      return { allowed: true, by: `endpoint ${endpoint.method} /${endpoint.segments.join('/')}` }
    }
  }
  return {
    allowed: false,
    reason: 'permission_not_granted',
    by: 'no role or permission covers this endpoint',
  }
}

/** Section names come from users: an inherited name such as `constructor` is not a grant. */
const levelIn = (grants: Grants, section: string) =>
  Object.hasOwn(grants.sections, section) ? grants.sections[section] : undefined

const suffices = (held: string | null | undefined, needed: 'read' | 'write'): held is 'read' | 'write' =>
  held === 'write' || (held === 'read' && needed === 'read')
