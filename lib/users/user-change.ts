import { requireHome } from '../identity/home.ts'
import type { Member } from '../identity/member.ts'
import { isGuest } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import { readEndpoints, readPermissions } from '../policy/api-names.ts'
import { impersonationFor } from '../policy/impersonation-fields.ts'
import type { Manager } from '../policy/manager.ts'
import { refuseGrantedByRole, roleIdsFor, vendorIdFor } from '../policy/manager.ts'
import { checkAccountGroup } from '../policy/role-assignment.ts'
import { parseEntries } from '../whitelist/entries.ts'
import { canonicalUsernameOf } from './new-user.ts'
import type { UserChangeBody } from './user-endpoints.ts'
import { whitelistRefused } from './whitelist-refused.ts'

export type UserChange = Omit<UserChangeBody, 'version'> &
  Partial<Pick<StoredMembership, 'accountGroupRoles' | 'rateLimitPerMinute'>>

type Fields<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

const given = <T extends Record<string, unknown>>(fields: T): Fields<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields<T>

/** Who the user is. */
const identityFields = (change: UserChange): Partial<StoredUser> => {
  const { username, email, firstName, lastName, name, description, status, accessLevel, timezone, location } =
    change
  const whitelist = change.whitelist === undefined ? undefined : parseEntries(change.whitelist)
  if (whitelist?.ok === false) throw whitelistRefused(whitelist.refusals)
  return given({
    username,
    canonicalUsername: username === undefined ? undefined : canonicalUsernameOf(username),
    email,
    whitelist: whitelist === undefined ? undefined : [...whitelist.texts],
    firstName,
    lastName,
    name,
    description,
    status,
    accessLevel,
    timezone,
    location,
  })
}

/** What the user may do in this organization. */
const accessFields = (
  change: UserChange,
  before: StoredMembership,
  manager: Manager,
): Partial<StoredMembership> => {
  const { accountGroupRoles, loginAccountGroup, integrationVendor, rateLimitPerMinute } = change
  if (typeof loginAccountGroup === 'number') {
    checkAccountGroup(manager.policy, loginAccountGroup, 'loginAccountGroup')
  }
  const read =
    change.permissions === undefined ? undefined : readPermissions(change.permissions, manager.names)
  const fields = given({
    allAccountGroupRoles: roleIdsFor(change, manager.policy),
    accountGroupRoles,
    loginAccountGroup,
    rateLimitPerMinute,
    permissions: read?.permissions,
    endpoints: change.endpoints === undefined ? undefined : readEndpoints(change.endpoints, manager.names),
    integrationVendor:
      typeof integrationVendor === 'string'
        ? vendorIdFor(integrationVendor, manager.policy)
        : integrationVendor,
    ...impersonationFor(change, before),
  })
  if (read !== undefined) refuseGrantedByRole(read, { ...before, ...fields }, manager)
  return fields
}

/**
 * The member as it will be, or null when nothing is asked for. One of the two versions moves by one: the user's when its home
 * changes it, the membership's when another organization changes the place it has there.
 *
 * @throws DomainError invalid_request, guest_not_editable
 */
export const changedMember = (
  before: Member,
  change: UserChange,
  manager: Manager,
  at: string,
): Member | null => {
  const identity = identityFields(change)
  const access = accessFields(change, before.membership, manager)
  const changesIdentity = Object.keys(identity).length > 0
  if (!changesIdentity && Object.keys(access).length === 0) return null
  if (changesIdentity) requireHome(before)
  const isHome = !isGuest(before)
  const changed = { ...before.user, ...identity }
  const isSameAddress = changed.email === before.user.email
  const user = { ...changed, emailVerified: changed.emailVerified && isSameAddress }
  const membership = { ...before.membership, ...access }
  const isDisabled = before.user.status === 'active' && user.status === 'disabled'
  // What these give is in tokens that were issued: those must not come back with it.
  const lasting = ({ allAccountGroupRoles, accountGroupRoles, ...place }: StoredMembership) =>
    JSON.stringify([allAccountGroupRoles, accountGroupRoles, place.impersonation, place.impersonationTargets])
  return {
    user: isHome
      ? { ...user, updatedAt: at, version: user.version + 1, epoch: user.epoch + (isDisabled ? 1 : 0) }
      : user,
    membership: {
      ...membership,
      directorySk: user.canonicalUsername,
      version: membership.version + (isHome ? 0 : 1),
      epoch: membership.epoch + (lasting(before.membership) === lasting(membership) ? 0 : 1),
    },
  }
}

/** Fields by which a place can lose rights. Whether a change of them gives any is another question (`requireAddedHeld`). */
const takingFields: readonly string[] = [
  'role',
  'roles',
  'accountGroupRoles',
  'permissions',
  'endpoints',
  'impersonation',
  'impersonationTargets',
  'rateLimitPerMinute',
]

/** May this change do nothing to the user but take rights away, or give new ones? */
export const concernsRightsOnly = (change: UserChange): boolean =>
  Object.entries(change).every(
    ([field, value]) =>
      value === undefined || takingFields.includes(field) || (field === 'status' && value === 'disabled'),
  )
