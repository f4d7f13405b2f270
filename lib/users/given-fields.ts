import { DomainError } from '../effects/domain-error.ts'
import type { Member } from '../identity/member.ts'
import type { StoredMembership } from '../identity/stored-membership.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { IdentityFields, MembershipFields } from '../identity/user-fields.ts'
import {
  fieldsIn,
  identityNames,
  initialFields,
  membershipFields,
  membershipNames,
} from '../identity/user-fields.ts'
import { readEndpoints, readPermissions } from '../policy/api-names.ts'
import { impersonationFor } from '../policy/impersonation-fields.ts'
import type { Manager } from '../policy/manager.ts'
import { refuseGrantedByRole, roleIdsFor, vendorIdFor } from '../policy/manager.ts'
import { checkAccountGroup } from '../policy/role-assignment.ts'
import { parseEntries } from '../whitelist/entries.ts'
import { requireListedLocation } from './location.ts'
import type { UserChangeBody } from './user-endpoints.ts'

/** The fields of a request. Roles per account group come from calls that check them (`assignedRoles`). */
export type UserChange = Omit<UserChangeBody, 'version'> &
  Partial<Pick<StoredMembership, 'accountGroupRoles' | 'rateLimitPerMinute'>>

/** The same in stored form. */
export type GivenFields = {
  readonly identity: Partial<IdentityFields>
  readonly membership: Partial<MembershipFields>
}

/**
 * Converts and checks the special fields; stores any other as given.
 *
 * @param before null for a new user.
 * @throws DomainError invalid_request
 */
export const readGiven = (
  given: UserChange,
  manager: Manager,
  organization: StoredOrganization,
  before: Member | null,
): GivenFields => {
  requireListedLocation(given.location, organization, before?.user.location)
  return {
    identity: {
      ...fieldsIn(given, identityNames),
      ...(given.whitelist === undefined ? {} : { whitelist: whitelistTexts(given.whitelist) }),
    },
    membership: givenMembership(given, manager, before?.membership ?? initialFields(membershipFields)),
  }
}

export const isNothing = ({ identity, membership }: GivenFields): boolean =>
  Object.keys({ ...identity, ...membership }).length === 0

/** Names each bad entry in a 400. */
const whitelistTexts = (entries: readonly string[]): string[] => {
  const parsed = parseEntries(entries)
  if (parsed.ok) return [...parsed.texts]
  throw new DomainError('invalid_request', {
    errors: parsed.refusals.map(({ index, message }) => ({ path: `whitelist.${index}`, message })),
  })
}

const givenMembership = (
  change: UserChange,
  manager: Manager,
  before: MembershipFields,
): Partial<MembershipFields> => {
  const { permissions, endpoints, integrationVendor, ...given } = change
  const { policy, names } = manager
  if (typeof given.loginAccountGroup === 'number') {
    checkAccountGroup(policy, given.loginAccountGroup, 'loginAccountGroup')
  }
  const roleIds = roleIdsFor(given, policy)
  const read = permissions === undefined ? undefined : readPermissions(permissions, names)
  const membership = {
    ...fieldsIn(given, membershipNames),
    ...(roleIds === undefined ? {} : { allAccountGroupRoles: roleIds }),
    ...(read === undefined ? {} : { permissions: read.permissions }),
    ...(endpoints === undefined ? {} : { endpoints: readEndpoints(endpoints, names) }),
    ...(typeof integrationVendor === 'string'
      ? { integrationVendor: vendorIdFor(integrationVendor, policy) }
      : fieldsIn({ integrationVendor }, ['integrationVendor'])),
    ...impersonationFor(given, before),
  }
  if (read !== undefined) refuseGrantedByRole(read, { ...before, ...membership }, manager)
  return membership
}
