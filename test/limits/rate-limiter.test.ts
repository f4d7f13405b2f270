import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AllowanceClass, RateCounter, RateLimits } from '../../lib/limits/rate-limiter.ts'
import { allowanceClasses, makeRateLimiter, uncounted } from '../../lib/limits/rate-limiter.ts'
import { rateWindowAt } from '../../lib/limits/rate-window.ts'
import { shardCount, shardLimit } from '../../lib/limits/shards.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { countersInMemory } from './rate-counters.ts'

const minute = 60_000
const asker: { organizationId: OrganizationId; userId: UserId } = { organizationId: 'org_1', userId: 'usr_1' }
const of = (organizationPerMinute: number, userPerMinute: number | null = null): RateLimits => ({
  organizationPerMinute,
  userPerMinute,
})

/** Counters in memory, a clock that stands still, and containers around them. Work behind a request is done when the test says so. */
const start = () => {
  const calls: { counter: RateCounter; tokens: number; isEarly: boolean }[] = []
  const faults: unknown[] = []
  const clock = { now: 1000 * minute }
  const storage = { isDown: false, reads: 0 }
  const planned: (() => Promise<void>)[] = []
  const counters = countersInMemory(async (_counter, kind, call) => {
    await Promise.resolve()
    if (storage.isDown) throw new Error('no answer')
    if (kind === 'read') storage.reads += 1
    return call()
  })
  const container = (random = () => 0.5) =>
    makeRateLimiter({
      ...counters,
      leaseTokens: (counter, tokens) => {
        calls.push({ counter, tokens, isEarly: false })
        return counters.leaseTokens(counter, tokens)
      },
      leaseEarly: (counter, tokens, most) => {
        calls.push({ counter, tokens, isEarly: true })
        return counters.leaseEarly(counter, tokens, most)
      },
      behind: (work) => planned.push(work),
      now: () => clock.now,
      random,
      onFault: (fault) => faults.push(fault),
    })
  const settle = async (): Promise<void> => {
    for (const work of planned.splice(0)) await work()
  }
  return { container, counters, calls, faults, clock, storage, settle }
}

type Container = ReturnType<ReturnType<typeof start>['container']>

const ask = async (
  container: Container,
  limits: RateLimits,
  who = asker,
  allowanceClass: AllowanceClass = 'protected',
) => {
  const allowance = await container(who, limits, allowanceClass, 'allowance')
  const passed = allowance.take()
  allowance.release()
  return { passed, status: allowance.status() }
}

const askTimes = async (
  container: Container,
  limits: RateLimits,
  times: number,
  who = asker,
  allowanceClass: AllowanceClass = 'protected',
) => {
  let passed = 0
  for (let index = 0; index < times; index += 1)
    if ((await ask(container, limits, who, allowanceClass)).passed) passed += 1
  return passed
}

describe('a container', () => {
  it('asks the storage at most once for a decision, and mostly not at all', async () => {
    const { container, calls } = start()
    const only = container()
    for (let index = 0; index < 100; index += 1) {
      const before = calls.length
      await ask(only, of(240))
      expect(calls.length - before).toBeLessThanOrEqual(1)
    }
    expect(calls.length).toBeLessThan(15)
  })

  it('asks no more in a window once the limit is used up', async () => {
    const { container, calls } = start()
    const only = container()
    expect(await askTimes(only, of(10), 11)).toBe(10)
    const before = calls.length
    expect(await askTimes(only, of(10), 100)).toBe(0)
    expect(calls.length).toBe(before)
  })

  it('tells how many are left, nothing when it refuses, and when the next window begins', async () => {
    const { container } = start()
    const only = container()
    const resetSeconds = 1001 * 60
    expect((await ask(only, of(3))).status).toEqual({ limitPerMinute: 3, remaining: 2, resetSeconds })
    await ask(only, of(3))
    await ask(only, of(3))
    expect(await ask(only, of(3))).toEqual({
      passed: false,
      status: { limitPerMinute: 3, remaining: 0, resetSeconds },
    })
  })

  it('starts afresh with each window of the clock', async () => {
    const { container, clock } = start()
    const only = container()
    expect(await askTimes(only, of(5), 9)).toBe(5)
    clock.now += minute
    expect(await askTimes(only, of(5), 9)).toBe(5)
  })

  it('lets a request pass that was prepared in one window and is taken in the next', async () => {
    const { container, clock } = start()
    const allowance = await container()(asker, of(5), 'protected', 'allowance')
    clock.now += minute
    expect(allowance.take()).toBe(true)
  })

  it('counts nothing for a request that is refused for another reason', async () => {
    const { container } = start()
    const only = container()
    for (let index = 0; index < 50; index += 1) (await only(asker, of(5), 'protected', 'allowance')).release()
    expect(await askTimes(only, of(5), 9)).toBe(5)
  })

  it('gives each leave once, however often it is taken or released', async () => {
    const { container } = start()
    const only = container()
    const allowance = await only(asker, of(2), 'protected', 'allowance')
    expect([allowance.take(), allowance.take()]).toEqual([true, false])
    allowance.release()
    allowance.release()
    expect(await askTimes(only, of(2), 9)).toBe(1)
  })

  it('promises no leave twice to requests that wait at the same time', async () => {
    const { container } = start()
    const only = container()
    const allowances = await Promise.all(
      Array.from({ length: 60 }, () => only(asker, of(40), 'protected', 'allowance')),
    )
    expect(allowances.filter((allowance) => allowance.take())).toHaveLength(40)
  })

  it('keeps organizations apart', async () => {
    const { container } = start()
    const only = container()
    expect(await askTimes(only, of(5), 9)).toBe(5)
    expect(await askTimes(only, of(5), 9, { ...asker, organizationId: 'org_2' })).toBe(5)
  })
})

