import { describe, expect, it } from 'vitest'
import { chooseShard, shardCount, shardLimit, shardRests } from '../../lib/limits/shards.ts'

describe('the shards of a limit', () => {
  it.each([
    [1, 1],
    [2000, 1],
    [2001, 2],
    [200_000, 100],
    [200_001, 100],
    [400_000, 100],
    [Number.MAX_SAFE_INTEGER, 100],
  ])('%i tokens a minute have %i', (limit, count) => {
    expect(shardCount(limit)).toBe(count)
    const parts = Array.from({ length: count }, (_, shard) => shardLimit(limit, shard))
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(limit)
    expect(shardLimit(limit, count)).toBe(0)
  })

  it('have left what was not counted, and never less than nothing', () => {
    expect(shardRests(4100, [1500, 2600])).toEqual([500, 0, 100])
  })
})

describe('a shard is chosen', () => {
  it('as often as it has tokens left', () => {
    const chosen = Array.from({ length: 10 }, (_, tenth) => chooseShard([3, 0, 5, 2], tenth / 10))
    expect(chosen).toEqual([0, 0, 0, 2, 2, 2, 2, 2, 3, 3])
  })

  it('with tokens if there is one, whatever the rounding of the chance, and the first of none', () => {
    expect(chooseShard([3, 4, 0], 1)).toBe(1)
    expect(chooseShard([0, 0], 0.7)).toBe(0)
  })
})
