import { levelOfMethod } from '../access/section.ts'
import { requireFreeName } from '../access-policy/access-editor.ts'
import type { AccessPolicyDependencies } from '../access-policy/access-policy.ts'
import { editAccessPolicy } from '../access-policy/access-policy.ts'
import { refuseInUse } from '../access-policy/in-use.ts'
import { changesBetween } from '../audit/audit-row.ts'
import type { FieldError } from '../domain-error.ts'
import { DomainError } from '../domain-error.ts'
import type { Caller, Origin } from '../http/operation.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import type { SectionDetails, StoredSection, StoredSectionEndpoint } from './section-rules.ts'
import {
  addedEndpoints,
  holdersOf,
  refuseLeftOvers,
  requireEndpointsHeld,
  requireOwnName,
  requireRoomForSections,
  shown,
} from './section-rules.ts'

/** An endpoint as it is given: alone, then its method says what it takes; or with its level. */
export type GivenEndpoint =
  | string
  | { readonly endpoint: string; readonly level?: 'read' | 'write' | undefined }

export type SectionContent = {
  readonly title?: string | undefined
  readonly endpoints: readonly GivenEndpoint[]
}

/** @throws DomainError name_taken, in_use, grant_not_held, invalid_request */
export const createSection = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  given: SectionContent & { readonly name: string },
  origin: Origin,
): Promise<SectionDetails> =>
  editAccessPolicy(dependencies, caller, origin, async (policy) => {
    const { name } = given
    requireOwnName(name)
    requireFreeName(
      name,
      policy.sections.map((section) => section.name),
      'name',
    )
    const section: StoredSection = {
      name,
      title: given.title ?? name,
      endpoints: readEndpoints(given.endpoints),
    }
    const sections = [...policy.sections, section]
    requireRoomForSections(sections, 'endpoints')
    requireEndpointsHeld(caller, policy, section.endpoints, null)
    refuseLeftOvers([name], await dependencies.readPlaces(policy.organizationId))
    return {
      after: { sections },
      result: shown(section),
      action: 'section.created',
      targetId: name,
      changes: [{ field: 'section', before: null, after: section }],
    }
  })

/**
 * Replaces what a section lists, at once for everybody who holds a permission for it. An imported one stays imported: the next
 * import of its document overwrites the change, and reports that it does.
 *
 * @throws DomainError not_found, grant_not_held, invalid_request
 */
export const replaceSection = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  name: string,
  given: SectionContent,
  origin: Origin,
): Promise<SectionDetails> =>
  editAccessPolicy(dependencies, caller, origin, (policy) => {
    const before = sectionIn(policy, name)
    const section: StoredSection = {
      ...before,
      title: given.title ?? before.title,
      endpoints: readEndpoints(given.endpoints),
    }
    const sections = policy.sections.map((candidate) => (candidate === before ? section : candidate))
    requireRoomForSections(sections, 'endpoints')
    requireEndpointsHeld(caller, policy, addedEndpoints(before, section), name)
    const changes = changesBetween(before, section, ['title', 'endpoints'])
    return {
      after: changes.length === 0 ? null : { sections },
      result: shown(section),
      action: 'section.changed',
      targetId: name,
      changes,
    }
  })

/**
 * Deletes a section that no permission names. While one does it is refused: a `deny` would stop shutting anything, and a grant
 * would lie in wait for the next section of that name.
 *
 * @throws DomainError not_found, in_use, grant_not_held, invalid_request
 */
export const deleteSection = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  name: string,
  origin: Origin,
): Promise<void> =>
  editAccessPolicy(dependencies, caller, origin, async (policy) => {
    const section = sectionIn(policy, name)
    requireEndpointsHeld(caller, policy, [], name)
    const places = await dependencies.readPlaces(policy.organizationId)
    refuseInUse(`The section ${name}`, holdersOf(name, policy, places))
    return {
      after: { sections: policy.sections.filter((candidate) => candidate !== section) },
      result: undefined,
      action: 'section.deleted',
      targetId: name,
      changes: [{ field: 'section', before: section, after: null }],
    }
  })

const sectionIn = (policy: StoredAccessPolicy, name: string): StoredSection => {
  requireOwnName(name)
  const section = policy.sections.find((candidate) => candidate.name === name)
  if (section === undefined) throw new DomainError('not_found')
  return section
}

const readEndpoints = (given: readonly GivenEndpoint[]): StoredSectionEndpoint[] => {
  const errors: FieldError[] = []
  const levels = new Map<string, 'read' | 'write'>()
  for (const [index, entry] of given.entries()) {
    const { endpoint, level = undefined } = typeof entry === 'string' ? { endpoint: entry } : entry
    const needed = level ?? levelOfMethod(endpoint.split(' ')[0] ?? '')
    const known = levels.get(endpoint)
    if (known !== undefined && known !== needed)
      errors.push({ path: `endpoints.${index}`, message: 'is listed twice, with two levels' })
    levels.set(endpoint, needed)
  }
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  return [...levels].map(([endpoint, level]) => ({ endpoint, level }))
}
