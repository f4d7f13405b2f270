import { rowOf } from '../audit/audited.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import type { CredentialDependencies } from '../credentials/manage-credentials.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import type { PasswordLinkMail } from '../mail/password-link.ts'
import { mailed, passwordLink } from '../mail/password-link.ts'
import type { UserId } from '../secrets/key-id.ts'
import { keys } from '../table/keys.ts'
import { resettable } from './make-reset-link.ts'

/**
 * Has a link mailed to a user: for 7 days while it has no password, otherwise as if the user had requested it. The caller does not see
 * the link, so memberships in other organizations stay as they are.
 *
 * @throws DomainError version_conflict, too_many_requests, and what `resettable` throws
 */
export const mailResetLink = async (
  dependencies: CredentialDependencies,
  caller: Caller,
  userId: UserId,
  origin: Origin,
): Promise<PasswordLinkMail> => {
  const { user } = await resettable(dependencies, caller, userId)
  const { email } = user
  if (email === null) throw invalidField('mailPasswordLink', 'needs a user with an email')
  const { organization } = caller.snapshot
  const link = passwordLink(caller, { ...user, email }, dependencies)
  const occasion = occasionOf(dependencies, organization)
  const outcome = await dependencies.write([
    {
      label: 'user',
      check: keys.user(userId),
      condition: 'version = :version',
      values: { ':version': user.version },
    },
    ...link.writes,
    rowOf(caller, origin, occasion, { action: 'password-reset.mail-requested', targetUserId: userId }),
  ])
  if (outcome.committed) return mailed
  const refused = link.refusedBy(outcome)
  if (refused === undefined) throw new DomainError('version_conflict')
  throw new DomainError('too_many_requests', {
    detail: `No mail was sent: the limit of mails for this ${refused.limit} is reached.`,
    // The window may have ended while the transaction ran.
    retryAfterSeconds: Math.max(1, Math.ceil((Date.parse(refused.retryAt) - dependencies.now()) / 1000)),
  })
}
