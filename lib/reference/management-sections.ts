import { managementSections as names } from '../contract/endpoint.ts'
import type { SectionShape } from '../policy/access-fields.ts'
import { endpoints } from './endpoints.ts'

const titles: Readonly<Record<(typeof names)[number], string>> = {
  'postern-users': 'API users',
  'postern-credentials': 'Keys and tokens of users',
  'postern-whitelist': 'Whitelists of users',
  'postern-access': 'Roles, account groups, explanations',
  'postern-apis': 'Protected APIs, their sections, gateways and shares',
  'postern-organization': 'The organization and its settings',
  'postern-audit': 'The audit trail',
}

/** Postern's own API as sections, derived from the contract. Endpoints are informative; section and level decide. */
export const managementSectionViews: readonly SectionShape[] = names.map((name) => ({
  name,
  title: titles[name],
  api: null,
  management: true,
  importedFrom: null,
  dashboard: false,
  endpoints: endpoints.flatMap(({ access, method, path }) => {
    const isHere = typeof access === 'object' && access.section === name
    return isHere ? [{ endpoint: `${method} ${path}`, level: access.level }] : []
  }),
  version: 0,
}))
