import type { ApiId, UserId } from '../secrets/key-id.ts'
import { isApiId } from '../secrets/key-id.ts'
import type { EndpointPattern } from './endpoint-pattern.ts'
import { formatEndpointPattern, parseEndpointPattern } from './endpoint-pattern.ts'
import type { ActsAs, ApiGrants, EverySection, Grants } from './grants.ts'
import { noApiGrants, noGrants } from './grants.ts'
import type { PermissionLevel } from './section.ts'

/** Grants as a role or a membership stores them, by the ids of APIs, because their names can change. */
export type StoredGrants = {
  /** By a section of Postern (`postern-users`), or by `<apiId>/<section>`. */
  readonly permissions: Readonly<Record<string, PermissionLevel>>
  /** `<apiId> <METHOD> <path>`, canonical. */
  readonly endpoints: readonly string[]
  readonly everySection?: readonly (EverySection & { readonly apiId: ApiId })[]
} & Partial<StoredImpersonation>

/** Whom the holder of a role or a membership may act as. `impersonationTargets` are user ids, for `selected`. */
export type StoredImpersonation = {
  readonly impersonation: 'none' | 'full' | 'selected'
  readonly impersonationTargets: readonly UserId[]
}

export const actsAsOf = ({
  impersonation = 'none',
  impersonationTargets = [],
}: Partial<StoredImpersonation>): ActsAs => {
  if (impersonation === 'none') return null
  return impersonation === 'full' ? 'everybody' : impersonationTargets
}

export const managementPrefix = 'postern-'

const apiIdIn = (text: string): ApiId => {
  if (!isApiId(text)) throw new Error('a stored grant has no API id')
  return text
}

/** Section names contain no slash. */
export const permissionKey = (apiId: ApiId, section: string): string => `${apiId}/${section}`
export const readPermissionKey = (key: string): { apiId: ApiId; section: string } | null => {
  const slash = key.indexOf('/')
  if (slash < 0) return null
  return { apiId: apiIdIn(key.slice(0, slash)), section: key.slice(slash + 1) }
}

export const endpointKey = (apiId: ApiId, pattern: EndpointPattern): string =>
  `${apiId} ${formatEndpointPattern(pattern)}`

/** @throws Error for a pattern or an API id that does not parse; the request is then not decided */
export const readEndpointKey = (key: string): { apiId: ApiId; pattern: EndpointPattern } => {
  const blank = key.indexOf(' ')
  const parsed = parseEndpointPattern(key.slice(blank + 1))
  if (!parsed.ok) throw new Error(`stored endpoint ${parsed.message}`)
  return { apiId: apiIdIn(key.slice(0, blank)), pattern: parsed.pattern }
}

export const grantsOfStored = (stored: StoredGrants): Grants => {
  const { permissions, endpoints, everySection = [] } = stored
  const management: Record<string, PermissionLevel> = {}
  const apis = new Map<ApiId, ApiGrants>()
  const add = (apiId: ApiId, more: (before: ApiGrants) => Partial<ApiGrants>): void => {
    const before = apis.get(apiId) ?? noApiGrants
    apis.set(apiId, { ...before, ...more(before) })
  }
  for (const [key, level] of Object.entries(permissions)) {
    const named = readPermissionKey(key)
    if (named === null) management[key] = level
    else add(named.apiId, ({ sections }) => ({ sections: { ...sections, [named.section]: level } }))
  }
  for (const { apiId, level, except } of everySection) add(apiId, () => ({ everySection: { level, except } }))
  for (const key of endpoints) {
    const { apiId, pattern } = readEndpointKey(key)
    add(apiId, (before) => ({ endpoints: [...before.endpoints, pattern] }))
  }
  return { ...noGrants, management, apis, actsAs: actsAsOf(stored) }
}

/** Splits `shop GET /orders` into API name and endpoint. API names are in lower case, methods in capitals. */
export const splitEndpoint = (
  text: string,
): { readonly apiName: string | null; readonly endpoint: string } => {
  const named = /^([a-z][a-z0-9_-]{0,63}) (.*)$/s.exec(text)
  return { apiName: named?.[1] ?? null, endpoint: named?.[2] ?? text }
}
