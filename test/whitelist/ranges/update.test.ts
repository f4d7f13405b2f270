import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAddress } from '../../../lib/whitelist/address.ts'
import { networkOf } from '../../../lib/whitelist/network.ts'
import { acceptUpdate } from '../../../lib/whitelist/ranges/accept-update.ts'
import {
  bigIntervals,
  countAddresses,
  type Intervals,
  mergeNetworks,
} from '../../../lib/whitelist/ranges/intervals.ts'
import { namedBlocks, rangeDifference } from '../../../lib/whitelist/ranges/range-difference.ts'
import { naiveBlock, naiveIntervals } from '../published-prefixes.ts'
import { type Block, intervalsOf, someBlocks } from './range-arbitraries.ts'

const of = (...prefixes: string[]): Intervals =>
  mergeNetworks(
    prefixes.map((prefix) => {
      const [text = '', length] = prefix.split('/')
      const address = parseAddress(text)
      if (address === undefined) throw new Error(prefix)
      return networkOf(address, Number(length))
    }),
  )

const state = (intervals: Intervals, ...serials: number[]) => ({ intervals, serials })

describe('acceptUpdate', () => {
  const before = state(of('8.0.0.0/24', '9.0.0.0/24', '2400::/32', '2402::/32'), 10)

  it('accepts a first list, the same list, a larger one, and one that lost less than half', () => {
    expect(acceptUpdate(undefined, before).accepted).toBe(true)
    expect(acceptUpdate(before, before).accepted).toBe(true)
    const grown = state(of('7.0.0.0/8', '8.0.0.0/24', '9.0.0.0/24', '2400::/14'), 11)
    expect(acceptUpdate(before, grown).accepted).toBe(true)
    const smaller = state(of('8.0.0.0/24', '9.0.0.0/31', '2400::/32', '2402::/32'), 11)
    expect(acceptUpdate(before, smaller).accepted).toBe(true)
  })

  it('refuses a list that lost half of the addresses of one family', () => {
    const halfOfIpv4 = state(of('8.0.0.0/24', '2400::/32', '2402::/32'), 11)
    expect(acceptUpdate(before, halfOfIpv4)).toMatchObject({ accepted: false, reason: 'shrunk' })
    const halfOfIpv6 = state(of('8.0.0.0/24', '9.0.0.0/24', '2400::/32'), 11)
    expect(acceptUpdate(before, halfOfIpv6)).toMatchObject({ accepted: false, reason: 'shrunk' })
    expect(acceptUpdate(before, state(of(), 11))).toMatchObject({ accepted: false, reason: 'shrunk' })
  })

  it('refuses a list of other addresses, however many', () => {
    const others = state(of('11.0.0.0/8', '2400::/32', '2402::/32'), 11)
    expect(acceptUpdate(before, others)).toMatchObject({ accepted: false, reason: 'shrunk' })
  })

  it('refuses a document older than the stored one', () => {
    expect(acceptUpdate(before, { ...before, serials: [9] })).toMatchObject({
      accepted: false,
      reason: 'older',
    })
    const both = { ...before, serials: [5, 5] }
    expect(acceptUpdate(both, { ...before, serials: [6, 4] })).toMatchObject({
      accepted: false,
      reason: 'older',
    })
  })

  it('does not compare versions that come from other sources', () => {
    expect(acceptUpdate(before, { ...before, serials: [] }).accepted).toBe(true)
  })

  it('counts what is kept as plain arithmetic does', () => {
    fc.assert(
      fc.property(someBlocks, someBlocks, fc.boolean(), (one, other, mostlyKept) => {
        const next = mostlyKept ? [...one.slice(Math.floor(one.length / 3)), ...other] : other
        const [previous, following] = [intervalsOf(one), intervalsOf(next)]
        const lost = rangeDifference(previous, following)
        const isHalfLost = ([4, 6] as const).some((family) => {
          const held = countAddresses(bigIntervals(previous, family))
          const union = countAddresses(bigIntervals(intervalsOf([...one, ...next]), family))
          const gone = union - countAddresses(bigIntervals(following, family))
          return held > 0n && (held - gone) * 2n <= held
        })
        expect(acceptUpdate(state(previous), state(following)).accepted).toBe(!isHalfLost)
        expect(lost.removed.blockCount === 0).toBe(
          countAll(intervalsOf([...one, ...next])) === countAll(following),
        )
      }),
      { numRuns: 500 },
    )
  })
})

const countAll = (intervals: Intervals): bigint =>
  countAddresses(bigIntervals(intervals, 4)) + countAddresses(bigIntervals(intervals, 6))

describe('rangeDifference', () => {
  it('names what was added and what was removed', () => {
    const difference = rangeDifference(
      of('8.0.0.0/24', '9.0.0.0/24', '2400::/32'),
      of('8.0.0.0/25', '9.0.0.0/24', '2400::/31'),
    )
    expect(difference).toEqual({
      added: { ipv4Addresses: 0, blockCount: 1, blocks: ['2400:1::/32'] },
      removed: { ipv4Addresses: 128, blockCount: 1, blocks: ['8.0.0.128/25'] },
    })
  })

  it('finds no change where blocks were split or joined', () => {
    expect(rangeDifference(of('8.0.0.0/24'), of('8.0.0.0/25', '8.0.0.128/25'))).toMatchObject({
      added: { blockCount: 0 },
      removed: { blockCount: 0 },
    })
  })

  it('counts everything of a first list as added', () => {
    expect(rangeDifference(undefined, of('8.0.0.0/24')).added).toEqual({
      ipv4Addresses: 256,
      blockCount: 1,
      blocks: ['8.0.0.0/24'],
    })
  })

  it('leads from the old list to the new one', () => {
    const same = (one: Intervals, prefixes: readonly string[], blocks: readonly Block[]): void => {
      expect(blocks.length).toBeGreaterThanOrEqual(0)
      for (const family of [4, 6] as const) {
        expect(bigIntervals(one, family)).toEqual(naiveIntervals(prefixes, family))
      }
    }
    fc.assert(
      fc.property(someBlocks, someBlocks, (one, other) => {
        const [before, after] = [intervalsOf(one), intervalsOf(other)]
        const { added, removed } = rangeDifference(before, after)
        fc.pre(added.blockCount <= namedBlocks && removed.blockCount <= namedBlocks)
        expect(added.blocks).toHaveLength(added.blockCount)
        const kept = rangeDifference(intervalsOf([]), before).added
        fc.pre(kept.blockCount <= namedBlocks)
        // old ∪ added = new ∪ removed, and neither difference touches the other side.
        const union = intervalsOf([...one, ...other])
        same(union, [...kept.blocks, ...added.blocks], one)
        const overlaps = (blocks: readonly string[], side: readonly Block[]): boolean =>
          blocks
            .map(naiveBlock)
            .some((block) =>
              side.some(
                ({ family, first, last }) =>
                  family === block.family && first <= block.last && block.first <= last,
              ),
            )
        expect(overlaps(added.blocks, one)).toBe(false)
        expect(overlaps(removed.blocks, other)).toBe(false)
        expect(overlaps(removed.blocks, one)).toBe(removed.blockCount > 0)
      }),
      { numRuns: 300 },
    )
  })

  it('names a bounded number of blocks and counts all', () => {
    const many = Array.from({ length: 400 }, (_, index) => `8.${index >> 4}.${(index & 15) * 16}.0/24`)
    const { added } = rangeDifference(undefined, of(...many))
    expect(added.blocks).toHaveLength(namedBlocks)
    expect(added.blockCount).toBe(400)
  })
})
