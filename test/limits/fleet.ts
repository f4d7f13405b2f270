import { makeRateLimiter } from '../../lib/limits/rate-limiter.ts'
import { atOnce, countersInMemory } from './rate-counters.ts'

const tickMilliseconds = 10
const ticksPerSecond = 1000 / tickMilliseconds

export type FleetPlan = {
  /** Requests a second of each container. */
  readonly rates: readonly number[]
  readonly limit: number
  /** Seconds of simulated time, counted from second 0 of a minute. Outside of them nobody calls. */
  readonly spans: readonly (readonly [from: number, to: number])[]
  /** @returns from 0 to 1, exclusive */
  readonly random: () => number
}

/** What was seen in one minute. */
export type FleetMinute = {
  passed: number
  refused: number
  /** Requests that passed before the first one was refused. */
  passedBeforeRefusal: number
  /** Requests that an answer of the storage delayed. */
  waited: number
}

/**
 * Containers that get one request after the other, before counters that answer after 10 ms. Everything but the limiter is naive: time
 * moves in steps of 10 ms, and each write is counted for its item and second.
 */
export const runFleet = async ({ rates, limit, spans, random }: FleetPlan) => {
  const start = 1_800_000_000_000
  const clock = { now: start }
  const minutes = new Map<number, FleetMinute>()
  const writes = new Map<string, number>()
  const total = { writes: 0, reads: 0 }
  const second = (): number => Math.floor((clock.now - start) / 1000)
  const minute = (): FleetMinute => {
    const index = Math.floor(second() / 60)
    const seen = minutes.get(index) ?? { passed: 0, refused: 0, passedBeforeRefusal: 0, waited: 0 }
    minutes.set(index, seen)
    return seen
  }
  let answers: (() => void)[] = []
  const counters = countersInMemory((counter, kind, call) => {
    if (kind === 'read') total.reads += 1
    else {
      total.writes += 1
      const item = `${second()} ${counter.window.startSeconds} ${counter.shard}`
      writes.set(item, (writes.get(item) ?? 0) + 1)
    }
    const result = call()
    return new Promise((resolve) => answers.push(() => resolve(result)))
  })
  const containers = rates.map((rate) => ({
    prepare: makeRateLimiter({
      ...{ ...counters, behind: atOnce, now: () => clock.now, random },
      onFault: (fault) => {
        throw fault
      },
    }),
    perTick: rate / ticksPerSecond,
    due: random(),
    isBusy: false,
  }))
  type Container = (typeof containers)[number]
  const serve = async (container: Container): Promise<void> => {
    container.isBusy = true
    for (; container.due >= 1; container.due -= 1) {
      const asked = clock.now
      const seen = minute()
      const allowance = await container.prepare(
        { organizationId: 'org_1', userId: 'usr_1' },
        { organizationPerMinute: limit, userPerMinute: null },
        'protected',
        'allowance',
      )
      if (clock.now > asked) seen.waited += 1
      if (allowance.take()) seen.passed += 1
      else {
        if (seen.refused === 0) seen.passedBeforeRefusal = seen.passed
        seen.refused += 1
      }
    }
    container.isBusy = false
  }
  for (const [from, to] of spans) {
    for (clock.now = start + from * 1000; clock.now < start + to * 1000; clock.now += tickMilliseconds) {
      const due = answers
      answers = []
      for (const answer of due) answer()
      await new Promise((resolve) => setImmediate(resolve))
      for (const container of containers) {
        container.due += container.perTick
        if (!container.isBusy && container.due >= 1) void serve(container)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const shards = new Set([...writes.keys()].map((item) => item.split(' ')[2]))
  return {
    minutes: [...minutes.values()],
    ...total,
    shards: shards.size,
    mostWritesOfAnItem: Math.max(0, ...writes.values()),
  }
}
