import { isDeepStrictEqual } from 'node:util'
import type { Caller, Origin } from '../../contract/operation.ts'
import { levelOfMethod } from '../../decision/section.ts'
import type { FieldError } from '../../effects/domain-error.ts'
import { DomainError, requireVersion } from '../../effects/domain-error.ts'
import { requireFreeName } from '../../policy/access-editor.ts'
import { refuseInUse } from '../../policy/in-use.ts'
import type { StoredApi, StoredSection, StoredSectionEndpoint } from '../../policy/stored-api.ts'
import type { ApiId } from '../../secrets/key-id.ts'
import type { ApiDependencies } from '../edit-api.ts'
import { editApi } from '../edit-api.ts'
import {
  gainedEndpoints,
  holdersOf,
  readHoldings,
  refuseLeftOvers,
  requireEndpointsHeld,
  requireOwnName,
  requireRoomForSections,
} from './section-rules.ts'
import type { SectionDetails } from './show-sections.ts'
import { sectionDetails } from './show-sections.ts'

/** An endpoint with its level, or alone: then its method determines the level. */
type GivenEndpoint = string | { readonly endpoint: string; readonly level?: 'read' | 'write' | undefined }

export type SectionContent = {
  readonly title?: string | undefined
  readonly dashboard?: boolean | undefined
  readonly endpoints: readonly GivenEndpoint[]
}

/** @throws DomainError not_found, name_taken, in_use, grant_not_held, invalid_request */
export const createSection = (
  dependencies: ApiDependencies,
  caller: Caller,
  apiId: ApiId,
  given: SectionContent & { readonly name: string },
  origin: Origin,
): Promise<SectionDetails> =>
  editApi(dependencies, caller, apiId, origin, async (api) => {
    const { name } = given
    requireOwnName(name)
    requireFreeName(
      name,
      api.sections.map((section) => section.name),
      'name',
    )
    const section: StoredSection = {
      name,
      title: given.title ?? name,
      ...(given.dashboard === true ? { dashboard: true } : {}),
      endpoints: readEndpoints(given.endpoints),
      version: api.version + 1,
    }
    const sections = [...api.sections, section]
    requireRoomForSections(sections, 'endpoints')
    requireEndpointsHeld(caller, api, section.endpoints)
    await refuseLeftOvers(dependencies, api, [name])
    return {
      after: { ...api, sections },
      result: sectionDetails(section, api.name),
      action: 'section.created',
      changes: [{ field: 'section', before: null, after: section }],
    }
  })

/**
 * Replaces the content of a section, with effect for everybody whose permissions name it. An imported section stays imported: the next
 * import of its document overwrites the change and reports it.
 *
 * @throws DomainError not_found, version_conflict, grant_not_held, invalid_request
 */
export const replaceSection = (
  dependencies: ApiDependencies,
  caller: Caller,
  { apiId, name }: { readonly apiId: ApiId; readonly name: string },
  given: SectionContent & { readonly version?: number | undefined },
  origin: Origin,
): Promise<SectionDetails> =>
  editApi(dependencies, caller, apiId, origin, (api) => {
    const before = sectionIn(api, name)
    requireVersion('The section', before.version, given.version)
    const { dashboard: wasDashboard = false, ...kept } = before
    const content: StoredSection = {
      ...kept,
      ...((given.dashboard ?? wasDashboard) ? { dashboard: true } : {}),
      title: given.title ?? before.title,
      endpoints: readEndpoints(given.endpoints),
    }
    const isSame = isDeepStrictEqual(before, content)
    const section = isSame ? before : { ...content, version: api.version + 1 }
    const sections = api.sections.map((candidate) => (candidate === before ? section : candidate))
    requireRoomForSections(sections, 'endpoints')
    requireEndpointsHeld(caller, api, gainedEndpoints(before, section))
    return {
      after: isSame ? null : { ...api, sections },
      result: sectionDetails(section, api.name),
      action: 'section.changed',
      changes: [{ field: 'section', before, after: section }],
    }
  })

/**
 * Deletes a section that no permission, exception or share names: a leftover reference would apply to the next section of that name.
 *
 * @throws DomainError not_found, in_use, invalid_request
 */
export const deleteSection = (
  dependencies: ApiDependencies,
  caller: Caller,
  { apiId, name }: { readonly apiId: ApiId; readonly name: string },
  origin: Origin,
): Promise<void> =>
  editApi(dependencies, caller, apiId, origin, async (api) => {
    const section = sectionIn(api, name)
    refuseInUse(`The section ${name}`, holdersOf(name, api, await readHoldings(dependencies, api)))
    return {
      after: { ...api, sections: api.sections.filter((candidate) => candidate !== section) },
      result: undefined,
      action: 'section.deleted',
      changes: [{ field: 'section', before: section, after: null }],
    }
  })

const sectionIn = ({ sections }: StoredApi, name: string): StoredSection => {
  requireOwnName(name)
  const section = sections.find((candidate) => candidate.name === name)
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
      errors.push({ path: `endpoints.${index}`, message: 'is listed twice, with different levels' })
    levels.set(endpoint, needed)
  }
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  return [...levels].map(([endpoint, level]) => ({ endpoint, level }))
}
