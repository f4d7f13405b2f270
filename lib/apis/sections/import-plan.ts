import type { FieldError } from '../../effects/domain-error.ts'
import type { StoredApi, StoredSection, StoredSectionEndpoint } from '../../policy/stored-api.ts'
import type { ImportedSection } from './import-document.ts'
import { sectionKey } from './import-document.ts'
import { addedEndpoints, isReservedName } from './section-rules.ts'

type ChangedSection = {
  readonly before: StoredSection
  readonly after: StoredSection
  readonly endpointsAdded: readonly StoredSectionEndpoint[]
  readonly endpointsRemoved: readonly StoredSectionEndpoint[]
}

export type ImportPlan = {
  readonly added: readonly StoredSection[]
  readonly changed: readonly ChangedSection[]
  readonly removed: readonly StoredSection[]
  /** All sections of the API after the import. */
  readonly sections: readonly StoredSection[]
}

export type PlannedImport =
  | { readonly ok: true; readonly plan: ImportPlan }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/**
 * The changes of an import. Sections made by hand or by another document stay unchanged; if one has the name of a tag, the new section is
 * called `<title>.<tag>`. A section keeps its name once made, because permissions refer to it.
 *
 * @param api with the sections as they are; the changed ones get its next version.
 * @param title identifies the document: another title means another document.
 */
export const planImport = (
  { sections, version }: Pick<StoredApi, 'sections' | 'version'>,
  title: string,
  imported: readonly ImportedSection[],
): PlannedImport => {
  const ofDocument = sections.filter((section) => section.imported?.document === title)
  const earlier = new Map(ofDocument.map((section) => [section.imported?.key, section]))
  const taken = new Set(sections.map(({ name }) => name))
  const errors: FieldError[] = []
  const added: StoredSection[] = []
  const changed: ChangedSection[] = []
  for (const { key, title: sectionTitle, endpoints } of imported) {
    const before = earlier.get(key)
    const name = before?.name ?? [key, longName(title, key)].find((candidate) => !taken.has(candidate))
    if (name === undefined || isReservedName(name)) {
      errors.push({ path: 'document', message: refusal(sectionTitle, name ?? key) })
      continue
    }
    taken.add(name)
    const after: StoredSection = {
      name,
      title: sectionTitle,
      // Not part of a document: keep what was set here.
      ...(before?.dashboard === true ? { dashboard: true } : {}),
      endpoints: [...endpoints],
      imported: { document: title, key },
      version: version + 1,
    }
    if (before === undefined) added.push(after)
    else if (isDifferent(before, after)) {
      const endpointsAdded = addedEndpoints(before, after)
      changed.push({ before, after, endpointsAdded, endpointsRemoved: addedEndpoints(after, before) })
    }
  }
  if (errors.length > 0) return { ok: false, errors: errors.slice(0, maximumErrors) }
  const keys = new Set(imported.map(({ key }) => key))
  const removed = ofDocument.filter((section) => !keys.has(section.imported?.key ?? ''))
  const replaced = new Map(changed.map(({ before, after }) => [before, after]))
  const kept = sections.filter((section) => !removed.includes(section))
  const plan = {
    added,
    changed,
    removed,
    sections: [...kept.map((section) => replaced.get(section) ?? section), ...added],
  }
  return { ok: true, plan }
}

const maximumNameLength = 64
const maximumErrors = 50

const longName = (title: string, key: string): string =>
  `${sectionKey(title)}.${key}`.slice(0, maximumNameLength)

const refusal = (tag: string, name: string): string =>
  isReservedName(name)
    ? `has the tag "${tag}", whose section would be ${name}: names that begin with "postern-" are reserved`
    : `has the tag "${tag}", for whose section no name is free: ${name} is another section`

const isDifferent = (before: StoredSection, after: StoredSection): boolean =>
  before.title !== after.title ||
  addedEndpoints(before, after).length > 0 ||
  addedEndpoints(after, before).length > 0
