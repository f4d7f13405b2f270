import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Address, parseAddress } from '../../../lib/whitelist/address.ts'
import { blockAround, intervalsHold } from '../../../lib/whitelist/ranges/interval-search.ts'
import { bigIntervals, countAddresses, mergeNetworks } from '../../../lib/whitelist/ranges/intervals.ts'
import { naiveBlock } from '../../providers/published-prefixes.ts'
import { type Block, intervalsOf, noise, probes, someBlocks, textOfValue } from './range-arbitraries.ts'

const read = (text: string): Address => {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`not an address: ${text}`)
  return address
}

const holds = (blocks: readonly Block[], family: 4 | 6, value: bigint): boolean =>
  blocks.some((block) => block.family === family && block.first <= value && value <= block.last)

describe('the interval search', () => {
  it('finds exactly the addresses that a prefix holds, edges included', () => {
    fc.assert(
      fc.property(someBlocks, noise, (blocks, random) => {
        const intervals = intervalsOf(blocks)
        for (const { family, value } of probes(blocks, random)) {
          const text = textOfValue(family, value)
          expect(intervalsHold(intervals, read(text)), text).toBe(holds(blocks, family, value))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('names the widest published block around an address', () => {
    fc.assert(
      fc.property(someBlocks, noise, (blocks, random) => {
        const intervals = intervalsOf(blocks)
        for (const { family, value } of probes(blocks, random)) {
          const named = blockAround(intervals, read(textOfValue(family, value)))
          expect(named !== undefined).toBe(holds(blocks, family, value))
          if (named === undefined) continue
          const around = naiveBlock(named)
          const within = (first: bigint, last: bigint): boolean =>
            bigIntervals(intervals, family).some(
              (interval) => interval.first <= first && last <= interval.last,
            )
          expect(around.first <= value && value <= around.last).toBe(true)
          expect(within(around.first, around.last)).toBe(true)
          const size = around.last - around.first + 1n
          const parent = around.first - (around.first % (2n * size))
          expect(within(parent, parent + 2n * size - 1n)).toBe(false)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('finds nothing in empty intervals', () => {
    const nothing = intervalsOf([])
    for (const text of ['0.0.0.0', '255.255.255.255', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']) {
      expect(intervalsHold(nothing, read(text))).toBe(false)
    }
  })

  it('does not widen an IPv6 block that ends inside a /64', () => {
    const intervals = intervalsOf([
      {
        family: 6,
        first: 0n,
        last: 0n,
        network: { address: read('2600:1f00:8000:0:8000::'), prefixLength: 65 },
      },
    ])
    expect(intervalsHold(intervals, read('2600:1f00:8000:0:8000::1'))).toBe(true)
    expect(intervalsHold(intervals, read('2600:1f00:8000:0:7fff:ffff:ffff:ffff'))).toBe(false)
  })
})

describe('merged intervals', () => {
  it('are sorted, disjoint, not adjacent, and hold as many addresses as the blocks', () => {
    fc.assert(
      fc.property(someBlocks, (blocks) => {
        const intervals = intervalsOf(blocks)
        for (const family of [4, 6] as const) {
          const merged = bigIntervals(intervals, family)
          for (const [index, { first, last }] of merged.entries()) {
            expect(first <= last).toBe(true)
            const before = merged[index - 1]
            if (before !== undefined) expect(before.last + 1n < first).toBe(true)
          }
          const own = blocks.filter((block) => block.family === family)
          const outermost = own.filter(
            (block, index) =>
              !own.some(
                (other, at) =>
                  other.first <= block.first &&
                  block.last <= other.last &&
                  (other.first !== block.first || other.last !== block.last || at < index),
              ),
          )
          const sum = outermost.reduce((total, { first, last }) => total + last - first + 1n, 0n)
          expect(countAddresses(merged)).toBe(sum)
        }
      }),
    )
  })

  const base = 0x2400n << 112n
  const one = (value: bigint): Block => {
    const network = { address: read(textOfValue(6, value)), prefixLength: 128 }
    return { family: 6, first: value, last: value, network }
  }
  const countOf = (...values: bigint[]): number => bigIntervals(intervalsOf(values.map(one)), 6).length

  it.each([0n, 32n, 64n, 96n])(
    'join only what is right behind, where the %s lowest bits are ones',
    (bits) => {
      const last = base + (1n << bits) - 1n
      expect(countOf(last, last + 1n)).toBe(1)
      for (const word of [0n, 32n, 64n, 96n]) expect(countOf(last, last + 1n + (1n << word))).toBe(2)
    },
  )

  it('hold a block once that is listed twice', () => {
    expect(countOf(base, base)).toBe(1)
  })

  it('join no IPv4 block with one of IPv6', () => {
    const highest = { address: read('255.255.255.255'), prefixLength: 32 }
    const { ipv4Last, ipv6First } = mergeNetworks([highest, { address: read('::1'), prefixLength: 128 }])
    expect([[...ipv4Last], [...ipv6First]]).toEqual([[0xffffffff], [0, 0, 0, 1]])
  })
})
