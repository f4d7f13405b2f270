import { builtInRoles } from '../decision/role.ts'
import { readEndpointKey, readPermissionKey } from '../decision/stored-grants.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import type { StoredApi } from './stored-api.ts'

/**
 * Giving and deleting are conditioned on one another. Before something is deleted, its item says that it is withdrawn; from then on no
 * transaction that gives it commits, and whoever looks for holders sees all that there will ever be. A mark holds for a minute, which no
 * request lives: one that was left behind by a request that died is over by itself, and so are the marks of what is gone.
 */
type Withdrawn = { readonly withdrawn?: Readonly<Record<string, string>> | undefined }

const markSeconds = 60
/** A mark must outlive the request that relies on it. */
const reliableSeconds = 25

const before = (now: number, seconds: number): string => new Date(now - seconds * 1000).toISOString()

/** What an access policy holds that can be given. */
export const referencesIn = ({ roles, accountGroups, integrationVendors }: StoredAccessPolicy): string[] => [
  ...roles.map(({ roleId }) => `role ${roleId}`),
  ...accountGroups.map(({ aid }) => `group ${aid}`),
  ...integrationVendors.map(({ vendorId }) => `vendor ${vendorId}`),
]

export const wholeApi = 'api'
const sectionReference = (name: string): string => `section ${name}`

/** What an API holds that can be given. */
export const referencesOfApi = ({ sections }: Pick<StoredApi, 'sections'>): string[] => [
  wholeApi,
  ...sections.map(({ name }) => sectionReference(name)),
]

export const isMarked = ({ withdrawn = {} }: Withdrawn, gone: readonly string[], now: number): boolean =>
  gone.every((reference) => (withdrawn[reference] ?? '') > before(now, reliableSeconds))

/** The marks of an item with these, without those that are over. */
export const marked = ({ withdrawn = {} }: Withdrawn, gone: readonly string[], now: number) => {
  const live = Object.entries(withdrawn).filter(([, at]) => at > before(now, markSeconds))
  const added = gone.map((reference): [string, string] => [reference, before(now, 0)])
  return Object.fromEntries([...live, ...added])
}

export const unmarked = ({ withdrawn = {} }: Withdrawn, kept: readonly string[]) =>
  Object.fromEntries(Object.entries(withdrawn).filter(([reference]) => !kept.includes(reference)))

type Role = StoredAccessPolicy['roles'][number]
type Giving = Pick<StoredMembership, 'permissions' | 'endpoints'> & Partial<Pick<Role, 'everySection'>>

/** By the API. */
type ApiReferences = ReadonlyMap<string, ReadonlySet<string>>

const apisNamedBy = (given: readonly Giving[]): ApiReferences => {
  const found = new Map<string, Set<string>>()
  const add = (apiId: string, ...references: string[]): void => {
    found.set(apiId, new Set([...(found.get(apiId) ?? [wholeApi]), ...references]))
  }
  for (const { permissions, endpoints, everySection = [] } of given) {
    for (const key of Object.keys(permissions)) {
      const named = readPermissionKey(key)
      if (named !== null) add(named.apiId, sectionReference(named.section))
    }
    for (const key of endpoints) add(readEndpointKey(key).apiId)
    for (const { apiId, except } of everySection) add(apiId, ...except.map(sectionReference))
  }
  return found
}

const namedBy = (place: StoredMembership): string[] => {
  const roleIds = [
    ...place.allAccountGroupRoles,
    ...place.accountGroupRoles.flatMap(({ roles }) => roles),
  ].filter((roleId) => !builtInRoles.some((role) => role.roleId === roleId))
  const groups = [...place.accountGroupRoles.map(({ aid }) => aid), place.loginAccountGroup ?? []].flat()
  return [
    ...roleIds.map((roleId) => `role ${roleId}`),
    ...groups.map((aid) => `group ${aid}`),
    ...(place.integrationVendor === null ? [] : [`vendor ${place.integrationVendor}`]),
  ]
}

export const withdrawnLabel = 'still there'

const checkWrite = (
  key: { readonly pk: string; readonly sk: string },
  references: readonly string[],
  now: number,
): Write => {
  const names = Object.fromEntries(references.map((reference, index) => [`#r${index}`, reference]))
  // Of what is not there no comparison holds.
  const none = references.map((_, index) => `NOT #w.#r${index} >= :since`)
  return {
    label: withdrawnLabel,
    check: key,
    condition: ['attribute_exists(pk)', ...none].join(' AND '),
    names: { '#w': 'withdrawn', ...names },
    values: { ':since': before(now, markSeconds) },
  }
}

/** A condition has room for so many; more are given by several requests. */
const mostReferences = 90

const without = (all: Iterable<string>, known: ReadonlySet<string>): string[] =>
  [...new Set(all)].filter((each) => !known.has(each)).slice(0, mostReferences)

const apiChecks = (had: ApiReferences, has: ApiReferences, now: number): Write[] =>
  [...has].flatMap(([apiId, references]) => {
    const added = without(references, had.get(apiId) ?? new Set())
    return added.length === 0 ? [] : [checkWrite(keys.api(apiId), added, now)]
  })

/** For the transaction that gives a place something: that all of it is still there, and not about to go. */
export const placeChecks = (had: StoredMembership | null, has: StoredMembership, now: number): Write[] => {
  const added = without(namedBy(has), new Set(had === null ? [] : namedBy(had)))
  return [
    ...(added.length === 0 ? [] : [checkWrite(keys.accessPolicy(has.organizationId), added, now)]),
    ...apiChecks(apisNamedBy(had === null ? [] : [had]), apisNamedBy([has]), now),
  ]
}

/** Likewise for what roles give. */
export const roleChecks = (had: readonly Role[], has: readonly Role[], now: number): Write[] =>
  apiChecks(apisNamedBy(had), apisNamedBy(has), now)
