import { managementSections } from '../contract/endpoint.ts'
import type { EndpointPattern } from '../decision/endpoint-pattern.ts'
import { formatEndpointPattern, parseEndpointPattern } from '../decision/endpoint-pattern.ts'
import { holdsSection } from '../decision/grants.ts'
import type { Apis } from '../decision/grants-cover.ts'
import type { PermissionLevel } from '../decision/section.ts'
import {
  endpointKey,
  managementPrefix,
  permissionKey,
  readEndpointKey,
  readPermissionKey,
  splitEndpoint,
} from '../decision/stored-grants.ts'
import type { FieldError } from '../effects/domain-error.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import type { ApiId, OrganizationId } from '../secrets/key-id.ts'
import type { StoredApi } from './stored-api.ts'
import { protectedApiOf } from './stored-api.ts'

/** An API under the name that the organization uses for it. */
export type SeenApi = StoredAccessPolicy['apis'][number]

/** What the names in a request refer to: the APIs that the organization sees. */
export type Names = {
  readonly organizationId: OrganizationId
  readonly seen: readonly SeenApi[]
  /** By apiId. */
  readonly apis: ReadonlyMap<ApiId, StoredApi>
}

export type ReadApis = (apiIds: readonly ApiId[]) => Promise<ReadonlyMap<ApiId, StoredApi>>

/** Reads the names that a caller's organization can use. */
export const namesOf = async (
  readApis: ReadApis,
  { organizationId, apis }: StoredAccessPolicy,
): Promise<Names> => ({
  organizationId,
  seen: apis,
  apis: apis.length === 0 ? new Map() : await readApis(apis.map(({ apiId }) => apiId)),
})

/** For `covers`. */
export const compiledApis = ({ apis }: Names): Apis =>
  new Map([...apis].map(([apiId, api]) => [apiId, protectedApiOf(api)]))

