import { rowOf } from '../audit/audited.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { CredentialDependencies } from '../credentials/manage-credentials.ts'
import { managed } from '../credentials/manage-credentials.ts'
import { DomainError } from '../effects/domain-error.ts'
import { sameGuests } from '../guests/guest-count.ts'
import { suspensionWrites } from '../guests/membership-suspension.ts'
import type { Member } from '../identity/member.ts'
import type { UserId } from '../secrets/key-id.ts'
import { hashSecret } from '../secrets/secret-hash.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import { newResetToken, resetLifetimeSeconds } from './reset-token.ts'
import type { StoredResetToken } from './stored-reset-token.ts'

export type MakeResetLinkDependencies = CredentialDependencies & {
  /** The configured origin, without a trailing slash. */
  readonly issuer: string
}

/**
 * Makes a reset link for a user who does not read mail, shown once to a manager of the user. The manager could use it to act as the user,
 * so it needs the same rights as making a credential and suspends the user's memberships in other organizations.
 *
 * @throws DomainError version_conflict, and what `resettable` throws
 */
export const makeResetLink = async (
  dependencies: MakeResetLinkDependencies,
  caller: Caller,
  userId: UserId,
  origin: Origin,
): Promise<{ readonly link: string; readonly expiresAt: string }> => {
  const member = await resettable(dependencies, caller, userId)
  const { user } = member
  const now = dependencies.now()
  const owner = { userId, organizationId: user.homeOrganizationId }
  const token = newResetToken(owner, dependencies.randomBytes)
  const expiresAtSeconds = Math.floor(now / 1000) + resetLifetimeSeconds
  const expiresAt = new Date(expiresAtSeconds * 1000).toISOString()
  const stored: StoredResetToken = {
    ...keys.resetToken(userId),
    kind: itemKinds.resetToken,
    userId,
    tokenHash: hashSecret(token),
    mailed: false,
    email: user.email,
    requestId: origin.requestId,
    createdAt: new Date(now).toISOString(),
    expiresAt,
    expiresAtSeconds,
  }
  const occasion = occasionOf(dependencies, caller.snapshot.organization)
  const outcome = await dependencies.write([
    {
      label: 'user',
      check: keys.user(userId),
      condition: `version = :version AND ${sameGuests}`,
      values: { ':version': user.version, ':guests': user.guestCount },
    },
    put<typeof StoredResetToken>('reset-token', stored),
    ...(await suspensionWrites(dependencies.readMemberships, caller, member, origin, occasion)),
    rowOf(caller, origin, occasion, { action: 'password-reset.link-made', targetUserId: userId }),
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
  return { link: `${dependencies.issuer}/password-reset?token=${encodeURIComponent(token)}`, expiresAt }
}

/**
 * Reads an active user for whom the caller may have a link made.
 *
 * @throws DomainError not_found, grant_not_held, guest_not_editable, access_denied for one's own user, invalid_request
 */
export const resettable = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: UserId,
): Promise<Member> => {
  if (userId === caller.subject.userId) {
    // A stolen session must not suffice to set the password.
    throw new DomainError('access_denied', {
      detail:
        'Change your own password with PUT /v1/users/me/password, or request a link with POST /v1/password-resets.',
    })
  }
  const member = await managed(dependencies, caller, userId)
  if (member.user.status !== 'active') {
    throw new DomainError('invalid_request', { detail: 'The user is disabled. Enable it first.' })
  }
  return member
}
