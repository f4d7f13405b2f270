import type { ApiId } from '../secrets/key-id.ts'
import type { EndpointPattern } from './endpoint-pattern.ts'
import type { ApiGrants, EveryApi, EverySection, Grants } from './grants.ts'
import { holdsManagement, holdsSection, noApiGrants, opensEverywhere } from './grants.ts'
import type { ProtectedApi } from './protected-api.ts'
import type { PermissionLevel } from './section.ts'
import { suffices } from './section.ts'

/** The APIs that an organization sees, by apiId. */
export type Apis = ReadonlyMap<string, Pick<ProtectedApi, 'sections'>>

/**
 * True if `held` gives at least what `wanted` gives: users can grant, and act with, only what they hold (CVE-2021-36758).
 * Conservative: an endpoint that two grants cover only together counts as not held. Shares are not checked, because they limit both
 * sides alike.
 */
export const covers = (held: readonly Grants[], wanted: Grants, apis: Apis): boolean => {
  if (held.some(({ everything }) => everything)) return true
  // A user who may act as others can obtain their permissions, so only `everything` covers that.
  if (wanted.everything || wanted.actsAs !== null) return false
  const { everyApi } = wanted
  const holdsEveryApi = everyApi === null || held.some((grants) => coversEveryApi(grants.everyApi, everyApi))
  const holdsAllManagement = Object.entries(wanted.management).every(([section, level]) =>
    holdsManagement(held, section, level),
  )
  return (
    holdsEveryApi &&
    holdsAllManagement &&
    [...wanted.apis].every(([apiId, ofApi]) => coversAtApi(held, apiId, ofApi, apis))
  )
}

/** Read on every section includes read on every dashboard. */
const coversEveryApi = (held: EveryApi | null, wanted: EveryApi): boolean =>
  held === wanted || held === 'write' || (held === 'read' && wanted === 'dashboards')

const coversAtApi = (held: readonly Grants[], apiId: ApiId, wanted: ApiGrants, apis: Apis): boolean => {
  const heldHere = held.map((grants) => ({
    everyApi: grants.everyApi,
    ...(grants.apis.get(apiId) ?? noApiGrants),
  }))
  const sections = apis.get(apiId)?.sections ?? []
  const isDashboard = (name: string): boolean =>
    sections.find((section) => section.name === name)?.dashboard === true
  const holds = (name: string, level: PermissionLevel): boolean =>
    heldHere.some(
      (grants) =>
        opensEverywhere(grants.everyApi, isDashboard(name), level) || holdsSection(grants, name, level),
    )
  const holdsEvery = ({ level, except }: EverySection): boolean =>
    heldHere.some(({ everyApi, everySection }) => {
      const isWithin = everySection?.except.every((name) => except.includes(name)) ?? false
      return opensEverywhere(everyApi, false, level) || (isWithin && suffices(everySection?.level, level))
    })
  const holdsEndpoint = (pattern: EndpointPattern): boolean =>
    heldHere.some(({ endpoints }) => endpoints.some((own) => patternCovers(own, pattern))) ||
    sections.some(({ name, endpoints }) =>
      endpoints.some((entry) => patternCovers(entry.pattern, pattern) && holds(name, entry.level)),
    )
  return (
    Object.entries(wanted.sections).every(([name, level]) => holds(name, level)) &&
    (wanted.everySection === null || holdsEvery(wanted.everySection)) &&
    wanted.endpoints.every(holdsEndpoint)
  )
}

/** True if `outer` matches every request that `inner` matches. */
export const patternCovers = (outer: EndpointPattern, inner: EndpointPattern): boolean => {
  if (outer.method !== '*' && outer.method !== inner.method) return false
  for (let index = 0; ; index += 1) {
    const wide = outer.segments[index]
    const narrow = inner.segments[index]
    // Only the root pattern has an empty segment; templates and `*` do not match it.
    if (narrow === '') return wide === ''
    if (wide === '*') return narrow !== undefined
    if (wide === undefined || narrow === undefined) return wide === narrow
    if (narrow === '*') return false
    const isTemplate = wide.startsWith('{')
    if (!isTemplate && wide !== narrow) return false
  }
}
