import { DomainError } from '../domain-error.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import { roleView } from '../users/user-view.ts'
import { formatEndpointPattern } from './endpoint-pattern.ts'
import type { Role } from './role.ts'
import type { Section } from './section.ts'
import type { Subject } from './subject.ts'
import { rolesOf } from './subject-of-snapshot.ts'

/** A role with all that it gives. */
export const roleDetails = (role: Role) => {
  const { everything, everySection, sections, endpoints } = role.grants
  return {
    ...roleView(role),
    everything,
    everySection,
    permissions: { ...sections },
    endpoints: endpoints.map(formatEndpointPattern),
  }
}

export const listRoles = (policy: StoredAccessPolicy | null) => rolesOf(policy).map(roleDetails)

/** @throws DomainError not_found */
export const showRole = (policy: StoredAccessPolicy | null, roleId: number) => {
  const role = rolesOf(policy).find((candidate) => candidate.roleId === roleId)
  if (role === undefined) throw new DomainError('not_found')
  return roleDetails(role)
}

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
