import fc from 'fast-check'
import { parseAddress } from '../../../lib/whitelist/address.ts'
import { type Network, networkOf } from '../../../lib/whitelist/network.ts'
import { type Intervals, mergeNetworks } from '../../../lib/whitelist/ranges/intervals.ts'
import { dotted, fullIpv6 } from '../address-text.ts'

/** A block as numbers, beside the network that the engine makes of it. */
export type Block = {
  readonly family: 4 | 6
  readonly first: bigint
  readonly last: bigint
  readonly network: Network
}

export const textOfValue = (family: 4 | 6, value: bigint): string =>
  family === 4 ? dotted(value) : fullIpv6(value)

const block = (family: 4 | 6, bits: bigint, length: number): Block => {
  const hostBits = BigInt((family === 4 ? 32 : 128) - length)
  const first = (bits >> hostBits) << hostBits
  const address = parseAddress(textOfValue(family, first))
  if (address === undefined) throw new Error('not parsed')
  return { family, first, last: first + (1n << hostBits) - 1n, network: networkOf(address, length) }
}

/** Few different addresses, so that blocks nest, touch and repeat all the time; every length, also beyond /64. */
const crowded = (width: number): fc.Arbitrary<bigint> =>
  fc
    .tuple(fc.nat(7), fc.constantFrom(0n, 1n, (1n << BigInt(width - 16)) - 1n), fc.nat(3))
    .map(([high, middle, low]) => (BigInt(0x2400 + high) << BigInt(width - 16)) + middle + BigInt(low))
    .map((value) => value & ((1n << BigInt(width)) - 1n))

const anywhere = (width: number): fc.Arbitrary<bigint> =>
  width === 32
    ? fc.bigInt({ min: 0n, max: 0xffffffffn })
    : fc.bigInt({ min: 1n << 125n, max: (1n << 126n) - 1n })

const blockOf = (family: 4 | 6): fc.Arbitrary<Block> => {
  const width = family === 4 ? 32 : 128
  const bits = fc.oneof(crowded(width), anywhere(width))
  return fc
    .tuple(bits, fc.integer({ min: 3, max: width }))
    .map(([value, length]) => block(family, value, length))
}

const anyBlock = fc.oneof(blockOf(4), blockOf(6))

// Without a size fast-check stops at ten or so.
export const someBlocks: fc.Arbitrary<Block[]> = fc.array(anyBlock, { maxLength: 40, size: 'max' })

export const manyBlocks: fc.Arbitrary<Block[]> = fc.array(anyBlock, { minLength: 40, maxLength: 60 })

const order = (one: Block, other: Block): number => {
  if (one.family !== other.family) return one.family - other.family
  if (one.first !== other.first) return one.first < other.first ? -1 : 1
  return one.network.prefixLength - other.network.prefixLength
}

export const intervalsOf = (blocks: readonly Block[]): Intervals =>
  mergeNetworks(blocks.toSorted(order).map(({ network }) => network))

/** The edges of every block, the addresses just beyond them, and a few from anywhere. */
export const probes = (
  blocks: readonly Block[],
  noise: readonly bigint[],
): { family: 4 | 6; value: bigint }[] => {
  const edges = blocks.flatMap(({ family, first, last }) =>
    [first - 1n, first, first + 1n, last - 1n, last, last + 1n].map((value) => ({ family, value })),
  )
  const others = noise.flatMap((value) => [
    { family: 4 as const, value: value & 0xffffffffn },
    { family: 6 as const, value },
  ])
  const exists = ({ family, value }: { family: 4 | 6; value: bigint }): boolean => {
    const isMapped = family === 6 && value >> 32n === 0xffffn
    return value >= 0n && value < 1n << (family === 4 ? 32n : 128n) && !isMapped
  }
  return [...edges, ...others].filter(exists)
}

export const noise: fc.Arbitrary<bigint[]> = fc.array(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), {
  minLength: 5,
  maxLength: 20,
})
