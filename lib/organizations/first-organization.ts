import { firstGatewayWrites, newGateways } from '../apis/gateway-bindings.ts'
import { audienceClaimWrite, newApi } from '../apis/manage-apis.ts'
import type { Occasion } from '../audit/audit-row.ts'
import { rowBySystem } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import { newCredentialWrites } from '../credentials/expiry/expiry-entry.ts'
import type { Installation, StoredInstallation } from '../identity/installation-store.ts'
import type { Member } from '../identity/member.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import { linkRequest, linkRequestWrite } from '../mail/reset-request.ts'
import type { StoredApi, StoredGateway } from '../policy/stored-api.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import { newApiId, newOrganizationId } from '../secrets/key-id.ts'
import type { PasswordHasher, PasswordText } from '../secrets/password-text.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import { randomId } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import { equipped, firstWrites } from '../users/new-user.ts'
import type { NewSections } from './new-organization.ts'
import {
  defaultRateLimitPerMinute,
  firstToken,
  newAccessPolicy,
  newAdministrator,
  newOrganization,
  newSections,
} from './new-organization.ts'
import { hasGotIn, replacementWrites } from './replace-administrator.ts'

export type FirstOrganizationRequest = {
  readonly organization: string
  readonly username: string
  readonly email: string | null
  /** `shown`: returns a password and a token. `mailed`: makes neither; the administrator gets a reset link by mail. */
  readonly credentials: 'shown' | 'mailed'
  /** At Postern's own API. Default: 240. */
  readonly rateLimitPerMinute?: number | undefined
  /** Default: no limit. */
  readonly protectedApiRateLimitPerMinute?: number | undefined
  /** The API of unregistered gateways. */
  readonly api: {
    readonly name: string
    /** Default: a unique URN. */
    readonly audience?: string | undefined
    readonly gateways: readonly Omit<StoredGateway, 'bindingId'>[]
    readonly sections: NewSections
  }
}

export type FirstOrganization =
  | { readonly created: false; readonly reason: string }
  | {
      readonly created: true
      /** The replaced user: an administrator who never signed in. */
      readonly replacedUserId: UserId | null
      readonly organizationId: OrganizationId
      readonly userId: UserId
      readonly token?: string
      readonly password?: string
    }

export type FirstOrganizationDependencies = Chances & {
  readonly hasher: Pick<PasswordHasher, 'hash'>
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
  readonly readFirstOrganization: () => Promise<Installation | undefined>
  readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
}

/** Attempts when runs conflict. */
const mostAttempts = 3

/**
 * Creates the first organization and its administrator. A repeated run replaces an administrator who never signed in, so that a mistyped
 * address can be corrected. After the administrator has signed in, it changes nothing.
 */
export const createFirstOrganization = async (
  dependencies: FirstOrganizationDependencies,
  request: FirstOrganizationRequest,
): Promise<FirstOrganization> => {
  const { randomBytes, readFirstOrganization, readMember, write } = dependencies
  if (request.credentials === 'mailed' && request.email === null)
    throw new Error('credentials "mailed" need an e-mail address')
  let refused = ''
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const first = await readFirstOrganization()
    const old = first && (await readMember(first.administratorId, first.organizationId))
    if (first !== undefined && (old === undefined || hasGotIn(old.user)))
      return { created: false, reason: 'Nothing was changed: the first administrator has already signed in.' }
    const made = await newFirst(
      dependencies,
      request,
      first?.organizationId ?? newOrganizationId(randomBytes),
    )
    const outcome = await write(
      old === undefined
        ? installationWrites(dependencies, request, made)
        : replacementWrites(dependencies, old, made.member, made.writes, settingsOf(request)),
    )
    if (outcome.committed) return { ...made.shown, replacedUserId: old?.user.userId ?? null }
    refused = outcome.failed
  }
  return { created: false, reason: `Nothing was changed: a condition failed (${refused}).` }
}

type MadeAdministrator = {
  readonly shown: Omit<Extract<FirstOrganization, { created: true }>, 'replacedUserId'>
  readonly member: Member
  readonly occasion: Occasion
  /** The writes for an empty table. */
  readonly writes: readonly Write[]
}

const newFirst = async (
  dependencies: FirstOrganizationDependencies,
  request: FirstOrganizationRequest,
  organizationId: OrganizationId,
): Promise<MadeAdministrator> => {
  const { randomBytes, hasher } = dependencies
  const occasion = occasionOf(dependencies)
  const unequipped = newAdministrator(organizationId, request, occasion.at, randomBytes)
  const { userId } = unequipped.user
  const isShown = request.credentials === 'shown'
  const password = isShown ? (randomId(20, randomBytes) as string as PasswordText) : null
  const passwordHash = password === null ? null : await hasher.hash(password)
  const token = isShown ? firstToken(unequipped, occasion.at, randomBytes) : null
  const member = equipped(unequipped, passwordHash, token?.item ?? null)
  return {
    shown: {
      created: true,
      organizationId,
      userId,
      ...(token === null ? {} : { token: token.secret }),
      ...(password === null ? {} : { password }),
    },
    member,
    occasion,
    writes: [
      ...firstWrites(member, passwordHash, occasion.at),
      ...(token === null ? [] : newCredentialWrites(token.item)),
      ...(isShown ? [] : [linkRequestWrite(linkRequest(member.user, dependencies))]),
    ],
  }
}

const installationWrites = (
  dependencies: FirstOrganizationDependencies,
  request: FirstOrganizationRequest,
  { member, occasion, writes }: MadeAdministrator,
): Write[] => {
  const { organizationId, userId } = member.membership
  const api = firstApi(organizationId, request.api, occasion.at, dependencies.randomBytes)
  return [
    put<typeof StoredInstallation>(
      'installation',
      {
        ...keys.installation(),
        kind: itemKinds.installation,
        organizationId,
        defaultApiId: api.apiId,
        administratorId: userId,
        at: occasion.at,
      },
      { condition: notExists },
    ),
    put<typeof StoredOrganization>(
      'organization',
      {
        ...newOrganization(organizationId, request.organization, 1, occasion.at),
        ...settingsOf(request),
      },
      { condition: notExists },
    ),
    put<typeof StoredAccessPolicy>(
      'access policy',
      newAccessPolicy(organizationId, [{ apiId: api.apiId, name: api.name, organizationId }]),
      { condition: notExists },
    ),
    put<typeof StoredApi>('api', api, { condition: notExists }),
    audienceClaimWrite(api.audience, api.apiId, dependencies.now()),
    ...firstGatewayWrites(api),
    ...writes,
    rowBySystem(organizationId, {}, occasion, {
      action: 'organization.created',
      targetUserId: userId,
      targetId: organizationId,
    }),
  ]
}

/** The settings that every run overwrites. */
const settingsOf = (request: FirstOrganizationRequest) => ({
  name: request.organization,
  resetMailSenderName: request.organization,
  rateLimitPerMinute: request.rateLimitPerMinute ?? defaultRateLimitPerMinute,
  protectedApiRateLimitPerMinute: request.protectedApiRateLimitPerMinute ?? null,
})

const firstApi = (
  organizationId: OrganizationId,
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
