import { parseEndpointPattern } from '../access/endpoint-pattern.ts'
import { levelOfMethod } from '../access/section.ts'
import { auditWrite, systemActor } from '../audit/audit-row.ts'
import type { Chances } from '../audit/occasion.ts'
import { defaultAuditRetentionDays, occasionOf } from '../audit/occasion.ts'
import { newOrganizationId, newUserId } from '../credentials/key-id.ts'
import { makeCredential } from '../credentials/new-credential.ts'
import { defaultPasswordPolicy } from '../credentials/password-rules.ts'
import type { PasswordHasher, PasswordText } from '../credentials/password-text.ts'
import { randomId } from '../credentials/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import { firstWrites, newMember } from '../users/new-user.ts'
import type { StoredAccessPolicy, StoredOrganization } from './stored-organization.ts'

export type FirstOrganizationRequest = {
  readonly organization: string
  readonly username: string
  readonly email: string | null
  /** `shown`: a password and a token are in the answer. `mailed`: neither is made; the administrator asks for a reset link. */
  readonly credentials: 'shown' | 'mailed'
  /** Sections of the protected APIs to begin with. */
  readonly sections: readonly {
    readonly name: string
    readonly title: string
    readonly endpoints: readonly string[]
  }[]
}

export type FirstOrganization =
  | { readonly created: false }
  | {
      readonly created: true
      readonly organizationId: string
      readonly userId: string
      readonly token?: string
      readonly password?: string
    }

export type FirstOrganizationDependencies = Chances & {
  readonly hasher: Pick<PasswordHasher, 'hash'>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
  /** Asks for a reset mail to the new administrator. */
  readonly requestReset: (username: string) => Write
}

/** `Admin`. */
const administratorRole = 1
const defaultRateLimitPerMinute = 240
const defaultSessionLifetimeSeconds = 900
const firstAccountGroup = 1

/** Makes the first organization and its administrator; once in the life of a table, whoever asks again. */
export const createFirstOrganization = async (
  dependencies: FirstOrganizationDependencies,
  request: FirstOrganizationRequest,
): Promise<FirstOrganization> => {
  const { randomBytes, hasher } = dependencies
  const occasion = occasionOf(dependencies)
  const organizationId = newOrganizationId(randomBytes)
  const member = newMember({
    userId: newUserId(randomBytes),
    organizationId,
    username: request.username,
    email: request.email,
    firstName: '',
    lastName: '',
    name: request.username,
    description: 'The first administrator',
    status: 'active',
    accessLevel: 'dashboard',
    timezone: 'UTC',
    location: '',
    whitelist: [],
    allAccountGroupRoles: [administratorRole],
    permissions: {},
    endpoints: [],
    at: occasion.at,
  })
  const { userId } = member.user
  const isShown = request.credentials === 'shown'
  const password = isShown ? (randomId(20, randomBytes) as string as PasswordText) : null
  const passwordHash = password === null ? null : await hasher.hash(password)
  const token = isShown
    ? makeCredential(
        { organizationId, userId },
        { kind: 'token', name: 'first administrator', expiresAt: null, endsOnFirstUse: null },
        occasion.at,
        randomBytes,
      )
    : null
  const user = { ...member.user, credentialCount: token === null ? 0 : 1 }
  const outcome = await dependencies.write([
    {
      label: 'installation',
      put: { ...keys.installation(), organizationId, at: occasion.at },
      condition: notExists,
    },
    {
      label: 'organization',
      put: newOrganization(organizationId, request.organization, 1, occasion.at),
      condition: notExists,
    },
    { label: 'access policy', put: newAccessPolicy(organizationId, request), condition: notExists },
    ...firstWrites({ ...member, user }, passwordHash, occasion.at),
    ...(token === null ? [] : [{ label: 'credential', put: token.item }]),
    ...(isShown ? [] : [dependencies.requestReset(request.username)]),
    auditWrite(
      {
        organizationId,
        action: 'organization.created',
        actor: systemActor,
        targetUserId: userId,
        targetId: organizationId,
        address: null,
        requestId: null,
        changes: [],
      },
      occasion,
    ),
  ])
  if (!outcome.committed) return { created: false }
  return {
    created: true,
    organizationId,
    userId,
    ...(token === null ? {} : { token: token.secret }),
    ...(password === null ? {} : { password }),
  }
}

export const newOrganization = (
  organizationId: string,
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
  sessionLifetimeSeconds: defaultSessionLifetimeSeconds,
  resetMailSenderName: name,
  auditRetentionDays: defaultAuditRetentionDays,
  administratorCount,
  createdAt,
  version: 1,
})

const newAccessPolicy = (
  organizationId: string,
  { sections }: FirstOrganizationRequest,
): StoredAccessPolicy => ({
  ...keys.accessPolicy(organizationId),
  kind: itemKinds.accessPolicy,
  organizationId,
  roles: [],
  sections: sections.map(({ name, title, endpoints }) => ({
    name,
    title,
    endpoints: endpoints.map((endpoint) => ({ endpoint: checked(endpoint), level: levelOf(endpoint) })),
  })),
  accountGroups: [{ aid: firstAccountGroup, name: 'Default' }],
  integrationVendors: [],
  nextNumber: 1000,
  version: 1,
})

const checked = (endpoint: string): string => {
  const parsed = parseEndpointPattern(endpoint)
  if (!parsed.ok) throw new Error(`endpoint "${endpoint}" ${parsed.message}`)
  return endpoint
}

const levelOf = (endpoint: string) => levelOfMethod(endpoint.split(' ')[0] ?? '')
