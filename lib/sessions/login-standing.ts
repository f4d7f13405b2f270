import type { GuessRow } from '../limits/guess.ts'
import { guessesIn } from '../limits/guess.ts'
import { loginPerAccountAndSource } from '../limits/throttle-rule.ts'
import type { KeyOwner, UserId } from '../secrets/key-id.ts'
import type { RawItem } from '../table/read.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import type { StoredKnownSource } from './known-source.ts'
import { isKnownTo, isToBeNoted, knownSourceItem } from './known-source.ts'
import type { Guessing, InARowLimits } from './login-counters.ts'
import { inARowRow } from './login-counters.ts'

/** What is stored of a login name and a network. */
export type LoginRecord = {
  /** The user with the name and its home; placeholder ids if there is none. */
  readonly holder: KeyOwner
  /** The item of the last login with this name from this source, expired or not. */
  readonly noted: StoredKnownSource | null
  /** The counts of the network's window, and of wrong passwords in a row from unknown sources and from this one. */
  readonly network: RawItem | undefined
  readonly shared: RawItem | undefined
  readonly perSource: RawItem | undefined
}

/** Wrong passwords in a row: the row that applies to a login, and the one of unknown sources. */
export type LoginStanding = {
  readonly guessing: Guessing
  readonly userId: UserId
  /** Set if the source is known: this user logged in from it in the last 90 days. */
  readonly known: StoredKnownSource | null
  readonly row: GuessRow
  readonly item: RawItem | undefined
  /** The row of unknown sources as it was read. */
  readonly shared: { readonly row: GuessRow; readonly item: RawItem | undefined }
}

export const standingOf = (
  limits: InARowLimits,
  guessing: Guessing,
  record: LoginRecord,
  passwordSetAt: string | null,
  at: number,
): LoginStanding => {
  const { noted } = record
  const { userId } = record.holder
  const known = noted !== null && isKnownTo(noted, userId, at) ? noted : null
  const shared = { row: inARowRow(limits, guessing, passwordSetAt, null, at), item: record.shared }
  const applying =
    known === null
      ? shared
      : {
          row: inARowRow(limits, guessing, passwordSetAt, known.knownSinceSeconds, at),
          item: record.perSource,
        }
  return { guessing, userId, known, ...applying, shared }
}

/** False where so few wrong passwords were counted that those which came meanwhile cannot have filled the count. */
export const mayHaveFilled = ({ known, row, item }: LoginStanding): boolean =>
  known === null || row.counts.some(({ most }) => wrongInARow(row, item) + mostMeanwhile > most)

/** From one source while one login is verified: all of two windows. */
const mostMeanwhile = 2 * loginPerAccountAndSource.attempts

/**
 * The writes of a login that succeeds: its source becomes known, and the counts in a row are reset. Each is dropped on conflict with a
 * concurrent login, which writes the same, so no login waits for another one.
 */
export const successWrites = (standing: LoginStanding, at: number): Write[] => {
  const { guessing, userId, known, row, item, shared } = standing
  const next = knownSourceItem(guessing, userId, known, at)
  return [
    ...resetWrites(row, item),
    ...(known === null ? [] : resetWrites(shared.row, shared.item)),
    ...(isToBeNoted(known, next)
      ? [{ ...put<typeof StoredKnownSource>('known source', next), dropOnConflict: true as const }]
      : []),
  ]
}

const wrongInARow = ({ counts }: GuessRow, item: RawItem | undefined): number =>
  counts.reduce((sum, each) => sum + guessesIn(item, each), 0)

/**
 * Also of earlier passwords, whose counts would else stay in the row as long as anybody guesses. Not a deletion, for which the function
 * would need a permission.
 */
const resetWrites = (row: GuessRow, item: RawItem | undefined): Write[] => {
  const counted = Object.keys(item ?? {}).filter((attribute) => item?.[attribute] instanceof Set)
  return counted.length === 0
    ? []
    : [
        {
          label: 'wrong passwords in a row',
          dropOnConflict: true,
          update: row.key,
          set: `SET kind = :kind, expiresAtSeconds = :expiry REMOVE ${counted.map((_, at) => `#c${at}`).join(', ')}`,
          names: Object.fromEntries(counted.map((attribute, at) => [`#c${at}`, attribute])),
          values: { ':kind': itemKinds.throttle, ':expiry': row.expiresAtSeconds },
        },
      ]
}
