import type { Occasion } from '../audit/audit-row.ts'
import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { NewCredential as NewCredentialView } from '../credentials/credential-shape.ts'
import { newCredentialWrites } from '../credentials/expiry/expiry-entry.ts'
import type { MadeCredential } from '../credentials/new-credential.ts'
import { makeCredential, newCredentialView } from '../credentials/new-credential.ts'
import { DomainError } from '../effects/domain-error.ts'
import * as z from '../effects/shape.ts'
import { isAdministrator } from '../identity/administrator.ts'
import type { Member } from '../identity/member.ts'
import type { PasswordLink, PasswordLinkMail, passwordLink } from '../mail/password-link.ts'
import { writeWithLink } from '../mail/password-link.ts'
import { administratorCountWrite } from '../policy/administrator-count.ts'
import type { ReadApis } from '../policy/api-names.ts'
import { checkTargets } from '../policy/impersonation-fields.ts'
import { managerOf, requireHeld, requireWithinReach } from '../policy/manager.ts'
import { membershipChecks } from '../policy/pending-deletion.ts'
import type { KeyOwner } from '../secrets/key-id.ts'
import { newMembershipId, newUserId, OrganizationId, UserId } from '../secrets/key-id.ts'
import type { PasswordHasher } from '../secrets/password-text.ts'
import type { TransactionOutcome, WriteTransaction } from '../table/transaction.ts'
import type { ProviderLists } from '../whitelist/examine-whitelist.ts'
import { examineWhitelist, refuseUnpublished } from '../whitelist/examine-whitelist.ts'
import { firstPasswordHash, requireLinkToFirst } from './first-password.ts'
import type { UserChange } from './given-fields.ts'
import { readGiven } from './given-fields.ts'
import { inviteGuest } from './invite-guest.ts'
import { equipped, firstWrites, newMember } from './new-user.ts'
import type { NewUserBody } from './user-endpoints.ts'
import type { User as UserView } from './user-shape.ts'
import { auditedUser, userView } from './user-view.ts'

export type CreateUserDependencies = Chances &
  ProviderLists & {
    readonly write: WriteTransaction
    readonly hasher: Pick<PasswordHasher, 'hash'>
    readonly readMember: (userId: UserId, organizationId: OrganizationId) => Promise<Member | undefined>
    readonly readApis: ReadApis
    /** Null in a function whose calls have no `mailPasswordLink`, so that its role needs no right to mail. */
    readonly passwordLink: typeof passwordLink | null
  }

export type NewUser = NewUserBody & Pick<UserChange, 'accountGroupRoles'>

export type CreatedUser = {
  readonly user: UserView
  readonly credential?: NewCredentialView
  /** Only if a mail was asked for. */
  readonly passwordLink?: PasswordLinkMail
  /** Warnings about the whitelist. */
  readonly warnings?: string[]
}

/**
 * Creates an API user, and a credential on request, in one transaction. Reads only the impersonation targets and the provider
 * lists that the whitelist names; the caller's organization is in its snapshot.
 *
 * @throws DomainError username_taken, guest_limit_reached, password_rejected, grant_not_held, invalid_request
 */
