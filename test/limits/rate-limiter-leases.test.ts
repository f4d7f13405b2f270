import { describe, expect, it } from 'vitest'
import { ask, asker, askTimes, minute, of, start } from './rate-limiter-scene.ts'

describe('a counter that does not answer', () => {
  it('stops nobody below the limit, and lets no container pass it by itself', async () => {
    const { container, storage, faults, calls, settle } = start()
    storage.isDown = true
    const [one, other] = [container(), container()]
    expect(await askTimes(one, of(30), 100)).toBe(30)
    expect(await askTimes(other, of(30), 100)).toBe(30)
    await settle()
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

  it('leases behind a request once at a time, and not if a request leased meanwhile', async () => {
    const { container, calls, planned, settle } = start()
    expect(await askTimes(container(), of(240), 5)).toBe(5)
    expect(calls.map(({ tokens }) => tokens)).toEqual([1, 1, 2, 4])
    expect(planned).toHaveLength(1)
    await settle()
    expect(calls).toHaveLength(4)
  })

  it('leases nothing ahead of a limit that leaves no token for it', async () => {
    const early = await Promise.all(
      [3, 4].map(async (limit) => {
        const { container, calls, clock, settle } = start()
        clock.now += 59_999
        await askTimes(container(), of(limit), 2)
        await settle()
        return calls.filter(({ isEarly }) => isEarly).map(({ tokens }) => tokens)
      }),
    )
    expect(early).toEqual([[], [1]])
  })

  it.each([60_000, 60_001])(
    'leases nothing ahead of a minute that has begun, %i ms after the start of the last one',
    async (milliseconds) => {
      const { container, calls, clock, storage, settle } = start()
      const only = container()
      await askTimes(only, of(240), 2)
      clock.now += 59_999
      const end = 1000 * minute + milliseconds
      storage.meanwhile = () => {
        clock.now = end
      }
      expect((await ask(only, of(240))).passed).toBe(true)
      await settle()
      expect(calls.some(({ isEarly }) => isEarly)).toBe(false)
    },
  )

  it('goes on below the limit if the lease ahead fails, which is reported', async () => {
    const { container, calls, faults, clock, storage, settle } = start()
    const only = container()
    clock.now += 59_999
    await askTimes(only, of(40), 2)
    storage.isDown = true
    await settle()
    expect(calls.filter(({ isEarly }) => isEarly)).toHaveLength(1)
    // The lease ahead, and that of this minute.
    expect(faults).toHaveLength(2)
    storage.isDown = false
    clock.now += 1
    expect(await askTimes(only, of(40), 50)).toBe(40)
  })

  it('keeps what it counts alone in the minute when the lease ahead of it is answered late', async () => {
    const { container, clock, storage, settle } = start()
    const only = container()
    clock.now += 59_999
    await askTimes(only, of(40), 2)
    let answer = (): void => undefined
    storage.early = new Promise((resolve) => {
      answer = resolve
    })
    const settled = settle()
    await new Promise(setImmediate)
    clock.now += 1
    storage.isDown = true
    expect(await askTimes(only, of(40), 50)).toBe(40)
    answer()
    await settled
    storage.isDown = false
    expect(await askTimes(only, of(40), 50)).toBe(0)
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
    for (const each of fleet) passed += await askTimes(each, of(200), 3)
    expect(passed).toBe(200)
  })
})

describe('the allowance of new sessions', () => {
  it('lets two pass in each container without counting, and leases from the third on', async () => {
    const { container, calls, clock, settle } = start()
    clock.now += 59_999
    const only = container()
    const pass = async () => (await ask(only, of(10), asker, 'sessions')).passed
    expect([await pass(), await pass()]).toEqual([true, true])
    await settle()
    expect(calls).toEqual([])
    expect(await pass()).toBe(true)
    expect(calls).toHaveLength(1)
  })
})
