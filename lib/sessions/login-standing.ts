import type { InARow } from '../limits/throttle-rule.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { StoredKnownSource } from './known-source.ts'
import { isKnownTo, isToBeNoted, knownSourceItem } from './known-source.ts'
import type { Guessing } from './login-counters.ts'
import { sharedCounter, sourceCounter } from './login-counters.ts'

/** The stored state of a login name and a source. */
export type LoginRecord = {
  /** The user with the name; a placeholder id if there is none. */
  readonly userId: UserId
  /** Null if there is no password. */
  readonly passwordSetAt: string | null
  /** The item of the last login with this name from this source, expired or not. */
  readonly noted: StoredKnownSource | null
  /** Failures in a row from unknown sources, for the password of `noted`. */
  readonly failedElsewhere: number
}

export type LoginStanding = LoginRecord & {
  readonly guessing: Guessing
  /** `noted` if the source is known: this user logged in from it in the last 90 days. */
  readonly known: StoredKnownSource | null
}

export const standingOf = (guessing: Guessing, record: LoginRecord, now: number): LoginStanding => {
  const { noted, userId } = record
  const known = noted !== null && isKnownTo(noted, userId, now) ? noted : null
  return { ...record, guessing, known }
}

/** The counter of wrong passwords in a row: each known source has its own, so that nobody else can use it up. */
export const inARowCounter = ({ guessing, known, passwordSetAt }: LoginStanding): InARow =>
  known === null
    ? sharedCounter(guessing, passwordSetAt)
    : sourceCounter(guessing, passwordSetAt, known.knownSinceSeconds)

export type NoteSuccessDependencies = {
  /** @param noted the item to replace */
  readonly noteSource: (next: StoredKnownSource, noted: StoredKnownSource | null) => Promise<void>
  readonly forgetFailures: (counter: InARow) => Promise<void>
}

/**
 * Records a successful login: its source becomes known, and the shared count of failures is reset. Does not throw: if a write fails, the
 * next login repeats it.
 */
export const noteSuccess = async (
  { noteSource, forgetFailures }: NoteSuccessDependencies,
  { guessing, known, noted, userId, passwordSetAt, failedElsewhere }: LoginStanding,
  now: number,
): Promise<void> => {
  if (passwordSetAt === null) return
  const next = knownSourceItem(guessing, { userId, passwordSetAt }, known, now)
  const isSharedRead = known !== null && known.passwordSetAt === passwordSetAt
  // An unknown source used the shared counter, which its own attempt has reset.
  const mayHaveFailed = known !== null && (!isSharedRead || failedElsewhere > 0)
  await Promise.allSettled([
    ...(isToBeNoted(known, next) ? [noteSource(next, noted)] : []),
    ...(mayHaveFailed ? [forgetFailures(sharedCounter(guessing, passwordSetAt))] : []),
  ])
}
