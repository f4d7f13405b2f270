import type { Chances } from '../audit/occasion.ts'
import { occasionOf } from '../audit/occasion.ts'
import type { Origin } from '../contract/operation.ts'
import type { DenialReason } from '../decision/decide.ts'
import { decide } from '../decision/decide.ts'
import { DomainError, invalidField } from '../effects/domain-error.ts'
import { factorUse } from '../factors/verify-code.ts'
import { canonicalLogin } from '../identity/login-name.ts'
import { subjectOf } from '../identity/subject-of-snapshot.ts'
import type { KeyOwner, OrganizationId, SessionId } from '../secrets/key-id.ts'
import type { PasswordHash, PasswordHasher, PasswordText } from '../secrets/password-text.ts'
import { asPasswordText, maximumPasswordBytes } from '../secrets/password-text.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { rangesFor } from '../whitelist/prepared-ranges.ts'
import type { PrepareRanges } from '../whitelist/provider-ranges.ts'
import type { Account } from './account.ts'
import type { Attempt, AttemptDependencies, LoginRefusal } from './login-attempt.ts'
import { findWithinCounts, passCounts } from './login-attempt.ts'
import { networkRow } from './login-counters.ts'
import type { LoginStanding } from './login-standing.ts'
import { successWrites } from './login-standing.ts'
import type { LoginAction, Rehash } from './login-writes.ts'
import { loginWrites } from './login-writes.ts'
import { secondFactorWrong } from './second-step.ts'
import { SessionTokensSpent } from './session-allowance.ts'

export type ProvePasswordDependencies = AttemptDependencies & {
  readonly hasher: PasswordHasher
  /** @throws SessionTokensSpent */
  readonly spendSession: (of: KeyOwner) => Promise<void>
  readonly prepareRanges: PrepareRanges
}

/** What a password opens: the API's login, or the console. */
export type Entrance = {
  readonly path: string
  readonly isOpenTo: (account: Account) => boolean
  /** The detail of a refusal, which is the same for all causes. */
  readonly refusal: string
}

export type PasswordGiven = {
  readonly username: string
  readonly password: string
  readonly organizationId?: OrganizationId | undefined
}

/** A right password whose user may enter. */
export type ProvenPassword = {
  readonly account: Account
  readonly password: PasswordText
  readonly standing: LoginStanding
  readonly entrance: Entrance
  readonly attempt: Attempt
}

/**
 * Verifies username and password. Unknown name, disabled user, wrong password, wrong address and a closed entrance give the same response
 * after the same work (L1).
 *
 * @throws DomainError invalid_credentials, too_many_requests, invalid_request, temporarily_unavailable
 */
export const provePassword = async (
  dependencies: ProvePasswordDependencies,
  entrance: Entrance,
  given: PasswordGiven,
  origin: Origin,
): Promise<ProvenPassword> => {
  const password = asPasswordText(given.password)
  if (password === undefined)
    throw invalidField('password', `must have at most ${maximumPasswordBytes} bytes`)
  const canonical = canonicalLogin(given.username)
  const wanted = {
    canonicalUsername: canonical,
    // Invalid usernames are counted, too.
    name: canonical ?? given.username.normalize('NFKC').toLowerCase(),
    organizationId: given.organizationId,
  }
  const { account, standing, attempt } = await findWithinCounts(dependencies, wanted, origin)
  return await verify(dependencies, account, { password, standing, entrance }, attempt)
}

type Asked = Pick<ProvenPassword, 'password' | 'standing' | 'entrance'>

/**
 * Between the verification and the first answer that depends on it stands `admitGuess`. Nothing is counted before the outcome is known,
 * so a fault never counts as a wrong guess, and a right password writes to no count.
 */
