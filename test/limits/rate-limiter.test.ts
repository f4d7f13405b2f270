import { describe, expect, it } from 'vitest'
import type { RateLimits } from '../../lib/limits/rate-limiter.ts'
import { allowanceClasses, uncounted } from '../../lib/limits/rate-limiter.ts'
import { ask, asker, askTimes, minute, of, start } from './rate-limiter-scene.ts'

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
