import { parseEndpointPattern } from '../access/endpoint-pattern.ts'
import type { Section } from '../access/section.ts'
import { managementSections as names } from './endpoint.ts'
import { endpoints } from './endpoints.ts'

const titles: Readonly<Record<(typeof names)[number], string>> = {
  'postern-users': 'API users',
  'postern-credentials': 'Keys and tokens of users',
  'postern-whitelist': 'Whitelists of users',
  'postern-access': 'Roles, account groups, sections, explanations',
  'postern-organization': 'The organization and its settings',
  'postern-audit': 'The audit trail',
}

const patternOf = (text: string) => {
  const parsed = parseEndpointPattern(text)
  if (!parsed.ok) throw new Error(`${text} ${parsed.message}`)
  return parsed.pattern
}

/** Postern's own API as sections, derived from the contract: permissions for it are held like those for any other API. */
export const managementSections: readonly Section[] = names.map((name) => ({
  name,
  title: titles[name],
  isManagement: true,
  endpoints: endpoints.flatMap((endpoint) => {
    const { access } = endpoint
    const isHere = typeof access === 'object' && access.section === name
    return isHere ? [{ pattern: patternOf(`${endpoint.method} ${endpoint.path}`), level: access.level }] : []
  }),
}))
