import { rowOf } from '../audit/audited.ts'
import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { PasswordChangeBody } from '../credentials/credential-bodies.ts'
import type { OwnPasswordDependencies } from '../credentials/own-password.ts'
import { verifyOwnPassword } from '../credentials/own-password.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import { noticeLifetimeSeconds, noticeWrite } from '../mail/notice.ts'
import { passwordPolicyOf } from '../secrets/password-policy.ts'
import { checkPassword } from '../secrets/password-rules.ts'
import type { PasswordHasher } from '../secrets/password-text.ts'
import { endSessionsWrite } from '../sessions/log-out.ts'
import { keys } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'

export type ChangePasswordDependencies = Chances &
  OwnPasswordDependencies & {
    readonly hasher: PasswordHasher
    readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
  }

/**
 * Changes the caller's own password. Ends all sessions and an open reset link.
 *
 * @throws DomainError guest_not_editable, current_password_wrong, password_rejected, invalid_request, too_many_requests
 */
export const changePassword = async (
  dependencies: ChangePasswordDependencies,
  caller: Caller,
  body: PasswordChangeBody,
  origin: Origin,
): Promise<void> => {
  const { user, organization } = caller.snapshot
  // Only the home organization may change a password, under its own rules and audit log.
  if (user.homeOrganizationId !== organization.organizationId) throw new DomainError('guest_not_editable')
  if (body.newPassword !== body.confirmPassword)
    throw invalidField('confirmPassword', 'must be the same as newPassword')
  const verdict = await checkPassword(body.newPassword, passwordPolicyOf(organization), [
    user.username,
    user.email,
    organization.name,
  ])
  if (!verdict.ok)
    throw new DomainError('password_rejected', {
      errors: [{ path: 'newPassword', message: verdict.message }],
    })

  const stored = await verifyOwnPassword(dependencies, caller, body.currentPassword, 'currentPassword')
  const passwordHash = await dependencies.hasher.hash(verdict.password)
  const occasion = occasionOf(dependencies, organization)
  const seconds = Math.floor(dependencies.now() / 1000)
  const outcome = await dependencies.write([
    {
      label: 'password',
      update: keys.password(user.userId),
      set: 'SET passwordHash = :new, changedAt = :at',
      values: { ':new': passwordHash, ':old': stored, ':at': occasion.at },
      condition: 'passwordHash = :old',
    },
    endSessionsWrite(user.userId, occasion.at),
    { label: 'reset token', delete: keys.resetToken(user.userId) },
    noticeWrite(
      {
        noticeKind: 'password-changed',
        userId: user.userId,
        at: occasion.at,
        requestId: origin.requestId,
        address: origin.address,
      },
      seconds + noticeLifetimeSeconds,
    ),
    rowOf(caller, origin, occasion, { action: 'password.changed', targetUserId: user.userId }),
  ])
  if (!outcome.committed) throw new DomainError('version_conflict')
}
