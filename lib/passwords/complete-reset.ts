import { changesBetween } from '../audit/audit-row.ts'
import { rowByToken } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Origin } from '../contract/operation.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import { isAdministrator } from '../identity/administrator.ts'
import type { Member } from '../identity/member.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { StoredUser } from '../identity/stored-user.ts'
import type { SourceAttemptDependencies } from '../limits/source-attempt.ts'
import { spendSourceAttempt } from '../limits/source-attempt.ts'
import { resetConfirmPerSource } from '../limits/throttle-rule.ts'
import type { Recipient } from '../mail/message.ts'
import { noticeLifetimeSeconds, noticeWrite } from '../mail/notice.ts'
import { administratorCountWrite } from '../policy/administrator-count.ts'
import type { KeyOwner } from '../secrets/key-id.ts'
import { passwordPolicyOf } from '../secrets/password-policy.ts'
import { checkPassword } from '../secrets/password-rules.ts'
import type { PasswordHash, PasswordHasher } from '../secrets/password-text.ts'
import { hashSecret, secretMatches } from '../secrets/secret-hash.ts'
import type { SecretText } from '../secrets/secret-text.ts'
import { endSessionsWrite } from '../sessions/log-out.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { emailEntryWrite, passwordWrite } from '../users/new-user.ts'
import type { ResetConfirmBody } from './password-reset-endpoints.ts'
import { readResetToken } from './reset-token.ts'
import type { StoredResetToken } from './stored-reset-token.ts'

/** An open reset, as its token is checked against it. */
export type ResetUnderWay = Recipient & Member & { readonly resetToken: StoredResetToken }

export type CompleteResetDependencies = Chances &
  SourceAttemptDependencies & {
    readonly readReset: (of: KeyOwner) => Promise<ResetUnderWay | undefined>
    readonly hasher: Pick<PasswordHasher, 'hash'>
    readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
  }

export type CompletedReset = {
  /** The user's home organization. */
  readonly organization: StoredOrganization
  /** Whether the user had no password. */
  readonly isFirst: boolean
  /** Whether a notice is mailed: only to a verified address. */
  readonly isNoticed: boolean
}

/** The same error for unknown, used, replaced and expired tokens and for users who may not reset, so that it discloses nothing (R6). */
const tokenInvalid = () =>
  new DomainError('reset_token_invalid', {
    detail:
      'The link was already used, has expired, was replaced by a newer one, or is incomplete. Request a new one.',
  })

/**
 * Sets a new password with a reset token. The token is checked before the password is hashed, so that a bad one costs little. The
 * transaction decides: one of any number of concurrent callers succeeds (R5). A refused password does not use up the token. No session is
 * opened.
 *
 * @throws DomainError reset_token_invalid, password_rejected, invalid_request, too_many_requests
 */
export const completeReset = async (
  dependencies: CompleteResetDependencies,
  body: ResetConfirmBody,
  origin: Origin,
): Promise<CompletedReset> => {
  if (body.newPassword !== body.confirmPassword)
    throw invalidField('confirmPassword', 'must be the same as the new password')
  await spendSourceAttempt(dependencies, resetConfirmPerSource, origin.address)

  const presented = readResetToken(body.token)
  if (presented === undefined) throw tokenInvalid()
  const reset = await dependencies.readReset(presented)
  if (reset === undefined || !isGood(reset, presented.secret, dependencies.now())) throw tokenInvalid()

  const { user, organization } = reset
  const verdict = await checkPassword(body.newPassword, passwordPolicyOf(organization), [
    user.username,
    user.email,
    organization.name,
  ])
  if (!verdict.ok) {
    throw new DomainError('password_rejected', {
      errors: [{ path: 'newPassword', message: verdict.message }],
    })
  }
  const passwordHash = await dependencies.hasher.hash(verdict.password)
  const outcome = await dependencies.write(
    resetWrites(dependencies, reset, presented.secret, passwordHash, origin),
  )
  if (!outcome.committed) throw tokenInvalid()
  return {
    organization,
    isFirst: !user.hasPassword,
    isNoticed: reset.resetToken.mailed || user.emailVerified,
  }
}

const isGood = ({ user, organization, resetToken }: ResetUnderWay, secret: SecretText, now: number) => {
  const isActive = user.status === 'active' && organization.status === 'active'
  // TTL can delete a row days late.
  const isAlive = resetToken.expiresAtSeconds > Math.floor(now / 1000)
  const isStillTheirs = resetToken.email === user.email
  return secretMatches(secret, resetToken.tokenHash) && isActive && isAlive && isStillTheirs
}

const resetWrites = (
  dependencies: CompleteResetDependencies,
  { user, membership, organization, resetToken }: ResetUnderWay,
  secret: SecretText,
  passwordHash: PasswordHash,
  origin: Origin,
): Write[] => {
  const occasion = occasionOf(dependencies, organization)
  const seconds = Math.floor(dependencies.now() / 1000)
  const { userId } = user
  const verifies = resetToken.mailed
  const after = { ...user, emailVerified: verifies || user.emailVerified, hasPassword: true }
  const sameToken = 'tokenHash = :hash'
  const notExpired = 'expiresAtSeconds > :now'
  return [
    {
      label: 'reset-token',
      delete: keys.resetToken(userId),
      condition: `${sameToken} AND ${notExpired}`,
      values: { ':hash': hashSecret(secret), ':now': seconds },
    },
    withPassword(endSessionsWrite(userId, occasion.at), user, resetToken),
    // A mailed link proves access to the mailbox.
    ...(verifies && resetToken.email !== null
      ? [emailEntryWrite({ ...user, emailVerified: true }, resetToken.email)]
      : []),
    ...(isAdministrator(user, membership) === isAdministrator(after, membership)
      ? []
      : [administratorCountWrite(organization.organizationId, 1)]),
    passwordWrite(userId, passwordHash, occasion.at),
    rowByToken(userId, organization.organizationId, origin, occasion, {
      action: 'password.reset',
      changes: changesBetween(user, after, ['emailVerified', 'hasPassword']),
    }),
    noticeWrite(
      {
        noticeKind: 'password-reset',
        userId,
        at: occasion.at,
        requestId: origin.requestId,
        address: origin.address,
      },
      seconds + noticeLifetimeSeconds,
    ),
  ]
}

/**
 * Whether the reset gives the user its first lasting way to sign in, which can add to the count of administrators. Users with a password
 * or an e-mail address had one before.
 */
const isFirstWayIn = ({ hasPassword, email }: StoredUser): boolean => !hasPassword && email === null

/** Requires that the address is the token's. For a first way to sign in, also that roles and credentials are as read. */
const withPassword = (
  write: ReturnType<typeof endSessionsWrite>,
  user: StoredUser,
  { email, mailed }: StoredResetToken,
): Write => {
  const isFirst = isFirstWayIn(user)
  const asRead = 'version = :version AND lastingCredentialCount = :lasting'
  return {
    ...write,
    set: `${write.set}, hasPassword = :yes${mailed ? ', emailVerified = :yes' : ''}`,
    condition: `#status = :active AND email = :email${isFirst ? ` AND ${asRead}` : ''}`,
    names: { '#status': 'status' },
    values: {
      ...write.values,
      ':active': 'active',
      ':email': email,
      ':yes': true,
      ...(isFirst ? { ':version': user.version, ':lasting': user.lastingCredentialCount } : {}),
    },
  }
}
