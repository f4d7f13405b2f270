import type { RateCounter } from '../../lib/limits/rate-limiter.ts'
import { makeRateLimiter } from '../../lib/limits/rate-limiter.ts'
import { rateWindowAt } from '../../lib/limits/rate-window.ts'
import { keys } from '../../lib/table/keys.ts'
import { quotas } from './quotas.ts'
import { randomFrom } from './random.ts'

export type LeaseRun = {
  readonly containers: number
  readonly perSecond: number
  readonly limitPerMinute: number
  /** In the second with most, of the item with most. */
  readonly mostWritesOfOneItem: number
  /** Counters that did not answer because DynamoDB refused the write: the container then counts alone. */
  readonly refusedWrites: number
  /** Passed in a minute, of those that the limit allows of the requests of this minute; the minute with most. Above 1, the limit does not hold. */
  readonly passedOfAllowed: number
}

const minute = 60_000
/** All containers begin in one second, which Lambda does not do: what they write at first counts, and is not refused. */
const beginningSeconds = 5

/**
 * The product's rate limiter in each of many containers, and counters that DynamoDB limits as it limits any item. Time passes in
 * the simulation only. It runs from `fromSecond` of one minute to `toSecond` of the next.
 */
export const simulateLeases = async (
  run: { readonly containers: number; readonly perSecond: number; readonly limitPerMinute: number },
  span: { readonly fromSecond: number; readonly toSecond: number },
): Promise<LeaseRun> => {
  const { containers, perSecond, limitPerMinute } = run
  const random = randomFrom(2)
  let now = minute * 1000 + span.fromSecond * 1000
  const begun = now + beginningSeconds * 1000
  const counters = new Map<string, number>()
  let writes = new Map<string, number>()
  let most = 0
  let refused = 0
  const itemOf = (counter: RateCounter): string => {
    const { pk, sk } = keys.rateCounter(counter, counter.window.startSeconds)
    return `${pk} ${sk}`
  }
  const write = (counter: RateCounter): string => {
    const item = itemOf(counter)
    const written = (writes.get(item) ?? 0) + 1
    writes.set(item, written)
    if (now < begun) return item
    most = Math.max(most, written)
    if (written > quotas.partition.writeUnits) {
      refused += 1
      throw new Error('ThrottlingException')
    }
    return item
  }
  const add = (item: string, tokens: number): number => {
    const leased = (counters.get(item) ?? 0) + tokens
    counters.set(item, leased)
    return leased
  }
  const limiters = Array.from({ length: containers }, () =>
    makeRateLimiter({
      leaseTokens: async (counter, tokens) => add(write(counter), tokens),
      leaseEarly: async (counter, tokens, bound) => {
        const item = write(counter)
        return (counters.get(item) ?? 0) + tokens > bound ? null : add(item, tokens)
      },
      readCounters: async (wanted) => wanted.map((counter) => counters.get(itemOf(counter)) ?? 0),
      behind: (work) => void work(),
      now: () => now,
      random,
      onFault: () => undefined,
    }),
  )
  const caller = { organizationId: 'org_simulated0', userId: 'usr_simulated0000000' } as const
  const limits = { organizationPerMinute: limitPerMinute, userPerMinute: null }
  const passed = new Map<number, number>()
  const asked = new Map<number, number>()
  const note = (to: Map<number, number>, at: number, requests: number) =>
    to.set(at, (to.get(at) ?? 0) + requests)
  const last = minute * 1001 + span.toSecond * 1000
  for (; now < last; now += 1000) {
    writes = new Map()
    const { startSeconds } = rateWindowAt(now)
    note(asked, startSeconds, perSecond)
    for (let request = 0; request < perSecond; request += 1) {
      const prepare = limiters[Math.floor(random() * containers)]
      const allowance = await prepare?.(caller, limits, 'protected', 'allowance')
      if (allowance?.take() === true) note(passed, startSeconds, 1)
    }
  }
  return {
    ...run,
    mostWritesOfOneItem: most,
    refusedWrites: refused,
    passedOfAllowed: Math.max(
      ...[...passed].map(([at, requests]) => requests / Math.min(limitPerMinute, asked.get(at) ?? 0)),
    ),
  }
}
