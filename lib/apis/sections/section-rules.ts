import type { Caller } from '../../contract/operation.ts'
import { parseEndpointPattern } from '../../decision/endpoint-pattern.ts'
import { noApiGrants, noGrants } from '../../decision/grants.ts'
import { permissionKey } from '../../decision/stored-grants.ts'
import { invalidField } from '../../effects/domain-error.ts'
import type { StoredMembership } from '../../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../../identity/stored-organization.ts'
import { requireRoomFor } from '../../policy/access-editor.ts'
import { refuseInUse, rolesNamed, usersOf } from '../../policy/in-use.ts'
import type { StoredApi, StoredSection, StoredSectionEndpoint } from '../../policy/stored-api.ts'
import type { ApiDependencies } from '../edit-api.ts'
import { policyOf, requireHeldOfApi } from '../edit-api.ts'

/** The decision looks through all of them for every request. */
export const maximumSections = 200
export const maximumSectionEndpoints = 2000

/** What the permissions of one organization are read from. */
export type Holding = {
  readonly policy: StoredAccessPolicy
  readonly places: readonly StoredMembership[]
}

/** Every organization whose permissions can name a section of the API: the owner first, then those that it is shared with. */
export const readHoldings = (
  dependencies: Pick<ApiDependencies, 'readAccessPolicy' | 'readPlaces'>,
  { organizationId, shares }: StoredApi,
): Promise<Holding[]> =>
  Promise.all(
    [organizationId, ...shares.map((share) => share.organizationId)].map(async (holder) => {
      const [policy, places] = await Promise.all([
        policyOf(dependencies, holder),
        dependencies.readPlaces(holder),
      ])
      return { policy, places }
    }),
  )

/** Whose permissions, exceptions or shares name a section, in words; null for none. */
export const holdersOf = (name: string, api: StoredApi, holdings: readonly Holding[]): (string | null)[] => {
  const { apiId, shares } = api
  const key = permissionKey(apiId, name)
  const isNamedBy = ({ permissions, everySection }: StoredAccessPolicy['roles'][number]): boolean =>
    Object.hasOwn(permissions, key) ||
    everySection.some((every) => every.apiId === apiId && every.except.includes(name))
  const sharing = shares.filter(
    ({ sections, everySection }) => Object.hasOwn(sections, name) || everySection?.except.includes(name),
  )
  const named = holdings.flatMap(({ policy, places }) => {
    const users = usersOf(places, ({ permissions }) => Object.hasOwn(permissions, key))
    const roles = rolesNamed(policy.roles.filter(isNamedBy).map((role) => role.name))
    if (policy.organizationId === api.organizationId) return [users, roles]
    // Who that is, is for the other organization to know.
    return [users === null && roles === null ? null : `permissions in ${policy.organizationId}`]
  })
  return [
    ...named,
    sharing.length === 0
      ? null
      : `the shares with ${sharing.map((share) => share.organizationId).join(', ')}`,
  ]
}

/**
 * A permission that was given at the very moment in which its section was deleted is left over: it must not come to mean what the next
 * section of that name lists.
 *
 * @throws DomainError in_use
 */
export const refuseLeftOvers = async (
  dependencies: Parameters<typeof readHoldings>[0],
  api: StoredApi,
  names: readonly string[],
): Promise<void> => {
  if (names.length === 0) return
  const holdings = await readHoldings(dependencies, api)
  for (const name of names) refuseInUse(`The name ${name}`, holdersOf(name, api, holdings))
}

/** What of `after` was not in `before` with the same level. */
export const addedEndpoints = (
  before: Pick<StoredSection, 'endpoints'>,
  after: Pick<StoredSection, 'endpoints'>,
): StoredSectionEndpoint[] => {
  const known = new Set(before.endpoints.map(({ endpoint, level }) => `${level} ${endpoint}`))
  return after.endpoints.filter(({ endpoint, level }) => !known.has(`${level} ${endpoint}`))
}

/**
 * What the change gives to those who hold the section: endpoints that it did not list, or only at a higher level. One that becomes a
 * dashboard gives all that reads to whoever has the role Read Only.
 */
export const gainedEndpoints = (
  before: Pick<StoredSection, 'endpoints' | 'dashboard'>,
  after: Pick<StoredSection, 'endpoints' | 'dashboard'>,
): StoredSectionEndpoint[] => {
  const becomesDashboard = after.dashboard === true && before.dashboard !== true
  const added = addedEndpoints(before, after).filter(
    ({ endpoint }) => !before.endpoints.some((had) => had.endpoint === endpoint && had.level === 'read'),
  )
  return becomesDashboard ? [...added, ...after.endpoints.filter(({ level }) => level === 'read')] : added
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
