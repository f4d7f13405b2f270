import type { AccessPolicyDependencies } from '../access-policy/access-policy.ts'
import { editAccessPolicy } from '../access-policy/access-policy.ts'
import { refuseInUse } from '../access-policy/in-use.ts'
import { DomainError } from '../domain-error.ts'
import type { Caller, Origin } from '../http/operation.ts'
import { readOpenApiDocument } from './import-document.ts'
import type { ImportPlan } from './import-plan.ts'
import { planImport } from './import-plan.ts'
import {
  holdersOf,
  refuseLeftOvers,
  requireEndpointsHeld,
  requireRoomForSections,
  shown,
} from './section-rules.ts'

export type SectionImport = {
  readonly document: Readonly<Record<string, unknown>>
  /** Instead of what the document's servers say. */
  readonly basePath?: string | undefined
  /** Only say what would change. */
  readonly dryRun?: boolean | undefined
}

/**
 * Makes the sections of a protected API from its own OpenAPI document. Done again, it follows the document: it adds, changes and
 * removes what an earlier import of the same title made, and nothing else. A section that users or roles still name is not removed
 * but the whole import refused, for the reason of `deleteSection`.
 *
 * @throws DomainError invalid_request (with paths into the document), in_use, grant_not_held
 */
export const importSections = (
  dependencies: AccessPolicyDependencies,
  caller: Caller,
  { document, basePath, dryRun = false }: SectionImport,
  origin: Origin,
) => {
  const read = readOpenApiDocument(document, basePath)
  if (!read.ok) throw new DomainError('invalid_request', { errors: read.errors })
  return editAccessPolicy(dependencies, caller, origin, async (policy) => {
    const planned = planImport(policy.sections, read.title, read.sections)
    if (!planned.ok) throw new DomainError('invalid_request', { errors: planned.errors })
    const { plan } = planned
    requireRoomForSections(plan.sections, 'document')
    const { added, changed, removed } = plan
    const looksAtUsers = added.length + removed.length > 0
    const places = looksAtUsers ? await dependencies.readPlaces(policy.organizationId) : []
    const leaving = removed.map((section) => ({ section, holders: holdersOf(section.name, policy, places) }))
    if (!dryRun) {
      for (const section of added) requireEndpointsHeld(caller, policy, section.endpoints, null)
      for (const { before, endpointsAdded } of changed)
        requireEndpointsHeld(caller, policy, endpointsAdded, before.name)
      for (const { section, holders } of leaving) {
        requireEndpointsHeld(caller, policy, [], section.name)
        refuseInUse(`The section ${section.name}, which the document has no more,`, holders)
      }
      refuseLeftOvers(
        added.map(({ name }) => name),
        places,
      )
    }
    const changesNothing = added.length + changed.length + removed.length === 0
    return {
      after: dryRun || changesNothing ? null : { sections: [...plan.sections] },
      result: {
        dryRun,
        added: added.map(shown),
        changed: changed.map(({ after, endpointsAdded, endpointsRemoved }) => ({
          name: after.name,
          title: after.title,
          endpointsAdded: [...endpointsAdded],
          endpointsRemoved: [...endpointsRemoved],
        })),
        removed: leaving.map(({ section, holders }) => ({
          ...shown(section),
          inUse: holders.some((users) => users !== null),
        })),
        sections: plan.sections.filter(({ imported }) => imported?.document === read.title).map(shown),
        skipped: [...read.skipped],
      },
      action: 'sections.imported',
      targetId: read.title,
      changes: auditedChanges(plan),
    }
  })
}

const auditedChanges = ({ added, changed, removed }: ImportPlan) => [
  ...added.map((section) => ({ field: section.name, before: null, after: section.endpoints })),
  ...changed.map(({ before, endpointsAdded, endpointsRemoved }) => ({
    field: before.name,
    before: endpointsRemoved,
    after: endpointsAdded,
  })),
  ...removed.map((section) => ({ field: section.name, before: section.endpoints, after: null })),
]
