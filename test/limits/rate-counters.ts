import type { RateCounter, RateLimiterDependencies } from '../../lib/limits/rate-limiter.ts'

export type RateCounters = Pick<RateLimiterDependencies, 'leaseTokens' | 'leaseEarly' | 'readCounters'>

/** Counters in memory. @param answer carries out one call of the storage, when it wants, and gives its result or a fault */
export const countersInMemory = (
  answer: <T>(counter: RateCounter, kind: 'write' | 'read', call: () => T) => Promise<T>,
): RateCounters => {
  const values = new Map<string, number>()
  const current = (counter: RateCounter): number => values.get(JSON.stringify(counter)) ?? 0
  const add = (counter: RateCounter, tokens: number): number => {
    const value = current(counter) + tokens
    values.set(JSON.stringify(counter), value)
    return value
  }
  return {
    leaseTokens: (counter, tokens) => answer(counter, 'write', () => add(counter, tokens)),
    leaseEarly: (counter, tokens, most) =>
      answer(counter, 'write', () => (current(counter) + tokens > most ? null : add(counter, tokens))),
    readCounters: (counters) => Promise.all(counters.map((one) => answer(one, 'read', () => current(one)))),
  }
}

/** As on a laptop: nobody waits for it, and it begins at once. */
export const atOnce = (work: () => Promise<void>): void => void work()
