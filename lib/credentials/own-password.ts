import type { Caller } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { CountedAttempt, InARowRule, ThrottleRule } from '../limits/throttle-rule.ts'
import {
  currentPasswordInARow,
  passwordChangePerCredential,
  pauseInARow,
  retryAfterSeconds,
} from '../limits/throttle-rule.ts'
import type { UserId } from '../secrets/key-id.ts'
import { signInOf } from '../secrets/key-id.ts'
import type { PasswordHash, PasswordHasher } from '../secrets/password-text.ts'
import { asPasswordText } from '../secrets/password-text.ts'

export type OwnPasswordDependencies = {
  readonly readPasswordHash: (userId: UserId) => Promise<PasswordHash | null>
  readonly countAttempt: (rule: ThrottleRule | InARowRule, subject: string) => Promise<number>
  readonly uncountAttempt: (attempt: CountedAttempt) => Promise<void>
  readonly resetAttempts: (rule: InARowRule, subject: string) => Promise<void>
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
  // Read before the attempt is counted, so that a failed read does not count as a wrong password.
  const stored = await dependencies.readPasswordHash(caller.subject.userId)
  const at = dependencies.now()
  const inWindow = { rule: passwordChangePerCredential, subject: credentialOf(caller), at }
  // Named after the hash, so that a new password starts at zero.
  const inARow = { rule: currentPasswordInARow, subject: `${guesserOf(caller)}\n${stored ?? ''}`, at }
  const counted: CountedAttempt[] = []
  const uncount = () => Promise.all(counted.map((attempt) => dependencies.uncountAttempt(attempt)))
  const failed = async (fault: unknown): Promise<never> => {
    await uncount()
    throw fault
  }
  const count = async (attempt: CountedAttempt): Promise<boolean> => {
    const tries = await dependencies.countAttempt(attempt.rule, attempt.subject).catch(failed)
    counted.push(attempt)
    return tries <= attempt.rule.attempts
  }
  if (!(await count(inWindow)))
    throw new DomainError('too_many_requests', {
      retryAfterSeconds: retryAfterSeconds(passwordChangePerCredential, dependencies.now()),
    })
  if (!(await count(inARow)))
    throw new DomainError('too_many_requests', {
      retryAfterSeconds: pauseInARow,
      detail:
        'Too many wrong passwords in a row. Log in again and use the new session, or reset the password.',
    })
  const current = asPasswordText(password)
  const isRight =
    stored !== null &&
    current !== undefined &&
    (await dependencies.hasher.verify(stored, current).catch(failed))
  if (!isRight) {
    throw new DomainError('current_password_wrong', { errors: [{ path, message: 'is wrong' }] })
  }
  // Before what follows: afterwards, an error would hide that it was done, and a failed write would leave the attempt counted.
  await Promise.all([
    dependencies.uncountAttempt(inWindow),
    dependencies.resetAttempts(inARow.rule, inARow.subject),
  ])
  return stored
}

/** The key for all sessions that it opened; the session itself after a password login. */
export const presentedBy = ({ subject: { provenBy } }: Caller): string =>
  provenBy.keyId ?? provenBy.sessionId ?? ''

/** All sessions of one sign-in together: a session that moves to another organization gets no new attempts. */
const credentialOf = ({ subject: { provenBy } }: Caller): string =>
  provenBy.keyId ?? (provenBy.sessionId === null ? '' : signInOf(provenBy.sessionId))

/** Whoever has a key may make others with it (`selfServiceKeys`), but nobody signs in again without the password. */
const guesserOf = (caller: Caller): string =>
  caller.subject.provenBy.keyId === null ? credentialOf(caller) : caller.subject.userId