/** Sections of an API that the organization may name: all of its own API, the shared ones of another. */
export const sectionNamesOf = (api: StoredApi, organizationId: OrganizationId): string[] => {
  const all = api.sections.map(({ name }) => name)
  if (api.organizationId === organizationId) return all
  const share = api.shares.find((candidate) => candidate.organizationId === organizationId)
  return share === undefined ? [] : all.filter((name) => holdsSection(share, name, 'read'))
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none yet' : names.join(', '))

/** An organization and the APIs that it sees. */
export type Sees = { readonly organizationId: OrganizationId; readonly apis: readonly SeenApi[] }

/**
 * The API of a name without an API: the only one that the organization owns, or, if it owns none, the only one that it sees. So a share
 * from another organization never changes the meaning of a name.
 */
export const impliedApi = ({ organizationId, apis }: Sees): SeenApi | undefined => {
  const own = apis.filter((api) => api.organizationId === organizationId)
  const [only, ...others] = own.length > 0 ? own : apis
  return others.length === 0 ? only : undefined
}

/** The API with this name or id, or the implied one; a string is an error message. */
const apiNamed = (name: string | null, { seen, organizationId }: Names): SeenApi | string => {
  if (name === null) {
    const names = listed(seen.map((api) => api.name))
    const needed =
      seen.length === 0
        ? 'needs an API, and the organization has none yet'
        : `must name its API, one of ${names}`
    return impliedApi({ organizationId, apis: seen }) ?? needed
  }
  const found = seen.find((api) => api.apiId === name || api.name === name)
  return found ?? `names no API of this organization; there are ${listed(seen.map((api) => api.name))}`
}

export type GivenPermissions = Readonly<Record<string, PermissionLevel | 'deny'>>

/** All valid names of permissions. */
export const permissionNames = ({ organizationId, seen, apis }: Names): string[] => {
  const implied = impliedApi({ organizationId, apis: seen })
  const ofApis = seen.flatMap(({ apiId, name }) => {
    const api = apis.get(apiId)
    const sections = api === undefined ? [] : sectionNamesOf(api, organizationId)
    return sections.map((section) => (apiId === implied?.apiId ? section : `${name}/${section}`))
  })
  return [...managementSections, ...ofApis]
}

/** Permissions as stored, and those given as `deny`. */
export type ReadPermissions = {
  readonly permissions: Record<string, PermissionLevel>
  /** Names in the request, by storage key. */
  readonly denied: ReadonlyMap<string, string>
}

/**
 * Every section must exist, because a permission for a misspelt one would silently grant nothing.
 *
 * @throws DomainError invalid_request, with an error for each invalid field
 */
export const readPermissions = (given: GivenPermissions, names: Names): ReadPermissions => {
  const errors: FieldError[] = []
  const permissions: Record<string, PermissionLevel> = {}
  const denied = new Map<string, string>()
  for (const [name, level] of Object.entries(given)) {
    const key = keyNamed(name, names)
    if (typeof key !== 'string') errors.push({ path: `permissions.${name}`, message: key.refused })
    else if (Object.hasOwn(permissions, key) || denied.has(key))
      errors.push({ path: `permissions.${name}`, message: 'names a section that is already named' })
    else if (level === 'deny') denied.set(key, name)
    else permissions[key] = level
  }
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  return { permissions, denied }
}

const keyNamed = (name: string, names: Names): string | { readonly refused: string } => {
  if (name.startsWith(managementPrefix)) {
    const isKnown = managementSections.some((known) => known === name)
    return isKnown
      ? name
      : { refused: `is not a section of Postern; there are ${managementSections.join(', ')}` }
  }
  const slash = name.lastIndexOf('/')
  const api = apiNamed(slash < 0 ? null : name.slice(0, slash), names)
  if (typeof api === 'string') return { refused: api }
  const stored = names.apis.get(api.apiId)
  const sections = stored === undefined ? [] : sectionNamesOf(stored, names.organizationId)
  const section = name.slice(slash + 1)
  if (sections.includes(section)) return permissionKey(api.apiId, section)
  return { refused: `is not a section of ${api.name}; there are ${listed(sections)}` }
}

/** Parses `GET /orders/*` or `shop GET /orders/*` into its stored form. @throws DomainError invalid_request */
export const readEndpoints = (given: readonly string[], names: Names): string[] => {
  const errors: FieldError[] = []
  const found = given.flatMap((text, index) => {
    const { apiName, endpoint } = splitEndpoint(text)
    const api = apiNamed(apiName, names)
    const parsed = parseEndpointPattern(endpoint)
    if (typeof api !== 'string' && parsed.ok) return [endpointKey(api.apiId, parsed.pattern)]
    const message = typeof api === 'string' ? api : parsed.ok ? '' : parsed.message
    errors.push({ path: `endpoints.${index}`, message })
    return []
  })
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  return [...new Set(found)]
}

export type GivenEverySection = readonly {
  readonly api?: string | undefined
  readonly level: PermissionLevel
  readonly except?: readonly string[] | undefined
}[]

/** Every excepted section must exist, because a misspelt one would be granted. @throws DomainError invalid_request */
export const readEverySection = (
  given: GivenEverySection,
  names: Names,
): StoredAccessPolicy['roles'][number]['everySection'] => {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  const found = given.flatMap(({ api: name, level, except = [] }, index) => {
    const api = apiNamed(name ?? null, names)
    if (typeof api === 'string') {
      errors.push({ path: `everySection.${index}.api`, message: api })
      return []
    }
    if (seen.has(api.apiId)) errors.push({ path: `everySection.${index}.api`, message: 'is named twice' })
    seen.add(api.apiId)
    const stored = names.apis.get(api.apiId)
    const sections = stored === undefined ? [] : sectionNamesOf(stored, names.organizationId)
    for (const [at, section] of except.entries()) {
      if (sections.includes(section)) continue
      const message = `is not a section of ${api.name}; there are ${listed(sections)}`
      errors.push({ path: `everySection.${index}.except.${at}`, message })
    }
    return [{ apiId: api.apiId, level, except: [...new Set(except)] }]
  })
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
  return found
}

/** The organization's name for an API; null if the API is implied. */
const shownApi = (apiId: ApiId, sees: Sees): string | null => {
  const found = sees.apis.find((api) => api.apiId === apiId)
  if (found === undefined) return apiId
  return impliedApi(sees)?.apiId === apiId ? null : found.name
}

const inFront = (api: string | null, separator: string, text: string): string =>
  api === null ? text : `${api}${separator}${text}`

export const shownPermissions = (
  permissions: Readonly<Record<string, PermissionLevel>>,
  sees: Sees,
): Record<string, PermissionLevel> =>
  Object.fromEntries(
    Object.entries(permissions).map(([key, level]) => {
      const named = readPermissionKey(key)
      return [named === null ? key : inFront(shownApi(named.apiId, sees), '/', named.section), level]
    }),
  )

export const shownEndpoint = (apiId: ApiId, pattern: EndpointPattern, sees: Sees): string =>
  inFront(shownApi(apiId, sees), ' ', formatEndpointPattern(pattern))

export const shownEndpoints = (endpoints: readonly string[], sees: Sees): string[] =>
  endpoints.map((key) => {
    const { apiId, pattern } = readEndpointKey(key)
    return shownEndpoint(apiId, pattern, sees)
  })

export const shownApiName = (apiId: ApiId, { apis }: Sees): string =>
  apis.find((api) => api.apiId === apiId)?.name ?? apiId
