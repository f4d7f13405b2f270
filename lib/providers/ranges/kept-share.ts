import { type BigInterval, bigIntervals, type Intervals } from '../../whitelist/ranges/intervals.ts'
import { blocksOf } from './range-difference.ts'

/** What one list keeps of another, for one family. */
export type Kept = {
  /** The fewest CIDR blocks that cover the older list. */
  readonly blocks: number
  /** How many of them are kept; a partly kept block counts as a fraction. */
  readonly keptBlocks: number
  /** 0 to 1: share of the addresses; each block counts for at most a tenth of all. */
  readonly addressShare: number
}

/** No block decides alone: one /48 can be 99.8 % of a provider's IPv6. Below ten blocks all count the same. */
const mostOfOneBlock = 1 / 10

const cappedSizes = (sizes: readonly number[]): number[] => {
  const smallest = Math.min(...sizes)
  const capped = (cap: number): number[] => sizes.map((size) => Math.min(size, cap))
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  let cap = Math.max(...sizes)
  for (;;) {
    const next = Math.max(smallest, Math.min(cap, sum(capped(cap)) * mostOfOneBlock))
    // The last steps towards the limit make no visible difference.
    if (next > cap * 0.999) return capped(next)
    cap = next
  }
}

/** The first interval that ends at or after the address. */
const firstReaching = (intervals: readonly BigInterval[], address: bigint): number => {
  let low = 0
  let high = intervals.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((intervals[middle]?.last ?? 0n) < address) low = middle + 1
    else high = middle
  }
  return low
}

const heldOf = ({ first, last }: BigInterval, intervals: readonly BigInterval[]): number => {
  let held = 0n
  for (let at = firstReaching(intervals, first); ; at += 1) {
    const other = intervals[at]
    if (other === undefined || other.first > last) return Number(held)
    held += (other.last < last ? other.last : last) - (other.first > first ? other.first : first) + 1n
  }
}

/** How much of `before` is still in `after`; undefined if `before` lacks the family. */
export const keptOf = (before: Intervals, after: Intervals, family: 4 | 6): Kept | undefined => {
  const blocks = bigIntervals(before, family).flatMap((interval) => [...blocksOf(interval)])
  if (blocks.length === 0) return undefined
  const held = bigIntervals(after, family)
  const sizes = blocks.map(({ first, last }) => Number(last - first + 1n))
  const shares = blocks.map((block, index) => heldOf(block, held) / (sizes[index] ?? 1))
  const weights = cappedSizes(sizes)
  let weight = 0
  let keptWeight = 0
  for (const [index, each] of weights.entries()) {
    weight += each
    keptWeight += each * (shares[index] ?? 0)
  }
  return {
    blocks: blocks.length,
    keptBlocks: shares.reduce((sum, share) => sum + share, 0),
    addressShare: keptWeight / weight,
  }
}

/** The smaller of both shares: the worse measure decides. */
export const shareOf = ({ blocks, keptBlocks, addressShare }: Kept): number =>
  Math.min(keptBlocks / blocks, addressShare)

export const countBlocks = (intervals: Intervals, family: 4 | 6): number =>
  bigIntervals(intervals, family).reduce((count, interval) => count + [...blocksOf(interval)].length, 0)
