import { parseEndpointPattern } from '../access/endpoint-pattern.ts'
import { noApiGrants, noGrants } from '../access/grants.ts'
import { permissionKey } from '../access/stored-grants.ts'
import { requireRoomFor } from '../access-policy/access-editor.ts'
import { refuseInUse, rolesNamed, usersOf } from '../access-policy/in-use.ts'
import type { ApiDependencies } from '../apis/edit-api.ts'
import { policyOf, requireHeldOfApi } from '../apis/edit-api.ts'
import type { StoredApi, StoredSection, StoredSectionEndpoint } from '../apis/stored-api.ts'
import { invalidField } from '../domain-error.ts'
import type { Caller } from '../http/operation.ts'
import type { StoredAccessPolicy } from '../organizations/stored-organization.ts'
import type { StoredMembership } from '../users/stored-membership.ts'

/** The decision looks through all of them for every request. */
export const maximumSections = 200
export const maximumSectionEndpoints = 2000

/** Whose permissions, exceptions or shares name a section, in words; null for none. */
export const holdersOf = (
  name: string,
  { apiId, shares }: StoredApi,
  policy: StoredAccessPolicy,
  places: readonly StoredMembership[],
): (string | null)[] => {
  const key = permissionKey(apiId, name)
  const isNamedBy = ({ permissions, everySection }: StoredAccessPolicy['roles'][number]): boolean =>
    Object.hasOwn(permissions, key) ||
    everySection.some((every) => every.apiId === apiId && every.except.includes(name))
  const sharing = shares.filter(
    ({ sections, everySection }) => Object.hasOwn(sections, name) || everySection?.except.includes(name),
  )
  return [
    usersOf(places, ({ permissions }) => Object.hasOwn(permissions, key)),
    rolesNamed(policy.roles.filter(isNamedBy).map((role) => role.name)),
    sharing.length === 0
      ? null
      : `the shares with ${sharing.map((share) => share.organizationId).join(', ')}`,
  ]
}

/** What of `after` was not in `before` with the same level. */
export const addedEndpoints = (
  before: Pick<StoredSection, 'endpoints'>,
  after: Pick<StoredSection, 'endpoints'>,
): StoredSectionEndpoint[] => {
  const known = new Set(before.endpoints.map(({ endpoint, level }) => `${level} ${endpoint}`))
  return after.endpoints.filter(({ endpoint, level }) => !known.has(`${level} ${endpoint}`))
}

/** What the change gives to those who hold the section: endpoints that it did not list, or only at a higher level. */
export const gainedEndpoints = (
  before: Pick<StoredSection, 'endpoints'>,
  after: Pick<StoredSection, 'endpoints'>,
): StoredSectionEndpoint[] =>
  addedEndpoints(before, after).filter(
    ({ endpoint }) => !before.endpoints.some((had) => had.endpoint === endpoint && had.level === 'read'),
  )

/**
 * A permission that was given while a section was being deleted outlives it. A new section of that name must not give it a new meaning.
 *
 * @throws DomainError in_use
 */
export const refuseLeftOver = async (
  { readAccessPolicy, readPlaces }: Pick<ApiDependencies, 'readAccessPolicy' | 'readPlaces'>,
  api: StoredApi,
  names: readonly string[],
): Promise<void> => {
  if (names.length === 0) return
  const [policy, places] = await Promise.all([
    policyOf({ readAccessPolicy }, api.organizationId),
    readPlaces(api.organizationId),
  ])
  for (const name of names) refuseInUse(`An earlier section ${name}`, holdersOf(name, api, policy, places))
}

/**
 * Whoever lists an endpoint in a section, or lowers what it takes, gives it to everybody who holds the section, perhaps also to
 * themselves; so they must hold it already. Taking an endpoint out needs no right.
 *
 * @throws DomainError grant_not_held
 */
export const requireEndpointsHeld = (
  caller: Caller,
  api: StoredApi,
  added: readonly StoredSectionEndpoint[],
): void => {
  const endpoints = added.map(({ endpoint }) => {
    const parsed = parseEndpointPattern(endpoint)
    if (!parsed.ok) throw invalidField('endpoints', parsed.message)
    return parsed.pattern
  })
  requireHeldOfApi(
    caller,
    api,
    { ...noGrants, apis: new Map([[api.apiId, { ...noApiGrants, endpoints }]]) },
    'Sections gain endpoints from somebody who holds these for every account group.',
  )
}

/** @throws DomainError invalid_request */
export const requireRoomForSections = (sections: readonly StoredSection[], path: string): void => {
  requireRoomFor(sections.length, maximumSections, 'sections', path)
  const count = sections.reduce((sum, { endpoints }) => sum + endpoints.length, 0)
  requireRoomFor(count, maximumSectionEndpoints, 'endpoints in the sections of an API', path)
}

const reservedPrefix = 'postern-'

export const isReservedName = (name: string): boolean => name.startsWith(reservedPrefix)

export const requireOwnName = (name: string): void => {
  if (!isReservedName(name)) return
  throw invalidField('name', `must not begin with "${reservedPrefix}": such sections are Postern's own`)
}
