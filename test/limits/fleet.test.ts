import { describe, expect, it } from 'vitest'
import { runFleet } from './fleet.ts'

/** Repeatable. */
const dice = () => {
  let seed = 7
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed / 2_147_483_648
  }
}
/** Requests a second: the second container gets half of the first, the third a third, … but none more than Lambda can serve. */
const skewed = (containers: number, perSecond: number): number[] => {
  const weights = Array.from({ length: containers }, (_, index) => 1 / (index + 1))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => Math.min(1000, (weight / sum) * perSecond))
}
const evenly = (containers: number, perSecond: number): number[] =>
  Array.from({ length: containers }, () => perSecond / containers)
/** Half of what DynamoDB writes to a partition in a second. */
const mostWrites = 500

describe('a thousand containers with 100,000 requests a second', () => {
  it('that start in the same second stay below 500 writes to each counter', async () => {
    const seen = await runFleet({
      ...{ rates: evenly(1000, 100_000), limit: 6_000_000, spans: [[0, 1]], random: dice() },
    })
    expect(seen.mostWritesOfAnItem).toBeLessThan(mostWrites)
    expect(seen.minutes).toMatchObject([{ refused: 0 }])
  })

  it('and a limit of a hundredth pass all of it and nothing more, in two minutes, below 500 writes', async () => {
    const seen = await runFleet({
      rates: evenly(1000, 100_000),
      ...{ limit: 60_000, random: dice() },
      spans: [
        [0, 0.8],
        [59.2, 60.8],
      ],
    })
    expect(seen.mostWritesOfAnItem).toBeLessThan(mostWrites)
    for (const { passed, passedBeforeRefusal } of seen.minutes) {
      expect(passed).toBeLessThanOrEqual(60_000)
      expect(passed).toBeGreaterThan(0.98 * 60_000)
      expect(passedBeforeRefusal).toBeGreaterThanOrEqual((60_000 * 3) / 8)
    }
  })
})

describe('containers with very different loads', () => {
  it('use all of their limit, and wait for next to nothing after the first minute', async () => {
    const seen = await runFleet({
      ...{ rates: skewed(100, 200), limit: 10_000, spans: [[0, 180]], random: dice() },
    })
    expect(seen.mostWritesOfAnItem).toBeLessThan(mostWrites)
    const [, second, third] = seen.minutes
    for (const minute of [second, third]) {
      expect(minute?.passed).toBeLessThanOrEqual(10_000)
      expect(minute?.passed).toBeGreaterThan(0.95 * 10_000)
    }
    // Below the limit.
    const calm = await runFleet({
      ...{ rates: skewed(100, 100), limit: 10_000, spans: [[0, 120]], random: dice() },
    })
    const last = calm.minutes.at(-1)
    expect(last?.refused).toBe(0)
    expect(last?.waited).toBeLessThan(0.01 * (last?.passed ?? 0))
  })
})
