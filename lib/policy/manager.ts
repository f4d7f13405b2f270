import type { Caller } from '../contract/operation.ts'
import type { Grants } from '../decision/grants.ts'
import { noGrants, opensEverywhere } from '../decision/grants.ts'
import type { Apis } from '../decision/grants-cover.ts'
import { covers } from '../decision/grants-cover.ts'
import type { Role } from '../decision/role.ts'
import { grantsOfStored, readPermissionKey } from '../decision/stored-grants.ts'
import type { Subject } from '../decision/subject.ts'
import { grantsIn } from '../decision/subject.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import type { Reach } from '../identity/account-group-reach.ts'
import { reaches } from '../identity/account-group-reach.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredAccessPolicy } from '../identity/stored-organization.ts'
import { rolesOf } from '../identity/subject-of-snapshot.ts'
import { isSameName } from './access-editor.ts'
import { addedTo } from './added-grants.ts'
import type { Names, ReadApis, ReadPermissions } from './api-names.ts'
import { compiledApis, namesOf } from './api-names.ts'

/** A caller who manages users, with the account groups in reach and the names of the organization. */
export type Manager = {
  readonly subject: Subject
  readonly policy: StoredAccessPolicy
  readonly reach: Reach
  readonly names: Names
  readonly apis: Apis
}

/**
 * Reads the APIs only if needed: for names in the request, and for callers who do not hold everything.
 *
 * @param given the grants of the request.
 */
export const managerOf = async (
  readApis: ReadApis,
  { subject, snapshot, reach }: Caller,
  given: { readonly permissions?: object | undefined; readonly endpoints?: object | undefined } = {},
): Promise<Manager> => {
  const { policy } = snapshot
  const holdsEverything = grantsIn(subject, null).some(({ everything }) => everything)
  const needsNone = holdsEverything && given.permissions === undefined && given.endpoints === undefined
  const names = await namesOf(needsNone ? () => Promise.resolve(new Map()) : readApis, policy)
  return { subject, policy, reach, names, apis: compiledApis(names) }
}

type RoleReferences = {
  readonly role?: number | string | undefined
  readonly roles?: readonly (number | string)[] | undefined
}

/** Resolves role references to numbers; undefined if the request names none. */
export const roleIdsFor = (
  given: RoleReferences,
  policy: StoredAccessPolicy | null,
): number[] | undefined => {
  const { role, roles } = given
  if (role !== undefined && roles !== undefined)
    throw invalidField('roles', 'must not be given together with role')
  if (role === undefined && roles === undefined) return undefined
  const known = rolesOf(policy)
  const references = roles ?? (role === undefined ? [] : [role])
  const found = references.map((reference, index) => {
    const match = known.find((candidate) => isNamed(candidate, reference))
    const path = roles === undefined ? 'role' : `roles.${index}`
    if (match === undefined)
      throw invalidField(
        path,
        `is not a role of this organization; there are ${known.map(({ name }) => name).join(', ')}`,
      )
    return match.roleId
  })
  return [...new Set(found)]
}

const isNamed = (role: Role, reference: number | string): boolean =>
  typeof reference === 'number' ? role.roleId === reference : isSameName(role.name, reference)

/** Resolves an integration vendor id or name. @throws DomainError invalid_request */
export const vendorIdFor = (reference: string, policy: StoredAccessPolicy | null): string => {
  const vendors = policy?.integrationVendors ?? []
  const match =
    vendors.find(({ vendorId }) => vendorId === reference) ??
    vendors.find(({ name }) => isSameName(name, reference))
  if (match !== undefined) return match.vendorId
  const names = vendors.map(({ name }) => name).join(', ')
  throw invalidField(
    'integrationVendor',
    `is not an integration vendor of this organization; there ${names === '' ? 'is none yet' : `are ${names}`}`,
  )
}

type Held = Pick<
  StoredMembership,
  | 'allAccountGroupRoles'
  | 'accountGroupRoles'
  | 'permissions'
  | 'endpoints'
  | 'impersonation'
  | 'impersonationTargets'
>

const nothingHeld: Held = {
  allAccountGroupRoles: [],
  accountGroupRoles: [],
  permissions: {},
  endpoints: [],
  impersonation: 'none',
  impersonationTargets: [],
}

/** Grants of a membership and where they apply; `aid` null = in all account groups. */
type GivenGrants = { readonly aid: number | null; readonly grants: Grants }

