import type { Caller } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { CountedAttempt, ThrottleRule } from '../limits/throttle-rule.ts'
import { passwordChangePerCredential, retryAfterSeconds } from '../limits/throttle-rule.ts'
import type { UserId } from '../secrets/key-id.ts'
import { signInOf } from '../secrets/key-id.ts'
import type { PasswordHash, PasswordHasher } from '../secrets/password-text.ts'
import { asPasswordText } from '../secrets/password-text.ts'

export type OwnPasswordDependencies = {
  readonly readPasswordHash: (userId: UserId) => Promise<PasswordHash | null>
  readonly countAttempt: (rule: ThrottleRule, subject: string) => Promise<number>
  readonly uncountAttempt: (attempt: CountedAttempt) => Promise<void>
  readonly hasher: Pick<PasswordHasher, 'verify'>
  readonly now: () => number
}

/**
 * Verifies the caller's own password, which it gives again for a change of what proves it.
 *
 * @param path the field of the request, for the error
 * @returns the stored hash
 * @throws DomainError current_password_wrong, too_many_requests
 */
export const verifyOwnPassword = async (
  dependencies: OwnPasswordDependencies,
  caller: Caller,
  password: string,
  path: string,
): Promise<PasswordHash> => {
  const { userId } = caller.snapshot.user
  // Read before the attempt is counted, so that a failed read does not count as a wrong password.
  const stored = await dependencies.readPasswordHash(userId)
  const at = dependencies.now()
  const subject = countedAs(caller)
  const tries = await dependencies.countAttempt(passwordChangePerCredential, subject)
  if (tries > passwordChangePerCredential.attempts) {
    const wait = retryAfterSeconds(passwordChangePerCredential, dependencies.now())
    throw new DomainError('too_many_requests', { retryAfterSeconds: wait })
  }
  const current = asPasswordText(password)
  const uncount = () => dependencies.uncountAttempt({ rule: passwordChangePerCredential, subject, at })
  const failed = async (fault: unknown): Promise<never> => {
    await uncount()
    throw fault
  }
  const isRight =
    stored !== null &&
    current !== undefined &&
    (await dependencies.hasher.verify(stored, current).catch(failed))
  if (!isRight) {
    throw new DomainError('current_password_wrong', { errors: [{ path, message: 'is wrong' }] })
  }
  // Before what follows: afterwards, an error would hide that it was done, and a failed write would leave the attempt counted.
  await uncount()
  return stored
}

/** The key for all sessions that it opened; the session itself after a password login. */
export const presentedBy = ({ subject: { provenBy } }: Caller): string =>
  provenBy.keyId ?? provenBy.sessionId ?? ''

/** All sessions of one sign-in together: a session that moves to another organization gets no new attempts. */
const countedAs = ({ subject: { provenBy } }: Caller): string =>
  provenBy.keyId ?? (provenBy.sessionId === null ? '' : signInOf(provenBy.sessionId))
