import { describe, expect, it } from 'vitest'
import type { GuessRow } from '../../lib/limits/guess.ts'
import { guessesIn, hasRoom } from '../../lib/limits/guess.ts'

const row: GuessRow = {
  key: { pk: 'THROTTLE#a', sk: '0' },
  expiresAtSeconds: 900,
  counts: [
    { attribute: 'pair', most: 2 },
    { attribute: 'source', most: 3 },
  ],
}
const ids = (...of: string[]): ReadonlySet<string> => new Set(of)

describe('the wrong guesses of a row', () => {
  it('are the ids under the name of the count, and none where nothing was counted', () => {
    const [pair = { attribute: '', most: 0 }] = row.counts
    expect(guessesIn({ pair: ids('a', 'b'), source: ids('c') }, pair)).toBe(2)
    expect(guessesIn({ source: ids('c') }, pair)).toBe(0)
    expect(guessesIn(undefined, pair)).toBe(0)
  })

  it.each([
    [undefined, true],
    [{ pair: ids('a'), source: ids('a', 'b') }, true],
    [{ pair: ids('a', 'b'), source: ids('a', 'b') }, false],
    [{ pair: ids('a'), source: ids('a', 'b', 'c') }, false],
  ])('leave room until one of the counts is full: %o', (item, isLeft) => {
    expect(hasRoom(row, item)).toBe(isLeft)
  })
})
