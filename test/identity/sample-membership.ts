import type { StoredMembership } from '../../lib/identity/stored-membership.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../../lib/identity/stored-organization.ts'
import type { StoredUser } from '../../lib/identity/stored-user.ts'
import { identityFields, initialFields, membershipFields } from '../../lib/identity/user-fields.ts'

const createdAt = '2026-11-21T12:00:00.000Z'

export const storedUser = (changed: Partial<StoredUser> = {}): StoredUser => ({
  pk: 'USER#usr_1',
  sk: 'PROFILE',
  kind: 'user',
  userId: 'usr_1',
  homeOrganizationId: 'org_1',
  canonicalUsername: 'partner-42',
  ...initialFields(identityFields),
  username: 'Partner-42',
  createdAt,
  updatedAt: createdAt,
  lastLoginAt: null,
  lastUsedAt: null,
  credentialCount: 0,
  importedCount: 0,
  lastingCredentialCount: 0,
  hasPassword: false,
  guestCount: 0,
  endedVersions: 0,
  epoch: 3,
  version: 1,
  ...changed,
})

/** The membership of that user at home, where it holds nothing. */
export const storedMembership = (changed: Partial<StoredMembership> = {}): StoredMembership => ({
  pk: 'USER#usr_1',
  sk: 'MEMBER#org_1',
  kind: 'membership',
  directoryPk: 'ORG#org_1',
  directorySk: 'partner-42',
  userId: 'usr_1',
  organizationId: 'org_1',
  membershipId: 'mem_1',
  status: 'active',
  invitedUntilSeconds: null,
  ...initialFields(membershipFields),
  changedAt: '2026-11-21T09:00:00.000Z',
  epoch: 5,
  version: 1,
  ...changed,
})

export type StoredRole = StoredAccessPolicy['roles'][number]

/** A custom role that gives nothing. */
export const storedRole = (changed: Partial<StoredRole> = {}): StoredRole => ({
  roleId: 1000,
  name: 'custom',
  permissions: {},
  endpoints: [],
  everySection: [],
  impersonation: 'none',
  impersonationTargets: [],
  impersonationEpoch: 0,
  version: 1,
  ...changed,
})

export const policy = (changed: Partial<StoredAccessPolicy> = {}): StoredAccessPolicy => ({
  pk: 'ORG#org_1',
  sk: 'ACCESS',
  kind: 'access-policy',
  organizationId: 'org_1',
  roles: [],
  apis: [],
  accountGroups: [],
  integrationVendors: [],
  nextNumber: 1000,
  chosenNumbers: { accountGroups: [], roles: [] },
  version: 1,
  ...changed,
})

export const storedOrganization = (changed: Partial<StoredOrganization> = {}): StoredOrganization => ({
  pk: 'ORG#org_1',
  sk: 'SETTINGS',
  kind: 'organization',
  organizationId: 'org_1',
  name: 'Example',
  status: 'active',
  secondFactor: 'optional',
  minimumPasswordLength: 8,
  forbiddenPasswordCharacters: '',
  whitelistRequired: false,
  rateLimitPerMinute: 240,
  protectedApiRateLimitPerMinute: null,
  selfServiceKeys: 'all',
  sessionLifetimeSeconds: 900,
  resetMailSenderName: 'Example',
  colour: null,
  logo: null,
  auditRetentionDays: 366,
  expiryWarningDays: 14,
  locations: [],
  administratorCount: 1,
  auditShards: 1,
  createdAt,
  version: 1,
  ...changed,
})
