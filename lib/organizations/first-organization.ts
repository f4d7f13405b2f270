import { firstGatewayWrites, newGateways } from '../apis/gateway-bindings.ts'
import { audienceClaimWrite, newApi } from '../apis/manage-apis.ts'
import type { StoredApi, StoredGateway } from '../apis/stored-api.ts'
import { auditWrite, systemActor } from '../audit/audit-row.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import { newCredentialWrites } from '../credentials/expiry/expiry-entry.ts'
import { newApiId, newOrganizationId } from '../credentials/key-id.ts'
import type { PasswordHasher, PasswordText } from '../credentials/password-text.ts'
import type { RandomBytes } from '../credentials/secret-text.ts'
import { randomId } from '../credentials/secret-text.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import { equipped, firstWrites } from '../users/new-user.ts'
import type { NewSections } from './new-organization.ts'
import {
  firstToken,
  newAccessPolicy,
  newAdministrator,
  newOrganization,
  newSections,
} from './new-organization.ts'

export type FirstOrganizationRequest = {
  readonly organization: string
  readonly username: string
  readonly email: string | null
  /** `shown`: a password and a token are in the answer. `mailed`: neither is made; the administrator asks for a reset link. */
  readonly credentials: 'shown' | 'mailed'
  /** At Postern's own API; 240 unless given. */
  readonly rateLimitPerMinute?: number | undefined
  /** No limit unless given. */
  readonly protectedApiRateLimitPerMinute?: number | undefined
  /** The API to which gateways belong that nobody registers, until they are. */
  readonly api: {
    readonly name: string
    /** A URN of its own unless given. */
    readonly audience?: string | undefined
    readonly gateways: readonly Omit<StoredGateway, 'bindingId'>[]
    readonly sections: NewSections
  }
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

/** Makes the first organization and its administrator; once in the life of a table, whoever asks again. */
export const createFirstOrganization = async (
  dependencies: FirstOrganizationDependencies,
  request: FirstOrganizationRequest,
): Promise<FirstOrganization> => {
  const { randomBytes, hasher } = dependencies
  if (request.credentials === 'mailed' && request.email === null)
    throw new Error('an administrator whose link is mailed needs an e-mail address')
  const occasion = occasionOf(dependencies)
  const organizationId = newOrganizationId(randomBytes)
  const unequipped = newAdministrator(organizationId, request, occasion.at, randomBytes)
  const { userId } = unequipped.user
  const isShown = request.credentials === 'shown'
  const password = isShown ? (randomId(20, randomBytes) as string as PasswordText) : null
  const passwordHash = password === null ? null : await hasher.hash(password)
  const token = isShown ? firstToken(unequipped, occasion.at, randomBytes) : null
  const member = equipped(unequipped, passwordHash, token?.item ?? null)
  const organization = newOrganization(organizationId, request.organization, 1, occasion.at)
  const api = firstApi(organizationId, request.api, occasion.at, randomBytes)
  const outcome = await dependencies.write([
    {
      label: 'installation',
      put: { ...keys.installation(), organizationId, defaultApiId: api.apiId, at: occasion.at },
      condition: notExists,
    },
    {
      label: 'organization',
      put: {
        ...organization,
        rateLimitPerMinute: request.rateLimitPerMinute ?? organization.rateLimitPerMinute,
        protectedApiRateLimitPerMinute: request.protectedApiRateLimitPerMinute ?? null,
      },
      condition: notExists,
    },
    {
      label: 'access policy',
      put: newAccessPolicy(organizationId, [{ apiId: api.apiId, name: api.name, organizationId }]),
      condition: notExists,
    },
    { label: 'api', put: api, condition: notExists },
    audienceClaimWrite(api.audience, api.apiId, dependencies.now()),
    ...firstGatewayWrites(api),
    ...firstWrites(member, passwordHash, occasion.at),
    ...(token === null ? [] : newCredentialWrites(token.item)),
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

const firstApi = (
  organizationId: string,
  { name, audience, gateways, sections }: FirstOrganizationRequest['api'],
  createdAt: string,
  randomBytes: RandomBytes,
): StoredApi => {
  const apiId = newApiId(randomBytes)
  return newApi({
    apiId,
    organizationId,
    name,
    audience: audience ?? `urn:postern:${apiId}`,
    gateways: newGateways(gateways, randomBytes),
    sections: newSections(sections),
    createdAt,
  })
}