export const createUser = async (
  dependencies: CreateUserDependencies,
  caller: Caller,
  body: NewUser,
  origin: Origin,
): Promise<CreatedUser> => {
  const { organization, policy } = caller.snapshot
  const occasion = occasionOf(dependencies, organization)

  const manager = await managerOf(dependencies.readApis, caller, body)
  const owner = { organizationId: organization.organizationId, userId: newUserId(dependencies.randomBytes) }
  const made = credentialIfAsked(dependencies, body, owner, occasion.at)
  const username = body.username ?? made?.item.keyId
  if (username === undefined) throw new Error('the contract lets nobody in without a name')
  const { identity, membership } = readGiven(body, manager, organization, null)
  const membershipId = newMembershipId(dependencies.randomBytes)
  const described = newMember({
    ...owner,
    membershipId,
    ...identity,
    ...membership,
    username,
    at: occasion.at,
  })
  requireHeld(manager, described.membership)
  requireWithinReach(manager, described.membership)
  await checkTargets(dependencies, described.membership)
  const examined = await examineWhitelist(dependencies, body.whitelist ?? [])
  refuseUnpublished(examined, 'whitelist')
  const passwordHash = await firstPasswordHash(dependencies.hasher, body, described, organization)
  const member = equipped(described, passwordHash, made?.item ?? null)
  const link = linkIfAsked(dependencies, caller, body, member)

  const user = userView(member, policy)
  const writes = [
    ...firstWrites(member, passwordHash, occasion.at),
    ...membershipChecks(null, member.membership, dependencies.now()),
    ...(made === null ? [] : newCredentialWrites(made.item)),
    ...(isAdministrator(member.user, member.membership)
      ? [administratorCountWrite(organization.organizationId, 1)]
      : []),
    rowOf(caller, origin, occasion, {
      action: 'user.created',
      targetUserId: member.user.userId,
      targetId: made?.item.keyId ?? null,
      changes: [{ field: 'user', before: null, after: auditedUser(user) }],
    }),
  ]
  const { outcome, answered } = await writeWithLink(
    dependencies.write,
    writes,
    link,
    (mail): CreatedUser => ({
      user,
      ...(made === null ? {} : { credential: newCredentialView(made) }),
      ...(mail === null ? {} : { passwordLink: mail }),
      ...(examined.warnings.length === 0 ? {} : { warnings: [...examined.warnings] }),
    }),
  )
  if (outcome.committed) return answered
  if (outcome.failed === 'username') {
    return await asGuest(dependencies, caller, { member, body, outcome, origin, occasion })
  }
  throw new DomainError('temporarily_unavailable', {
    retryAfterSeconds: 1,
    cause: new Error(`refused: ${outcome.failed}`),
  })
}

type Refused = {
  readonly member: Member
  readonly body: NewUser
  readonly outcome: Extract<TransactionOutcome, { committed: false }>
  readonly origin: Origin
  readonly occasion: Occasion
}

/** Invites the holder of the username if its home is another organization, which keeps its password and credentials. */
const asGuest = async (
  dependencies: CreateUserDependencies,
  caller: Caller,
  { member, body, outcome, origin, occasion }: Refused,
): Promise<CreatedUser> => {
  const holder = ClaimHolder.safeParse(outcome.found)
  const isElsewhere =
    holder.success && holder.data.organizationId !== caller.subject.organization.organizationId
  const bringsProof = [body.password, body.passwordHash, body.generate].some((proof) => proof !== undefined)
  if (!isElsewhere || bringsProof) {
    const detail = isElsewhere
      ? { detail: 'To invite a guest, leave password, passwordHash and generate out.' }
      : {}
    throw new DomainError('username_taken', {
      ...detail,
      errors: [{ path: 'username', message: 'is taken' }],
    })
  }
  const { userId, organizationId } = holder.data
  const guest = { userId, homeOrganizationId: organizationId, membership: member.membership }
  return await inviteGuest(dependencies, caller, guest, origin, occasion)
}

const ClaimHolder = z.object({ userId: UserId, organizationId: OrganizationId })

const linkIfAsked = (
  dependencies: CreateUserDependencies,
  caller: Caller,
  { mailPasswordLink = false }: NewUserBody,
  member: Member,
): PasswordLink | null => {
  if (!mailPasswordLink) return null
  if (dependencies.passwordLink === null) throw new Error('this function mails no links')
  return dependencies.passwordLink(caller, requireLinkToFirst(member), dependencies)
}

const credentialIfAsked = (
  { randomBytes }: CreateUserDependencies,
  body: NewUserBody,
  owner: KeyOwner,
  at: string,
): MadeCredential | null => {
  if (body.generate === undefined) return null
  const request = { kind: body.generate, name: 'default', expiresAt: null, endsOnFirstUse: null }
  return makeCredential(owner, request, at, randomBytes)
}