describe('the allowances for protected APIs, self-service and management', () => {
  it.each(allowanceClasses)(
    'are as large as the limit each, and %s is spent for itself only',
    async (spent) => {
      const { container } = start()
      const only = container()
      expect(await askTimes(only, of(5), 9, asker, spent)).toBe(5)
      for (const other of allowanceClasses.filter((each) => each !== spent))
        expect(await askTimes(only, of(5), 9, asker, other)).toBe(5)
    },
  )

  it('are three of a user with a limit of its own too', async () => {
    const { container } = start()
    const only = container()
    for (const each of allowanceClasses) expect(await askTimes(only, of(100, 4), 9, asker, each)).toBe(4)
  })

  it('are told each for itself', async () => {
    const { container } = start()
    const only = container()
    await askTimes(only, of(5), 3, asker, 'self')
    expect((await ask(only, of(5), asker, 'self')).status).toMatchObject({ remaining: 1 })
    expect((await ask(only, of(5), asker, 'management')).status).toMatchObject({ remaining: 4 })
  })
})

describe('a request that does not pass anyway', () => {
  it('takes nothing from the counter, not even for a moment, and is told what is left', async () => {
    const { container, calls } = start()
    const only = container()
    await askTimes(only, of(10), 3)
    const before = calls.length
    const look = await only(asker, of(10), 'protected', 'status')
    expect(look.status()).toMatchObject({ limitPerMinute: 10, remaining: 7 })
    expect(look.take()).toBe(false)
    const fresh = await container()(asker, of(10, 4), 'management', 'status')
    expect(fresh.status()).toMatchObject({ limitPerMinute: 4, remaining: 4 })
    expect(calls).toHaveLength(before)
  })
})

describe('a limit that changes', () => {
  it('holds at once when it is raised', async () => {
    const { container } = start()
    const only = container()
    expect(await askTimes(only, of(5), 9)).toBe(5)
    expect(await askTimes(only, of(8), 9)).toBe(3)
  })

  it('holds with the next lease when it is lowered, and wholly in the next window', async () => {
    const { container, clock } = start()
    const only = container()
    expect(await askTimes(only, of(240), 100)).toBe(100)
    expect(await askTimes(only, of(50), 100)).toBeLessThan(12)
    clock.now += minute
    expect(await askTimes(only, of(50), 100)).toBe(50)
  })

  it('of nothing lets nothing pass and costs nothing', async () => {
    const { container, calls } = start()
    expect(await askTimes(container(), of(0), 9)).toBe(0)
    expect(calls).toEqual([])
  })
})

describe('a limit of one user', () => {
  it('stops that user and nobody else, and is the one that is told when it is the tighter', async () => {
    const { container } = start()
    const only = container()
    expect(await askTimes(only, of(100, 4), 9)).toBe(4)
    expect((await ask(only, of(100, 4))).status).toMatchObject({ limitPerMinute: 4, remaining: 0 })
    const other = { ...asker, userId: 'usr_2' as const }
    expect(await ask(only, of(100), other)).toMatchObject({ passed: true, status: { limitPerMinute: 100 } })
  })

  it('uses up nothing of the organization when it refuses', async () => {
    const { container } = start()
    const only = container()
    expect(await askTimes(only, of(10, 4), 50)).toBe(4)
    expect(await askTimes(only, of(10), 50, { ...asker, userId: 'usr_2' })).toBe(6)
  })

  it('keeps whoever has reached it from holding requests of the organization back, at however many containers', async () => {
    const { container, calls } = start()
    await askTimes(container(), of(10, 2), 3)
    for (let index = 0; index < 20; index += 1) expect((await ask(container(), of(10, 2))).passed).toBe(false)
    const ofOrganization = calls.filter(({ counter }) => counter.userId === null)
    expect(ofOrganization.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(2)
    expect(await askTimes(container(), of(10), 9, { ...asker, userId: 'usr_2' })).toBe(8)
  })

  it('does not lift that of the organization', async () => {
    const { container } = start()
    const only = container()
    expect(await askTimes(only, of(5, 100), 9)).toBe(5)
    expect((await ask(only, of(5, 100))).status).toMatchObject({ limitPerMinute: 5, remaining: 0 })
  })
})

describe('where no limit holds', () => {
  const none: RateLimits = { organizationPerMinute: null, userPerMinute: null }

  it('every request passes, nothing is counted, and no limit is told', async () => {
    const { container, calls } = start()
    const only = container()
    expect(await ask(only, none)).toEqual({ passed: true, status: undefined })
    expect(await askTimes(only, none, 20)).toBe(20)
    expect(calls).toEqual([])
    expect([uncounted.take(), uncounted.take(), uncounted.status()]).toEqual([true, true, undefined])
  })

  it('for the organization, that of a user does, for each user by itself', async () => {
    const { container } = start()
    const only = container()
    const own: RateLimits = { ...none, userPerMinute: 3 }
    expect(await askTimes(only, own, 5)).toBe(3)
    expect(await askTimes(only, own, 5, { ...asker, userId: 'usr_2' })).toBe(3)
    expect(await askTimes(only, none, 5)).toBe(5)
  })
})

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