const verify = async (
  dependencies: ProvePasswordDependencies,
  account: Account | undefined,
  { password, standing, entrance }: Asked,
  attempt: Attempt,
): Promise<ProvenPassword> => {
  // At the same time and for wrong passwords, too: what it reads would otherwise show a right one that is refused.
  const [isRight, denial] = await Promise.all([
    verifyAlike(dependencies.hasher, account?.passwordHash ?? null, password),
    account === undefined ? null : admissionOf(account, entrance, attempt.origin, dependencies.prepareRanges),
  ])
  const refusal = refusalOf(account, isRight, denial, entrance)
  // A right password that is refused is counted like a wrong one, so that the counts do not show that it was right.
  const isWrong = account === undefined || refusal !== null
  await passCounts(dependencies, standing, attempt, isWrong)
  if (isWrong) {
    const { origin, nameHash } = attempt
    await dependencies.onRefused(refusal ?? 'wrong_password', account ?? null, origin, nameHash)
    throw notRight(entrance)
  }
  const { origin, at, nameHash, guessId } = attempt
  await dependencies
    .spendSession({ userId: account.user.userId, organizationId: account.organization.organizationId })
    .catch(async (refused: unknown) => {
      if (!(refused instanceof SessionTokensSpent)) throw refused
      // Counted like a wrong one, so that a right password causes no more hashes than a wrong one. If it is others of its organization who
      // spent theirs, the user is not to be locked out for it.
      if (refused.spentBy === 'user')
        await dependencies.admitGuess(networkRow(standing.guessing, at), { id: guessId, isWrong: true })
      await dependencies.onRefused('throttled', null, origin, nameHash)
      throw refused
    })
  return { account, password, standing, entrance, attempt }
}

const refusalOf = (
  account: Account | undefined,
  isRight: boolean,
  denial: DenialReason | null,
  entrance: Entrance,
): LoginRefusal | null => {
  // The inviting organization gets the audit row, which must not disclose whether the password of another organization's user was correct.
  if (account?.membership.status === 'invited') return 'membership_inactive'
  if (!isRight) return 'wrong_password'
  if (denial !== null) return denial
  return account === undefined || entrance.isOpenTo(account) ? null : 'access_level'
}

const notRight = ({ refusal }: Entrance): DomainError =>
  new DomainError('invalid_credentials', { detail: refusal })

type NoteDependencies = Chances & {
  readonly hasher: PasswordHasher
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
}

/**
 * Writes the audit row before the caller learns of the success (F4), with all that a success changes and what belongs to the entrance.
 *
 * @throws DomainError invalid_credentials if the user was deleted concurrently
 */
export const noteLogin = async (
  dependencies: NoteDependencies,
  { account, password, standing, entrance, attempt: { origin, at } }: ProvenPassword,
  sessionId: SessionId,
  action: LoginAction = 'login.succeeded',
  more: readonly Write[] = [],
): Promise<void> => {
  const { passwordHash } = account
  const isOutdated = passwordHash !== null && dependencies.hasher.isOutdated(passwordHash)
  const rehash = isOutdated ? { verified: passwordHash, now: await dependencies.hasher.hash(password) } : null
  const occasion = occasionOf(dependencies, account.organization)
  const writesWith = (chosen: Rehash | null) => [
    // The password alone is no success: somebody who knows it must not reset the count of wrong codes.
    ...(action === 'login.succeeded' ? successWrites(standing, at) : []),
    ...loginWrites(account, sessionId, chosen, occasion, origin, action),
    ...more,
  ]
  const outcome = await dependencies.write(writesWith(rehash))
  if (outcome.committed) return
  if (outcome.failed === factorUse) throw secondFactorWrong()
  // A concurrent login rehashed the password, or it was changed: then the epoch ends the session.
  const isNoted = rehash !== null && (await dependencies.write(writesWith(null))).committed
  // The user was deleted concurrently.
  if (!isNoted) throw notRight(entrance)
}

/** An imported hash or one with other parameters takes its own time, so the usual work is added: the total is never less. */
const verifyAlike = async (
  hasher: PasswordHasher,
  stored: PasswordHash | null,
  password: PasswordText,
): Promise<boolean> => {
  const matches = await hasher.verify(stored ?? (await hasher.decoy()), password)
  if (stored !== null && hasher.isOutdated(stored)) await hasher.verify(await hasher.decoy(), password)
  return matches && stored !== null
}

/** Makes the checks of every request except the permission, so that a disabled user or a wrong address opens no session. */
export const admissionOf = async (
  account: Account,
  entrance: Entrance,
  { address }: Origin,
  prepareRanges: PrepareRanges,
): Promise<DenialReason | null> => {
  const { user, membership, organization, policy } = account
  const provenBy = { kind: 'session', keyId: null, sessionId: null, actorId: null, audience: null } as const
  const snapshot = { user, membership, organization, policy, credential: null, loggedOut: false, actor: null }
  const subject = subjectOf(snapshot, user, organization, provenBy)
  const target = { kind: 'self', endsSession: false } as const
  const request = { address, method: 'POST', path: entrance.path, aid: null, target } as const
  const ranges = await rangesFor(prepareRanges, subject.whitelist)
  const decision = decide({ ok: true, subject }, request, { ranges, withinRateLimit: () => true })
  return decision.allow ? null : decision.reason
}
