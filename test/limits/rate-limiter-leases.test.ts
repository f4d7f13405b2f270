import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rateWindowAt } from '../../lib/limits/rate-window.ts'
import { shardCount, shardLimit } from '../../lib/limits/shards.ts'
import { ask, asker, askTimes, minute, of, start } from './rate-limiter-scene.ts'

describe('a counter that does not answer', () => {
  it('stops nobody below the limit, and lets no container pass it by itself', async () => {
    const { container, storage, faults, calls } = start()
    storage.isDown = true
    const [one, other] = [container(), container()]
    expect(await askTimes(one, of(30), 100)).toBe(30)
    expect(await askTimes(other, of(30), 100)).toBe(30)
    expect(faults).toHaveLength(2)
    // Nobody waits for it again in this window.
    expect(calls).toHaveLength(2)
  })

  it('lets at most the raised limit pass in one container when it answers again', async () => {
    const { container, storage } = start()
    const only = container()
    storage.isDown = true
    expect(await askTimes(only, of(95), 10)).toBe(10)
    storage.isDown = false
    expect((await ask(only, of(1000))).status).toMatchObject({ remaining: 1000 - 11 })
    expect(await askTimes(only, of(1000), 1100)).toBe(1000 - 11)
  })

  it('is asked again in the next window', async () => {
    const { container, storage, clock, faults } = start()
    const [one, other] = [container(), container()]
    storage.isDown = true
    await askTimes(one, of(30), 100)
    storage.isDown = false
    clock.now += minute
    expect((await askTimes(one, of(30), 100)) + (await askTimes(other, of(30), 100))).toBe(30)
    expect(faults).toHaveLength(1)
  })

  it('in the middle of a window leaves what the container has used counted', async () => {
    const { container, storage } = start()
    const only = container()
    expect(await askTimes(only, of(30), 10)).toBe(10)
    storage.isDown = true
    expect(await askTimes(only, of(30), 100)).toBe(20)
  })
})

describe('a busy container', () => {
  it('waits for two leases of a minute at most, and for none in the next', async () => {
    const { container, calls, clock, settle } = start()
    const only = container()
    const waits: boolean[] = []
    for (let second = 0; second < 120; second += 0.5) {
      clock.now = 1000 * minute + second * 1000
      const before = calls.length
      expect((await ask(only, of(240))).passed).toBe(true)
      waits.push(calls.length > before)
      await settle()
    }
    expect(waits.slice(0, 120).filter(Boolean)).toHaveLength(2)
    expect(waits.slice(120)).not.toContain(true)
  })

  it('leases for the next minute once, at its own moment of the last half of this one', async () => {
    const moments = await Promise.all(
      [0.04, 0.5, 0.99].map(async (chance) => {
        const { container, calls, clock, settle } = start()
        const only = container(() => chance)
        for (let second = 0; second < 60; second += 1) {
          clock.now = 1000 * minute + second * 1000
          await ask(only, of(240))
          await settle()
          if (calls.some(({ isEarly }) => isEarly)) return { second, calls, only, clock, settle }
        }
        throw new Error('nothing was leased early')
      }),
    )
    expect(moments.map(({ second }) => second)).toEqual([59, 45, 31])
    for (const { calls, only, settle } of moments) {
      await ask(only, of(240))
      await settle()
      const early = calls.filter(({ isEarly }) => isEarly)
      expect(early).toHaveLength(1)
      expect(early[0]?.counter.window.startSeconds).toBe(1001 * 60)
    }
  })

  it('leases nothing ahead after a single request', async () => {
    const { container, calls, clock, settle } = start()
    clock.now += 59_999
    await ask(container(), of(240))
    await settle()
    expect(calls).toHaveLength(1)
  })

  it('counts on with what it has while a lease behind a request fails, and below the limit after that', async () => {
    const { container, storage, settle } = start()
    const only = container()
    await askTimes(only, of(30), 4)
    storage.isDown = true
    await settle()
    expect(await askTimes(only, of(30), 100)).toBe(26)
  })

  it('keeps to the common limit if only a lease behind a request fails, as in a frozen environment', async () => {
    const { container, storage, settle } = start()
    const [one, other] = [container(), container()]
    expect(await askTimes(one, of(30), 4)).toBe(4)
    storage.isDown = true
    await settle()
    storage.isDown = false
    expect((await askTimes(other, of(30), 20)) + (await askTimes(one, of(30), 30))).toBe(26)
  })
})

describe('containers that lease early', () => {
  it('take a quarter of the next minute together at most', async () => {
    const { container, calls, clock, settle } = start()
    const fleet = Array.from({ length: 100 }, () => container())
    for (const second of [0, 58]) {
      clock.now = 1000 * minute + second * 1000
      for (const each of fleet) await askTimes(each, of(1000), 2)
      await settle()
    }
    expect(calls.filter(({ isEarly }) => isEarly)).toHaveLength(100)
    clock.now = 1001 * minute
    const other = container()
    let passed = 0
    while ((await ask(other, of(200))).passed) passed += 1
    // The limit is lower than when they leased: 100 tokens are theirs, and all others go to whoever asks.
    expect(passed).toBe(100)
    clock.now += 58_000
    for (const each of [...fleet, other]) await askTimes(each, of(200), 1)
    await settle()
    clock.now = 1002 * minute
    passed = 0
    while ((await ask(container(), of(200))).passed) passed += 1
    expect(passed).toBeGreaterThanOrEqual(150)
  })
})

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
