import type { InARow } from '../limits/throttle-rule.ts'
import type { StoredKnownSource } from './known-source.ts'
import { isKnownTo, isToBeNoted, knownSourceItem } from './known-source.ts'
import type { Guessing } from './login-counters.ts'
import { sharedCounter, sourceCounter } from './login-counters.ts'

/** What the table says of a login name and the source that tries a password for it. */
export type LoginRecord = {
  /** Who has the name; an id of nobody when no one has. */
  readonly userId: string
  /** Null where there is no password. */
  readonly passwordSetAt: string | null
  /** The last note of a login by this name from this source, whether or not it still counts. */
  readonly noted: StoredKnownSource | null
  /** How many have failed in a row elsewhere, under the password of `noted`. */
  readonly failedElsewhere: number
}

export type LoginStanding = LoginRecord & {
  readonly guessing: Guessing
  /** `noted` if the source is known: if this user logged in from it in the last 90 days. */
  readonly known: StoredKnownSource | null
}

export const standingOf = (guessing: Guessing, record: LoginRecord, now: number): LoginStanding => {
  const { noted, userId } = record
  const known = noted !== null && isKnownTo(noted, userId, now) ? noted : null
  return { ...record, guessing, known }
}

/** Where wrong passwords in a row are counted: a source that is known has a count of its own, so that nobody else can use it up. */
export const inARowCounter = ({ guessing, known, passwordSetAt }: LoginStanding): InARow =>
  known === null
    ? sharedCounter(guessing, passwordSetAt)
    : sourceCounter(guessing, passwordSetAt, known.knownSinceSeconds)

export type NoteSuccessDependencies = {
  /** @param noted what the note replaces */
  readonly noteSource: (next: StoredKnownSource, noted: StoredKnownSource | null) => Promise<void>
  readonly forgetFailures: (counter: InARow) => Promise<void>
}

/**
 * What a login that succeeded leaves beside its own count: its source is known, and the shared row of failures ends. Does not throw:
 * where it could not be written, the next login does it.
 */
export const noteSuccess = async (
  { noteSource, forgetFailures }: NoteSuccessDependencies,
  { guessing, known, noted, userId, passwordSetAt, failedElsewhere }: LoginStanding,
  now: number,
): Promise<void> => {
  if (passwordSetAt === null) return
  const next = knownSourceItem(guessing, { userId, passwordSetAt }, known, now)
  const isSharedRead = known !== null && known.passwordSetAt === passwordSetAt
  // A source that was not known yet was counted in the shared row, which its own attempt has ended.
  const mayHaveFailed = known !== null && (!isSharedRead || failedElsewhere > 0)
  await Promise.allSettled([
    ...(isToBeNoted(known, next) ? [noteSource(next, noted)] : []),
    ...(mayHaveFailed ? [forgetFailures(sharedCounter(guessing, passwordSetAt))] : []),
  ])
}
