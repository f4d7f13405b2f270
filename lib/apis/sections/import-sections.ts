import type { Caller, Origin } from '../../contract/operation.ts'
import { DomainError } from '../../effects/domain-error.ts'
import { refuseInUse } from '../../policy/in-use.ts'
import type { StoredApi } from '../../policy/stored-api.ts'
import type { ApiId } from '../../secrets/key-id.ts'
import type { ApiDependencies } from '../edit-api.ts'
import { editApi } from '../edit-api.ts'
import { readOpenApiDocument } from './import-document.ts'
import type { ImportPlan } from './import-plan.ts'
import { planImport } from './import-plan.ts'
import {
  gainedEndpoints,
  holdersOf,
  readHoldings,
  refuseLeftOvers,
  requireEndpointsHeld,
  requireRoomForSections,
} from './section-rules.ts'
import { sectionDetails } from './show-sections.ts'

export type SectionImport = {
  /** A string holds YAML or JSON. */
  readonly document: Readonly<Record<string, unknown>> | string
  /** Overrides the paths of the document's servers. */
  readonly basePath?: string | undefined
}

/**
 * Makes sections of a protected API from its OpenAPI document. A repeated import adds, changes and removes only sections that an earlier
 * import of the same title made. The import is refused if it would remove a section that users, roles or shares still name (see
 * `deleteSection`).
 *
 * @throws DomainError not_found, invalid_request (with paths into the document), in_use, grant_not_held
 */
export const importSections = async (
  dependencies: ApiDependencies,
  caller: Caller,
  apiId: ApiId,
  { document, basePath }: SectionImport,
  origin: Origin,
) => {
  const text = typeof document === 'string' ? await readText(document) : { ok: true as const, document }
  if (!text.ok) throw new DomainError('invalid_request', { errors: text.errors })
  const read = readOpenApiDocument(text.document, basePath)
  if (!read.ok) throw new DomainError('invalid_request', { errors: read.errors })
  return await editApi(dependencies, caller, apiId, origin, async (api) => {
    const planned = planImport(api, read.title, read.sections)
    if (!planned.ok) throw new DomainError('invalid_request', { errors: planned.errors })
    const { plan } = planned
    requireRoomForSections(plan.sections, 'document')
    const { added, changed, removed } = plan
    for (const section of added) requireEndpointsHeld(caller, api, section.endpoints)
    for (const { before, after } of changed) requireEndpointsHeld(caller, api, gainedEndpoints(before, after))
    for (const { section, holders } of await holdersOfAll(dependencies, api, removed))
      refuseInUse(`The section ${section.name}, which the document has no more,`, holders)
    await refuseLeftOvers(
      dependencies,
      api,
      added.map(({ name }) => name),
    )
    const changesNothing = added.length + changed.length + removed.length === 0
    const shown = (section: StoredApi['sections'][number]) => sectionDetails(section, api.name)
    return {
      after: changesNothing ? null : { ...api, sections: [...plan.sections] },
      result: {
        added: added.map(shown),
        changed: changed.map(({ after, endpointsAdded, endpointsRemoved }) => ({
          name: after.name,
          title: after.title,
          endpointsAdded: [...endpointsAdded],
          endpointsRemoved: [...endpointsRemoved],
        })),
        removed: removed.map(shown),
        sections: plan.sections.filter(({ imported }) => imported?.document === read.title).map(shown),
        skipped: [...read.skipped],
      },
      action: 'sections.imported',
      changes: auditedChanges(plan),
    }
  })
}

const holdersOfAll = async (
  dependencies: ApiDependencies,
  api: StoredApi,
  removed: ImportPlan['removed'],
) => {
  if (removed.length === 0) return []
  const holdings = await readHoldings(dependencies, api)
  return removed.map((section) => ({ section, holders: holdersOf(section.name, api, holdings) }))
}

/** No name of a section is that of another field. */
const auditedChanges = ({ added, changed, removed }: ImportPlan) => [
  ...added.map((section) => ({ field: `section ${section.name}`, before: null, after: section.endpoints })),
  // Only the differences: two whole lists could exceed the size limit of an item.
  ...changed.flatMap(({ before, after, endpointsAdded, endpointsRemoved }) => [
    ...(endpointsAdded.length + endpointsRemoved.length === 0
      ? []
      : [{ field: `section ${before.name}`, before: endpointsRemoved, after: endpointsAdded }]),
    ...(before.title === after.title
      ? []
      : [{ field: `section ${before.name} title`, before: before.title, after: after.title }]),
  ]),
  ...removed.map((section) => ({ field: `section ${section.name}`, before: section.endpoints, after: null })),
]

/** Loads the parser of YAML, which would be most of the function's start. */
const readText = async (text: string) => (await import('./openapi-text.ts')).readOpenApiText(text)
