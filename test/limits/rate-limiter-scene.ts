import type { AllowanceClass, RateCounter, RateLimits } from '../../lib/limits/rate-limiter.ts'
import { makeRateLimiter } from '../../lib/limits/rate-limiter.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { countersInMemory } from './rate-counters.ts'

export const minute = 60_000
export const asker: { organizationId: OrganizationId; userId: UserId } = {
  organizationId: 'org_1',
  userId: 'usr_1',
}
export const of = (organizationPerMinute: number, userPerMinute: number | null = null): RateLimits => ({
  organizationPerMinute,
  userPerMinute,
})

/** Counters in memory, a clock that stands still, and containers around them. Work behind a request is done when the test says so. */
export const start = () => {
  const calls: { counter: RateCounter; tokens: number; isEarly: boolean }[] = []
  const faults: unknown[] = []
  const clock = { now: 1000 * minute }
  const storage = { isDown: false, reads: 0, meanwhile: (): void => undefined, early: Promise.resolve() }
  const planned: (() => Promise<void>)[] = []
  const counters = countersInMemory(async (_counter, kind, call) => {
    await Promise.resolve()
    storage.meanwhile()
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
      leaseEarly: async (counter, tokens, most) => {
        calls.push({ counter, tokens, isEarly: true })
        const counted = await counters.leaseEarly(counter, tokens, most)
        await storage.early
        return counted
      },
      behind: (work) => planned.push(work),
      now: () => clock.now,
      random,
      onFault: (fault) => faults.push(fault),
    })
  const settle = async (): Promise<void> => {
    for (const work of planned.splice(0)) await work()
  }
  return { container, counters, calls, faults, clock, storage, planned, settle }
}

type Container = ReturnType<ReturnType<typeof start>['container']>

export const ask = async (
  container: Container,
  limits: RateLimits,
  who = asker,
  allowanceClass: AllowanceClass | 'sessions' = 'protected',
) => {
  const allowance = await container(who, limits, allowanceClass, 'allowance')
  const passed = allowance.take()
  allowance.release()
  return { passed, status: allowance.status() }
}

export const askTimes = async (
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
