import { expect, it } from 'vitest'
import type { Attempt } from '../../lib/table/until-committed.ts'
import { untilCommitted } from '../../lib/table/until-committed.ts'
import { refusalCode } from '../contract/refusal-code.ts'

/** An attempt that commits at the given try. */
const committingAt = (enough: number) => {
  let tries = 0
  return {
    attempt: async (): Promise<Attempt<number>> => {
      tries += 1
      return { committed: tries === enough, result: tries }
    },
    triesMade: () => tries,
  }
}

it('a change is repeated until no other comes first, twelve times in all', async () => {
  const inTime = committingAt(12)
  expect(await untilCommitted(inTime.attempt)).toBe(12)
  const late = committingAt(13)
  expect(await refusalCode(untilCommitted(late.attempt))).toBe('temporarily_unavailable')
  expect(late.triesMade()).toBe(12)
})

it('a change that takes long is repeated less often', async () => {
  const late = committingAt(4)
  expect(await refusalCode(untilCommitted(late.attempt, 3))).toBe('temporarily_unavailable')
  expect(late.triesMade()).toBe(3)
})
