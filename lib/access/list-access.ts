import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import { roleView } from '../users/user-view.ts'
import { formatEndpointPattern } from './endpoint-pattern.ts'
import type { Subject } from './subject.ts'
import { rolesOf } from './subject-of-snapshot.ts'

export const listRoles = (policy: StoredAccessPolicy | null) => rolesOf(policy).map(roleView)

export const listSections = (subject: Subject) =>
  subject.sections.map((section) => ({
    name: section.name,
    title: section.title,
    management: section.isManagement,
    endpoints: section.endpoints.map(({ pattern, level }) => ({
      endpoint: formatEndpointPattern(pattern),
      level,
    })),
  }))
