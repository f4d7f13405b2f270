import { formatEndpointPattern } from '../access/endpoint-pattern.ts'
import type { Section } from '../access/section.ts'
import type { Subject } from '../access/subject.ts'
import { DomainError } from '../domain-error.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'

export const sectionDetails = (section: Section, importedFrom: string | null) => ({
  name: section.name,
  title: section.title,
  management: section.isManagement,
  importedFrom,
  endpoints: section.endpoints.map(({ pattern, level }) => ({
    endpoint: formatEndpointPattern(pattern),
    level,
  })),
})

const importedFrom = (policy: StoredAccessPolicy | null, name: string): string | null =>
  policy?.sections.find((section) => section.name === name)?.imported?.document ?? null

export const listSections = (subject: Subject, policy: StoredAccessPolicy | null) =>
  subject.sections.map((section) => sectionDetails(section, importedFrom(policy, section.name)))

/** @throws DomainError not_found */
export const showSection = (subject: Subject, policy: StoredAccessPolicy | null, name: string) => {
  const section = subject.sections.find((candidate) => candidate.name === name)
  if (section === undefined) throw new DomainError('not_found')
  return sectionDetails(section, importedFrom(policy, name))
}