const grantsOfMembership = (held: Held, policy: StoredAccessPolicy): GivenGrants[] => {
  const roles = new Map(rolesOf(policy).map((role) => [role.roleId, role.grants]))
  const ofRoles = (aid: number | null, roleIds: readonly number[]): GivenGrants[] =>
    roleIds.map((roleId) => ({ aid, grants: roles.get(roleId) ?? noGrants }))
  return [
    ...ofRoles(null, held.allAccountGroupRoles),
    ...held.accountGroupRoles.flatMap((entry) => ofRoles(entry.aid, entry.roles)),
    { aid: null, grants: grantsOfStored(held) },
  ]
}

/** What `after` grants and `before` does not. */
const addedToMembership = (before: Held, after: Held): Held => {
  const hadForAll = new Set(before.allAccountGroupRoles)
  const hadIn = (aid: number): readonly number[] =>
    before.accountGroupRoles.find((entry) => entry.aid === aid)?.roles ?? []
  const { permissions, endpoints, impersonation, impersonationTargets } = addedTo(before, after)
  return {
    ...nothingHeld,
    allAccountGroupRoles: after.allAccountGroupRoles.filter((roleId) => !hadForAll.has(roleId)),
    accountGroupRoles: after.accountGroupRoles.map(({ aid, roles }) => ({
      aid,
      roles: roles.filter((roleId) => !hadForAll.has(roleId) && !hadIn(aid).includes(roleId)),
    })),
    permissions,
    endpoints: [...endpoints],
    impersonation,
    impersonationTargets: [...impersonationTargets],
  }
}

/**
 * Requires that the caller holds what it grants or what its target user holds (U3), in the same account groups: grants for all account
 * groups must be held for all. The account group of the request does not matter, or an administrator of one group could become an
 * administrator of all.
 *
 * @throws DomainError grant_not_held
 */
export const requireHeld = ({ subject, policy, apis }: Manager, held: Held): void => {
  const missing = grantsOfMembership(held, policy).some(
    ({ aid, grants }) => !covers(grantsIn(subject, aid), grants, apis),
  )
  if (missing) {
    throw new DomainError('grant_not_held', {
      detail: 'This user has, or would get, permissions that you do not hold.',
    })
  }
}

/** Requires only added grants to be held; removing grants needs none. @throws DomainError grant_not_held */
export const requireAddedHeld = (manager: Manager, before: Held | null, after: Held): void =>
  requireHeld(manager, addedToMembership(before ?? nothingHeld, after))

/** @throws DomainError access_denied if the membership extends beyond the account groups that the caller manages */
export const requireWithinReach = ({ reach }: Pick<Manager, 'reach'>, membership: StoredMembership): void => {
  if (reaches(reach, membership)) return
  throw new DomainError('access_denied', {
    detail:
      'You manage only some account groups. This user must be in these groups and have no roles or permissions beyond them.',
  })
}

/**
 * A `deny` stores nothing, so it is refused if a role of the user grants the section anyway.
 *
 * @throws DomainError invalid_request, naming the role
 */
export const refuseGrantedByRole = (
  { denied }: ReadPermissions,
  membership: Held,
  { policy, names }: Pick<Manager, 'policy' | 'names'>,
): void => {
  const held = new Set([
    ...membership.allAccountGroupRoles,
    ...membership.accountGroupRoles.flatMap(({ roles }) => roles),
  ])
  const roles = rolesOf(policy).filter(({ roleId }) => held.has(roleId))
  const errors = [...denied].flatMap(([key, name]) => {
    const role = roles.find(({ grants }) => grantsKey(grants, key, isDashboard(key, names)))
    if (role === undefined) return []
    const message = `is granted by the role ${role.name}: permissions only add up, so remove that role instead`
    return [{ path: `permissions.${name}`, message }]
  })
  if (errors.length > 0) throw new DomainError('invalid_request', { errors })
}

const isDashboard = (key: string, { apis }: Names): boolean => {
  const named = readPermissionKey(key)
  const sections = named === null ? undefined : apis.get(named.apiId)?.sections
  return sections?.find(({ name }) => name === named?.section)?.dashboard === true
}

const grantsKey = (
  { everything, management, everyApi, apis }: Grants,
  key: string,
  dashboard: boolean,
): boolean => {
  const named = readPermissionKey(key)
  if (everything) return true
  if (named === null) return Object.hasOwn(management, key)
  const ofApi = apis.get(named.apiId)
  const isInEvery = ofApi?.everySection != null && !ofApi.everySection.except.includes(named.section)
  return (
    opensEverywhere(everyApi, dashboard, 'read') ||
    isInEvery ||
    Object.hasOwn(ofApi?.sections ?? {}, named.section)
  )
}
