import type { EndpointPattern } from './endpoint-pattern.ts'
import type { Grants } from './role.ts'
import type { Section } from './section.ts'

/**
 * Does someone who holds all of `held` hold at least what `wanted` would give? Nobody grants, or takes over, more than that
 * (CVE-2021-36758). Errs on the side of no: an endpoint that is covered by two grants together, but by neither alone, is not held.
 */
export const covers = (held: readonly Grants[], wanted: Grants, sections: readonly Section[]): boolean => {
  const denied = new Set(held.flatMap((grants) => sectionsAt(grants, 'deny')))
  const holdsEverything = held.some((grants) => grants.everything)
  if (holdsEverything && denied.size === 0) return true
  if (wanted.everything) return false
  const holdsEvery = (level: 'read' | 'write') =>
    denied.size === 0 &&
    held.some((grants) => grants.everySection === 'write' || grants.everySection === level)
  if (wanted.everySection !== null && !holdsEvery(wanted.everySection)) return false
  const holdsSection = (name: string, level: 'read' | 'write'): boolean => {
    if (denied.has(name)) return false
    if (holdsEverything) return true
    const isManagement = name.startsWith('postern-')
    return held.some((grants) => {
      const own = Object.hasOwn(grants.sections, name) ? grants.sections[name] : undefined
      const every = isManagement ? null : grants.everySection
      return [own, every].some((has) => has === 'write' || (has === 'read' && level === 'read'))
    })
  }
  const sectionsHeld = Object.entries(wanted.sections).every(
    ([name, level]) => level === 'deny' || holdsSection(name, level),
  )
  if (!sectionsHeld) return false
  const holdsEndpoint = (pattern: EndpointPattern): boolean =>
    (holdsEverything && denied.size === 0) ||
    held.some((grants) => grants.endpoints.some((own) => patternCovers(own, pattern))) ||
    sections.some((section) =>
      section.endpoints.some(
        (entry) => patternCovers(entry.pattern, pattern) && holdsSection(section.name, entry.level),
      ),
    )
  return wanted.endpoints.every(holdsEndpoint)
}

const sectionsAt = (grants: Grants, level: string): string[] =>
  Object.entries(grants.sections).flatMap(([name, held]) => (held === level ? [name] : []))

/** Does every request that `inner` matches also match `outer`? */
export const patternCovers = (outer: EndpointPattern, inner: EndpointPattern): boolean => {
  if (outer.method !== '*' && outer.method !== inner.method) return false
  for (let index = 0; ; index += 1) {
    const wide = outer.segments[index]
    const narrow = inner.segments[index]
    if (wide === '*') return narrow !== undefined
    if (wide === undefined || narrow === undefined) return wide === narrow
    if (narrow === '*') return false
    const isTemplate = wide.startsWith('{')
    if (!isTemplate && wide !== narrow) return false
  }
}
