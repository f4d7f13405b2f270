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

/** Every decision searches all sections. */
export const maximumSections = 200
export const maximumSectionEndpoints = 2000

/** The policy and the memberships of one organization. */
export type Holding = {
  readonly policy: StoredAccessPolicy
  readonly memberships: readonly StoredMembership[]
}

/** All organizations whose permissions can name a section of the API: the owner first, then those that it is shared with. */
export const readHoldings = (
  dependencies: Pick<ApiDependencies, 'readAccessPolicy' | 'readDirectory'>,
  { organizationId, shares }: StoredApi,
): Promise<Holding[]> =>
  Promise.all(
    [organizationId, ...shares.map((share) => share.organizationId)].map(async (holder) => {
      const [policy, memberships] = await Promise.all([
        policyOf(dependencies, holder),
        dependencies.readDirectory(holder),
      ])
      return { policy, memberships }
    }),
  )

/** Users, roles and shares that name a section, as texts for `refuseInUse`. */
export const holdersOf = (name: string, api: StoredApi, holdings: readonly Holding[]): (string | null)[] => {
  const { apiId, shares } = api
  const key = permissionKey(apiId, name)
  const isNamedBy = ({ permissions, everySection }: StoredAccessPolicy['roles'][number]): boolean =>
    Object.hasOwn(permissions, key) ||
    everySection.some((every) => every.apiId === apiId && every.except.includes(name))
  const sharing = shares.filter(
    ({ sections, everySection }) => Object.hasOwn(sections, name) || everySection?.except.includes(name),
  )
  const named = holdings.flatMap(({ policy, memberships }) => {
    const users = usersOf(memberships, ({ permissions }) => Object.hasOwn(permissions, key))
    const roles = rolesNamed(policy.roles.filter(isNamedBy).map((role) => role.name))
    if (policy.organizationId === api.organizationId) return [users, roles]
    // Names of another organization's users are not disclosed.
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
 * Refuses a new section if a permission still names a deleted one of that name, which a concurrent grant can leave behind.
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

/** Endpoints of `after` that are not in `before` at the same level. */
export const addedEndpoints = (
  before: Pick<StoredSection, 'endpoints'>,
  after: Pick<StoredSection, 'endpoints'>,
): StoredSectionEndpoint[] => {
  const known = new Set(before.endpoints.map(({ endpoint, level }) => `${level} ${endpoint}`))
  return after.endpoints.filter(({ endpoint, level }) => !known.has(`${level} ${endpoint}`))
}

/**
 * Endpoints that the holders of the section gain: new ones, and those that now need a lower level. A section that becomes a dashboard
 * grants its read endpoints to the role Read Only.
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
 * A caller who adds an endpoint to a section, or lowers its level, grants it to all holders of the section, possibly including
 * themselves. So the caller must already hold it. Removing an endpoint needs no grants.
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
    'You can add only endpoints that you hold for all account groups.',
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
  throw invalidField(
    'name',
    `must not begin with "${reservedPrefix}", which is reserved for Postern's own sections`,
  )
}
