import type { MadeCredential } from '../credentials/new-credential.ts'
import { makeCredential } from '../credentials/new-credential.ts'
import { parseEndpointPattern } from '../decision/endpoint-pattern.ts'
import { firstCustomRoleId } from '../decision/role.ts'
import { levelOfMethod } from '../decision/section.ts'
import type { Member } from '../identity/member.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import { defaultAuditRetentionDays, defaultExpiryWarningDays } from '../identity/stored-organization.ts'
import type { StoredSection } from '../policy/stored-api.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { newMembershipId, newUserId } from '../secrets/key-id.ts'
import { defaultPasswordPolicy } from '../secrets/password-policy.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { newMember } from '../users/new-user.ts'

/** `Admin`. */
const administratorRole = 1
/** At Postern's own API; the same as at ThousandEyes (docs/rate-limits.md). */
export const defaultRateLimitPerMinute = 240
const defaultSessionLifetimeSeconds = 900
const firstAccountGroup = 1

/** The first administrator of an organization. */
export const newAdministrator = (
  organizationId: OrganizationId,
  { username, email }: { readonly username: string; readonly email: string | null },
  at: string,
  randomBytes: RandomBytes,
): Member =>
  newMember({
    userId: newUserId(randomBytes),
    organizationId,
    membershipId: newMembershipId(randomBytes),
    username,
    email,
    description: 'The first administrator',
    accessLevel: 'dashboard',
    allAccountGroupRoles: [administratorRole],
    at,
  })

export const firstToken = (
  { user, membership }: Member,
  at: string,
  randomBytes: RandomBytes,
): MadeCredential =>
  makeCredential(
    { organizationId: membership.organizationId, userId: user.userId },
    { kind: 'token', name: 'first administrator', expiresAt: null, endsOnFirstUse: null },
    at,
    randomBytes,
  )

export const newOrganization = (
  organizationId: OrganizationId,
  name: string,
  administratorCount: number,
  createdAt: string,
): StoredOrganization => ({
  ...keys.organization(organizationId),
  kind: itemKinds.organization,
  organizationId,
  name,
  status: 'active',
  minimumPasswordLength: defaultPasswordPolicy.minimumLength,
  forbiddenPasswordCharacters: defaultPasswordPolicy.forbiddenCharacters,
  whitelistRequired: false,
  rateLimitPerMinute: defaultRateLimitPerMinute,
  protectedApiRateLimitPerMinute: null,
  // Expiry warnings ask users to rotate, and a rotation adds nothing to what an administrator granted (docs/credentials.md).
  selfServiceKeys: 'rotate',
  secondFactor: 'optional',
  sessionLifetimeSeconds: defaultSessionLifetimeSeconds,
  resetMailSenderName: name,
  colour: null,
  logo: null,
  auditRetentionDays: defaultAuditRetentionDays,
  expiryWarningDays: defaultExpiryWarningDays,
  locations: [],
  administratorCount,
  auditShards: 1,
  createdAt,
  version: 1,
})

export const newAccessPolicy = (
  organizationId: OrganizationId,
  apis: StoredAccessPolicy['apis'],
): StoredAccessPolicy => ({
  ...keys.accessPolicy(organizationId),
  kind: itemKinds.accessPolicy,
  organizationId,
  roles: [],
  apis,
  accountGroups: [{ aid: firstAccountGroup, name: 'Default', version: 1 }],
  integrationVendors: [],
  nextNumber: firstCustomRoleId,
  chosenNumbers: { accountGroups: [], roles: [] },
  version: 1,
})

/** Initial sections of a protected API. */
export type NewSections = readonly {
  readonly name: string
  readonly title: string
  readonly endpoints: readonly string[]
}[]

export const newSections = (sections: NewSections): StoredSection[] =>
  sections.map(({ name, title, endpoints }) => ({
    name,
    title,
    endpoints: endpoints.map((endpoint) => ({ endpoint: checked(endpoint), level: levelOf(endpoint) })),
    version: 1,
  }))

const checked = (endpoint: string): string => {
  const parsed = parseEndpointPattern(endpoint)
  if (!parsed.ok) throw new Error(`endpoint "${endpoint}" ${parsed.message}`)
  return endpoint
}

const levelOf = (endpoint: string) => levelOfMethod(endpoint.split(' ')[0] ?? '')
