import { hash } from 'node:crypto'
import type { Chances } from '../audit/occasion.ts'
import type { Origin } from '../contract/operation.ts'
import type { DenialReason } from '../decision/decide.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { Guess, GuessRow } from '../limits/guess.ts'
import { hasRoom } from '../limits/guess.ts'
import { loginPerAccountAndSource, pauseInARow, retryAfterSeconds } from '../limits/throttle-rule.ts'
import type { KeyOwner, OrganizationId } from '../secrets/key-id.ts'
import { randomId } from '../secrets/secret-text.ts'
import type { Account, FoundAccount, WantedLogin } from './account.ts'
import type { InARowLimits } from './login-counters.ts'
import { guessingFrom, networkRow } from './login-counters.ts'
import type { LoginRecord, LoginStanding } from './login-standing.ts'
import { mayHaveFilled, standingOf } from './login-standing.ts'

export type LoginRefusal =
  | DenialReason
  | 'wrong_password'
  | 'access_level'
  | 'wrong_second_factor'
  | 'second_factor_missing'

export type AttemptDependencies = Chances & {
  /** Both read the same amount whether or not the name exists. */
  readonly readLoginRecord: (wanted: WantedLogin) => Promise<LoginRecord>
  readonly readAccount: (of: KeyOwner) => Promise<FoundAccount>
  readonly admitGuess: (row: GuessRow, guess: Guess) => Promise<boolean>
  readonly inARowLimits: InARowLimits
  /** Records why a login was refused, for administrators only. Takes the same time with and without an account (L1); must not throw. */
  readonly onRefused: (
    reason: LoginRefusal | 'throttled',
    account: Account | null,
    origin: Origin,
    /** The same for all spellings of a name. Hashed, because users sometimes type their password as the name. */
    nameHash: string,
  ) => Promise<void> | void
}

/** One guess at an account: a password, or a second factor after it. */
export type Attempt = {
  readonly guessId: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly origin: Origin
  readonly nameHash: string
}

type Wanted = {
  /** Undefined if the name is not a valid username. */
  readonly canonicalUsername: string | undefined
  /** Under which guesses are counted. */
  readonly name: string
  /** Default: the home organization. */
  readonly organizationId: OrganizationId | undefined
}

/**
 * Reads the account that a name belongs to, if there is one, and the counts of guesses at it.
 *
 * @throws DomainError too_many_requests if a count is full: a flood costs no hashing
 */
export const findWithinCounts = async (
  dependencies: AttemptDependencies,
  { canonicalUsername, name, organizationId }: Wanted,
  origin: Origin,
): Promise<{
  readonly account: Account | undefined
  readonly standing: LoginStanding
  readonly attempt: Attempt
}> => {
  const nameHash = hash('sha256', `login name\n${name}`, 'hex')
  const at = dependencies.now()
  const guessing = guessingFrom(name, origin.address)
  const attempt = { guessId: randomId(8, dependencies.randomBytes), at, origin, nameHash }
  const record = await dependencies.readLoginRecord({ canonicalUsername, guessing, at })
  if (!hasRoom(networkRow(guessing, at), record.network))
    return await throttle(dependencies, attempt, 'spent-in-window')
  const { account, passwordSetAt } = await dependencies.readAccount({
    userId: record.holder.userId,
    organizationId: organizationId ?? record.holder.organizationId,
  })
  const standing = standingOf(dependencies.inARowLimits, guessing, record, passwordSetAt, at)
  if (!hasRoom(standing.row, standing.item)) return await throttle(dependencies, attempt, 'spent-in-a-row')
  return { account, standing, attempt }
}

const throttleDetails = {
  'spent-in-window': 'Too many failed attempts from this address.',
  'spent-in-a-row':
    'Too many wrong passwords or second factors in a row for this account. Log in from a network where you have logged in to it before. Otherwise reset the password, or let an administrator take the second factors away.',
}

/** @throws DomainError too_many_requests */
const throttle = async (
  { onRefused }: Pick<AttemptDependencies, 'onRefused'>,
  { at, origin, nameHash }: Attempt,
  why: keyof typeof throttleDetails,
): Promise<never> => {
  await onRefused('throttled', null, origin, nameHash)
  throw new DomainError('too_many_requests', {
    retryAfterSeconds:
      why === 'spent-in-a-row' ? pauseInARow : retryAfterSeconds(loginPerAccountAndSource, at),
    detail: throttleDetails[why],
  })
}

/**
 * Lets the outcome of a guess be told while the counts have room, and counts it if it was wrong. Stands between a verification and the
 * first answer that depends on it.
 *
 * @throws DomainError too_many_requests, temporarily_unavailable
 */
export const passCounts = async (
  dependencies: Pick<AttemptDependencies, 'admitGuess' | 'onRefused'>,
  standing: LoginStanding,
  attempt: Attempt,
  isWrong: boolean,
): Promise<void> => {
  const network = networkRow(standing.guessing, attempt.at)
  const isTold = (row: GuessRow, counts: boolean) =>
    dependencies.admitGuess(row, { id: attempt.guessId, isWrong: counts })
  if (!(await isTold(network, isWrong))) return await throttle(dependencies, attempt, 'spent-in-window')
  if ((isWrong || mayHaveFilled(standing)) && !(await isTold(standing.row, isWrong))) {
    // A right one that is not told is counted in the window, as a wrong one just was. For that one the same write changes nothing.
    await isTold(network, true)
    return await throttle(dependencies, attempt, 'spent-in-a-row')
  }
}
