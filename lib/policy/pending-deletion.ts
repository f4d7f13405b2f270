import { builtInRoles } from '../decision/role.ts'
import { readEndpointKey, readPermissionKey } from '../decision/stored-grants.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import type { ApiId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import type { Write } from '../table/transaction.ts'
import type { StoredApi } from './stored-api.ts'

/**
 * Two-phase deletion of what can be granted. The first transaction marks it in its item; from then on no transaction that grants it
 * commits, so a search for holders is complete. The second transaction deletes it. A mark expires after a minute, which is longer than
 * any request runs, so no mark needs cleaning up.
 */
type PendingDeletions = { readonly pendingDeletions?: Readonly<Record<string, string>> | undefined }

const markSeconds = 60
/** A request relies only on marks younger than this, so that they do not expire while it runs. */
const reliableSeconds = 25

const before = (now: number, seconds: number): string => new Date(now - seconds * 1000).toISOString()

/** What can be granted from an access policy. */
export const referencesIn = ({ roles, accountGroups, integrationVendors }: StoredAccessPolicy): string[] => [
  ...roles.map(({ roleId }) => `role ${roleId}`),
  ...accountGroups.map(({ aid }) => `group ${aid}`),
  ...integrationVendors.map(({ vendorId }) => `vendor ${vendorId}`),
]

export const wholeApi = 'api'
const sectionReference = (name: string): string => `section ${name}`

/** What can be granted from an API. */
export const referencesOfApi = ({ sections }: Pick<StoredApi, 'sections'>): string[] => [
  wholeApi,
  ...sections.map(({ name }) => sectionReference(name)),
]

export const isMarked = (
  { pendingDeletions = {} }: PendingDeletions,
  gone: readonly string[],
  now: number,
): boolean => gone.every((reference) => (pendingDeletions[reference] ?? '') > before(now, reliableSeconds))

/** The live marks of an item, plus marks for these references. */
export const marked = ({ pendingDeletions = {} }: PendingDeletions, gone: readonly string[], now: number) => {
  const live = Object.entries(pendingDeletions).filter(([, at]) => at > before(now, markSeconds))
  const added = gone.map((reference): [string, string] => [reference, before(now, 0)])
  return Object.fromEntries([...live, ...added])
}

export const unmarked = ({ pendingDeletions = {} }: PendingDeletions, kept: readonly string[]) =>
  Object.fromEntries(Object.entries(pendingDeletions).filter(([reference]) => !kept.includes(reference)))

type Role = StoredAccessPolicy['roles'][number]
type Giving = Pick<StoredMembership, 'permissions' | 'endpoints'> & Partial<Pick<Role, 'everySection'>>

/** By apiId. */
type ApiReferences = ReadonlyMap<ApiId, ReadonlySet<string>>

const apisNamedBy = (given: readonly Giving[]): ApiReferences => {
  const found = new Map<ApiId, Set<string>>()
  const add = (apiId: ApiId, ...references: string[]): void => {
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

const namedBy = (membership: StoredMembership): string[] => {
  const roleIds = [
    ...membership.allAccountGroupRoles,
    ...membership.accountGroupRoles.flatMap(({ roles }) => roles),
  ].filter((roleId) => !builtInRoles.some((role) => role.roleId === roleId))
  const groups = [
    ...membership.accountGroupRoles.map(({ aid }) => aid),
    membership.loginAccountGroup ?? [],
  ].flat()
  return [
    ...roleIds.map((roleId) => `role ${roleId}`),
    ...groups.map((aid) => `group ${aid}`),
    ...(membership.integrationVendor === null ? [] : [`vendor ${membership.integrationVendor}`]),
  ]
}

export const pendingDeletionLabel = 'not being deleted'

const checkWrite = (
  key: { readonly pk: string; readonly sk: string },
  references: readonly string[],
  now: number,
): Write => {
  const names = Object.fromEntries(references.map((reference, index) => [`#r${index}`, reference]))
  // A comparison with a missing attribute is false, so `<` would refuse unmarked references.
  const none = references.map((_, index) => `NOT #w.#r${index} >= :since`)
  return {
    label: pendingDeletionLabel,
    check: key,
    condition: ['attribute_exists(pk)', ...none].join(' AND '),
    names: { '#w': 'pendingDeletions', ...names },
    values: { ':since': before(now, markSeconds) },
  }
}

/** The most that one condition expression can check. */
const mostReferences = 90

const without = (all: Iterable<string>, known: ReadonlySet<string>): string[] =>
  [...new Set(all)].filter((each) => !known.has(each)).slice(0, mostReferences)

const apiChecks = (had: ApiReferences, has: ApiReferences, now: number): Write[] =>
  [...has].flatMap(([apiId, references]) => {
    const added = without(references, had.get(apiId) ?? new Set())
    return added.length === 0 ? [] : [checkWrite(keys.api(apiId), added, now)]
  })

/** Conditions for a transaction that grants a membership something: all of it exists and is not being deleted. */
export const membershipChecks = (
  had: StoredMembership | null,
  has: StoredMembership,
  now: number,
): Write[] => {
  const added = without(namedBy(has), new Set(had === null ? [] : namedBy(had)))
  return [
    ...(added.length === 0 ? [] : [checkWrite(keys.accessPolicy(has.organizationId), added, now)]),
    ...apiChecks(apisNamedBy(had === null ? [] : [had]), apisNamedBy([has]), now),
  ]
}

/** The same for the grants of roles. */
export const roleChecks = (had: readonly Role[], has: readonly Role[], now: number): Write[] =>
  apiChecks(apisNamedBy(had), apisNamedBy(has), now)
