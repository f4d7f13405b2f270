import type { EndpointPattern } from './endpoint-pattern.ts'
import type { ApiGrants, EveryApi, EverySection, Grants } from './grants.ts'
import { holdsManagement, holdsSection, noApiGrants, opensEverywhere } from './grants.ts'
import type { ProtectedApi } from './protected-api.ts'
import type { PermissionLevel } from './section.ts'
import { suffices } from './section.ts'

/** The APIs that an organization sees, by apiId. */
export type Apis = ReadonlyMap<string, Pick<ProtectedApi, 'sections'>>

/**
 * Does someone who holds all of `held` hold at least what `wanted` would give? Nobody grants, or takes over, more than that
 * (CVE-2021-36758). Errs on the side of no: an endpoint that is covered by two grants together, but by neither alone, is not held.
 * What the owner of an API shares bounds both sides alike, so it need not be looked at.
 */
export const covers = (held: readonly Grants[], wanted: Grants, apis: Apis): boolean => {
  if (held.some(({ everything }) => everything)) return true
  // Whoever may act as others can come to hold what they hold.
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

/** Whoever reads every section reads the dashboards among them. */
const coversEveryApi = (held: EveryApi | null, wanted: EveryApi): boolean =>
  held === wanted || held === 'write' || (held === 'read' && wanted === 'dashboards')

const coversAtApi = (held: readonly Grants[], apiId: string, wanted: ApiGrants, apis: Apis): boolean => {
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

/** Does every request that `inner` matches also match `outer`? */
export const patternCovers = (outer: EndpointPattern, inner: EndpointPattern): boolean => {
  if (outer.method !== '*' && outer.method !== inner.method) return false
  for (let index = 0; ; index += 1) {
    const wide = outer.segments[index]
    const narrow = inner.segments[index]
    // The root is the one pattern with an empty segment, which no template and no `*` stands for.
    if (narrow === '') return wide === ''
    if (wide === '*') return narrow !== undefined
    if (wide === undefined || narrow === undefined) return wide === narrow
    if (narrow === '*') return false
    const isTemplate = wide.startsWith('{')
    if (!isTemplate && wide !== narrow) return false
  }
}
