import type { ApiDependencies } from '../apis/edit-api.ts'
import { requireFirstAdministrator } from '../apis/edit-api.ts'
import { rowElsewhere, rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { NewCredential as NewCredentialView } from '../credentials/credential-shape.ts'
import { newCredentialWrites } from '../credentials/expiry/expiry-entry.ts'
import { newCredentialView } from '../credentials/new-credential.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../identity/stored-organization.ts'
import type { PasswordLinkMail } from '../mail/password-link.ts'
import { passwordLink, writeWithLink } from '../mail/password-link.ts'
import { newOrganizationId } from '../secrets/key-id.ts'
import { put } from '../table/stored-item.ts'
import type { Write, WriteTransaction } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import { requireLinkToFirst } from '../users/first-password.ts'
import { equipped, firstWrites } from '../users/new-user.ts'
import type { User as UserView } from '../users/user-shape.ts'
import { userView } from '../users/user-view.ts'
import { firstToken, newAccessPolicy, newAdministrator, newOrganization } from './new-organization.ts'
import type { NewOrganizationBody, Organization } from './organization-endpoints.ts'
import { organizationView } from './organization-view.ts'

export type CreateOrganizationDependencies = Chances & {
  /** The organization that the deployment was created with. */
  readonly readFirstOrganization: ApiDependencies['readFirstOrganization']
  readonly write: WriteTransaction
}

export type CreatedOrganization = {
  readonly organization: Organization
  readonly user: UserView
  readonly credential: NewCredentialView
  /** Only if a mail was asked for. */
  readonly passwordLink?: PasswordLinkMail
}

/**
 * Creates another organization with its first administrator. The caller does not become a member. A mail to the administrator counts
 * for the caller's organization, since the new one has used none of its limit.
 *
 * @throws DomainError access_denied unless the caller administers the first organization, username_taken, invalid_request
 */
export const createOrganization = async (
  dependencies: CreateOrganizationDependencies,
  caller: Caller,
  body: NewOrganizationBody,
  origin: Origin,
): Promise<CreatedOrganization> => {
  const detail = 'Only administrators of the first organization can create organizations.'
  await requireFirstAdministrator(dependencies, caller, detail)
  const { randomBytes } = dependencies
  const occasion = occasionOf(dependencies)
  const organizationId = newOrganizationId(randomBytes)
  const { username, email = null, mailPasswordLink = false } = body.administrator
  const unequipped = newAdministrator(organizationId, { username, email }, occasion.at, randomBytes)
  const token = firstToken(unequipped, occasion.at, randomBytes)
  const member = equipped(unequipped, null, token.item)
  const organization = newOrganization(organizationId, body.name, 1, occasion.at)
  const policy = newAccessPolicy(organizationId, [])
  const deed = {
    action: 'organization.created',
    targetUserId: member.user.userId,
    targetId: organizationId,
    changes: [{ field: 'organization', before: null, after: { name: body.name, administrator: username } }],
  } as const
  const writes: Write[] = [
    ...firstWrites(member, null, occasion.at),
    put<typeof StoredOrganization>('organization', organization, { condition: notExists }),
    put<typeof StoredAccessPolicy>('access policy', policy, { condition: notExists }),
    ...newCredentialWrites(token.item),
    // Both organizations get an audit row; only the caller's names the caller.
    rowOf(caller, origin, occasion, deed),
    rowElsewhere(caller, organizationId, origin, occasion, deed),
  ]
  const link = mailPasswordLink
    ? passwordLink(caller, requireLinkToFirst(member, 'administrator.mailPasswordLink'), dependencies)
    : null
  const { outcome, answered } = await writeWithLink(
    dependencies.write,
    writes,
    link,
    (mail): CreatedOrganization => ({
      organization: organizationView(organization),
      user: userView(member, policy),
      credential: newCredentialView(token),
      ...(mail === null ? {} : { passwordLink: mail }),
    }),
  )
  if (outcome.committed) return answered
  if (outcome.failed !== 'username')
    throw new DomainError('temporarily_unavailable', { retryAfterSeconds: 1 })
  throw new DomainError('username_taken', {
    errors: [{ path: 'administrator.username', message: 'is taken' }],
  })
}
