import { addressOfWords, formatAddress, ipv4Address } from '../../whitelist/address.ts'
import {
  type BigInterval,
  bigIntervals,
  countAddresses,
  type Intervals,
} from '../../whitelist/ranges/intervals.ts'

/** One side of a change. `blocks`: the first CIDR texts; `blockCount` counts all. */
type ChangedSpace = {
  readonly ipv4Addresses: number
  readonly blockCount: number
  readonly blocks: readonly string[]
}

export type RangeDifference = { readonly added: ChangedSpace; readonly removed: ChangedSpace }

/** All blocks of a first download would not fit an item. */
export const namedBlocks = 100

const without = (whole: readonly BigInterval[], part: readonly BigInterval[]): BigInterval[] => {
  const left: BigInterval[] = []
  let at = 0
  for (const { first, last } of whole) {
    let from = first
    // Both lists ascend: what ends before this interval ends before all later ones.
    while ((part[at]?.last ?? last) < from) at += 1
    for (let index = at; from <= last; index += 1) {
      const hole = part[index]
      if (hole === undefined || hole.first > last) break
      if (hole.first > from) left.push({ first: from, last: hole.first - 1n })
      from = hole.last + 1n
    }
    if (from <= last) left.push({ first: from, last })
  }
  return left
}

const bitLength = (value: bigint): number => value.toString(2).length

const addressText = (value: bigint, family: 4 | 6): string => {
  if (family === 4) return formatAddress(ipv4Address(Number(value)))
  const word = (shift: bigint): number => Number((value >> shift) & 0xffffffffn)
  return formatAddress(addressOfWords(word(96n), word(64n), word(32n), word(0n)))
}

/** The fewest CIDR blocks that cover an interval. */
export function* blocksOf({ first, last }: BigInterval): Generator<BigInterval> {
  let from = first
  while (from <= last) {
    const aligned = from === 0n ? 128 : bitLength(from & -from) - 1
    const room = bitLength(last - from + 1n) - 1
    const end = from + (1n << BigInt(Math.min(aligned, room))) - 1n
    yield { first: from, last: end }
    from = end + 1n
  }
}

const blockText = ({ first, last }: BigInterval, family: 4 | 6): string => {
  const hostBits = bitLength(last - first + 1n) - 1
  return `${addressText(first, family)}/${(family === 4 ? 32 : 128) - hostBits}`
}

const describe = (spaces: Readonly<Record<4 | 6, readonly BigInterval[]>>): ChangedSpace => {
  const blocks: string[] = []
  let blockCount = 0
  for (const family of [4, 6] as const) {
    for (const interval of spaces[family]) {
      for (const block of blocksOf(interval)) {
        blockCount += 1
        if (blocks.length < namedBlocks) blocks.push(blockText(block, family))
      }
    }
  }
  return { ipv4Addresses: Number(countAddresses(spaces[4])), blockCount, blocks }
}

/** The address space that an update adds and removes: a split or joined block is no change. */
export const rangeDifference = (previous: Intervals | undefined, next: Intervals): RangeDifference => {
  const before = (family: 4 | 6): BigInterval[] =>
    previous === undefined ? [] : bigIntervals(previous, family)
  const after = (family: 4 | 6): BigInterval[] => bigIntervals(next, family)
  return {
    added: describe({ 4: without(after(4), before(4)), 6: without(after(6), before(6)) }),
    removed: describe({ 4: without(before(4), after(4)), 6: without(before(6), after(6)) }),
  }
}
