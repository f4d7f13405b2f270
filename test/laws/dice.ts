/** Choices that a seed decides. Zeros are the first of everything. */
export type Dice = {
  readonly next: (below: number) => number
  readonly pick: <T>(from: readonly T[]) => T | undefined
  /** True in so many of 1. */
  readonly chance: (share: number) => boolean
  readonly some: <T>(from: readonly T[], most: number) => T[]
}

/** @param numbers what fast-check drew */
export const diceOf = (numbers: readonly number[]): Dice => {
  let thrown = 0
  const next = (below: number): number => {
    const number = numbers[thrown % numbers.length] ?? 0
    const isFirstRound = thrown < numbers.length
    thrown += 1
    // Later rounds through the numbers are others, but zero stays zero.
    const mixed =
      isFirstRound || number === 0 ? number : (Math.imul(number + thrown, 0x9e3779b1) >>> 7) % 1_000_003
    return below <= 0 ? 0 : mixed % below
  }
  const pick = <T>(from: readonly T[]): T | undefined => from[next(from.length)]
  return {
    next,
    pick,
    chance: (share) => next(1000) >= 1000 - share * 1000,
    some: (from, most) => {
      const count = next(most + 1)
      const picked = Array.from({ length: count }, () => pick(from))
      return [...new Set(picked.filter((one) => one !== undefined))]
    },
  }
}
