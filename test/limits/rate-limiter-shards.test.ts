import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rateWindowAt } from '../../lib/limits/rate-window.ts'
import { shardCount, shardLimit } from '../../lib/limits/shards.ts'
import { ask, asker, askTimes, of, start } from './rate-limiter-scene.ts'

describe('a limit of several shards', () => {
  it('lets one container use all of it, shard by shard', async () => {
    const { container, calls, storage } = start()
    let draws = 0
    const only = container(() => {
      draws = (draws * 7 + 3) % 101
      return draws / 101
    })
    expect(await askTimes(only, of(9001), 9100)).toBe(9001)
    const shards = new Set(calls.map(({ counter }) => counter.shard))
    expect(shards.size).toBe(5)
    const [asked, read] = [calls.length, storage.reads]
    await askTimes(only, of(9001), 10)
    expect([calls.length, storage.reads]).toEqual([asked, read])
  })

  it('is known to be used up after one lease and one look at all counters', async () => {
    const { container, calls, storage } = start()
    expect(await askTimes(container(), of(4001), 4010)).toBe(4001)
    const [asked, read] = [calls.length, storage.reads]
    expect((await ask(container(), of(4001))).passed).toBe(false)
    expect([calls.length - asked, storage.reads - read]).toEqual([1, 3])
  })

  it('is leased without a look at other counters while its shard has tokens, or has no other', async () => {
    const { container, storage } = start()
    const [one, other] = [container(), container()]
    expect(await askTimes(one, of(4001), 500)).toBe(500)
    expect((await askTimes(one, of(10, 10), 20)) + (await askTimes(other, of(10, 10), 20))).toBe(10)
    expect(storage.reads).toBe(0)
  })

  it('is leased by a quarter of what the next shard has left, when one is used up', async () => {
    const { container, counters, calls, clock } = start()
    const window = rateWindowAt(clock.now)
    const second = { ...asker, userId: null, allowanceClass: 'protected' as const, shard: 1, window }
    const only = container(() => 0)
    expect(await askTimes(only, of(4000), 2000)).toBe(2000)
    await counters.leaseTokens(second, 1980)
    calls.splice(0)
    expect(await askTimes(only, of(4000), 1)).toBe(1)
    expect(calls.map(({ counter, tokens }) => [counter.shard, tokens])).toEqual([[1, 5]])
  })

  it('is not passed when it is raised and lowered within the minute, whichever shards it has', async () => {
    const { container } = start()
    const fleet = Array.from({ length: 4 }, (_, index) => container(() => (index + 0.5) / 4))
    let passed = 0
    for (const limit of [1500, 5000, 2100, 7000, 300, 6100])
      for (const each of fleet) passed += await askTimes(each, of(limit), 700)
    expect(passed).toBeGreaterThan(6000)
    expect(passed).toBeLessThanOrEqual(7000)
  })

  it.each([
    [200_000, 200_001],
    [400_000, 400_001],
    [199_000, 1_000_000],
  ])(
    'of %i that was used up lets pass only what %i adds to it, and nothing when it is lowered again',
    async (low, high) => {
      const { container, counters, clock } = start()
      const window = rateWindowAt(clock.now)
      const spend = async (limit: number, most: number) => {
        for (let shard = 0; shard < 100; shard += 1) {
          const of = { ...asker, userId: null, allowanceClass: 'protected' as const, shard, window }
          const [counted = 0] = await counters.readCounters([of])
          if (counted < shardLimit(limit, shard))
            await counters.leaseTokens(of, shardLimit(limit, shard) - counted)
        }
        return await askTimes(container(), { organizationPerMinute: most, userPerMinute: null }, 2000)
      }
      expect(await spend(low, high)).toBe(Math.min(2000, high - low))
      expect(await spend(high, low)).toBe(0)
    },
  )

  it('has no shard with more tokens than that of a higher limit, and all of the limit in its shards', () => {
    const limits = fc.oneof(
      fc.integer({ min: 1, max: 250_000 }),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    )
    fc.assert(
      fc.property(limits, limits, (one, other) => {
        const [low, high] = one < other ? [one, other] : [other, one]
        const sizes = (limit: number) => Array.from({ length: 120 }, (_, shard) => shardLimit(limit, shard))
        const highSizes = sizes(high)
        expect(sizes(low).every((size, shard) => size <= (highSizes[shard] ?? 0))).toBe(true)
        expect(sizes(low).reduce((sum, size) => sum + BigInt(size), 0n)).toBe(BigInt(low))
        expect(sizes(high).filter((size) => size > 0)).toHaveLength(shardCount(high))
        expect(shardCount(high)).toBeLessThanOrEqual(100)
      }),
    )
  })

  it('tells about how many requests are left of all shards', async () => {
    const { container } = start()
    const only = container()
    await askTimes(only, of(100_000), 100)
    const { status } = await ask(only, of(100_000))
    // One of 50 shards stands for all of them.
    expect(status?.remaining).toBeGreaterThan(80_000)
    expect(status?.remaining).toBeLessThan(100_000)
  })
})
