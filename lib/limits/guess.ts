import type { Key } from '../table/keys.ts'
import type { RawItem } from '../table/read.ts'

/** The wrong guesses under one limit: a set of their ids in an attribute of a row. */
export type GuessCount = { readonly attribute: string; readonly most: number }

/** A row whose counts are tested and changed by one write. */
export type GuessRow = {
  readonly key: Key
  readonly expiresAtSeconds: number
  readonly counts: readonly GuessCount[]
}

/** One guess whose outcome is known and not yet told. @property id makes counting it idempotent */
export type Guess = { readonly id: string; readonly isWrong: boolean }

/** How many wrong guesses a row that was read has. */
export const guessesIn = (item: RawItem | undefined, { attribute }: GuessCount): number => {
  const ids = item?.[attribute]
  return ids instanceof Set ? ids.size : 0
}

/** False if one of the counts of a row that was read is full. */
export const hasRoom = ({ counts }: GuessRow, item: RawItem | undefined): boolean =>
  counts.every((count) => guessesIn(item, count) < count.most)
