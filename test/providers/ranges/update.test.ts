import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeUpdate, olderThan } from '../../../lib/providers/ranges/accept-update.ts'
import { keptOf } from '../../../lib/providers/ranges/kept-share.ts'
import { namedBlocks, rangeDifference } from '../../../lib/providers/ranges/range-difference.ts'
import { parseAddress } from '../../../lib/whitelist/address.ts'
import { networkOf } from '../../../lib/whitelist/network.ts'
import { bigIntervals, type Intervals, mergeNetworks } from '../../../lib/whitelist/ranges/intervals.ts'
import { type Block, intervalsOf, manyBlocks, someBlocks } from '../../whitelist/ranges/range-arbitraries.ts'
import { naiveBlock, naiveIntervals } from '../published-prefixes.ts'

const of = (...prefixes: string[]): Intervals =>
  mergeNetworks(
    prefixes.map((prefix) => {
      const [text = '', length] = prefix.split('/')
      const address = parseAddress(text)
      if (address === undefined) throw new Error(prefix)
      return networkOf(address, Number(length))
    }),
  )

const judged = (before: Intervals, after: Intervals) =>
  judgeUpdate({ before, after, changed: [], unchanged: [] }).refusal?.reason

describe('judgeUpdate, of a whole list', () => {
  const stored = () => of('8.0.0.0/24', '9.0.0.0/24', '12.0.0.0/24', '2400::/32', '2402::/32', '2404::/32')

  it('accepts the same list, a larger one, and one that keeps two thirds', () => {
    expect(judged(stored(), stored())).toBeUndefined()
    const grown = of('7.0.0.0/8', '8.0.0.0/24', '9.0.0.0/24', '12.0.0.0/24', '2400::/14')
    expect(judged(stored(), grown)).toBeUndefined()
    expect(judged(stored(), of('8.0.0.0/24', '9.0.0.0/24', '2400::/32', '2402::/32'))).toBeUndefined()
  })

  it('refuses a list that keeps less of one family', () => {
    expect(judged(stored(), of('8.0.0.0/24', '2400::/14'))).toBe('shrunk')
    expect(judged(stored(), of('8.0.0.0/24', '9.0.0.0/24', '12.0.0.0/24', '2400::/32'))).toBe('shrunk')
    expect(judged(stored(), of())).toBe('shrunk')
  })

  it('says what is left of the blocks and of the addresses', () => {
    const { refusal } = judgeUpdate({
      ...{ before: of(...some(0, 3)), after: of(...some(0, 1)), changed: [], unchanged: [] },
    })
    expect(refusal?.detail).toBe(
      'IPv4 keeps 33 % of its blocks and 33 % of its addresses, where no block counts for more than a tenth',
    )
  })

  it('refuses a list that keeps its large blocks and none of the many small ones', () => {
    const large = Array.from({ length: 12 }, (_, index) => `8.${index * 4}.0.0/16`)
    const small = Array.from({ length: 60 }, (_, index) => `9.0.0.${index * 2}/32`)
    expect(judged(of(...large, ...small), of(...large))).toBe('shrunk')
  })

  it('refuses a list of other addresses, however many', () => {
    expect(judged(stored(), of('11.0.0.0/8', '2400::/14'))).toBe('shrunk')
  })

  it('lets no single block decide, however large', () => {
    const small = Array.from({ length: 20 }, (_, index) => `2400:${index.toString(16)}::/64`)
    const one = of('8.0.0.0/24', ...small, '2800::/20')
    expect(judged(one, of('8.0.0.0/24', ...small))).toBeUndefined()
    // The large one alone is not a list either.
    expect(judged(one, of('8.0.0.0/24', '2800::/20'))).toBe('shrunk')
  })

  it('refuses a list that keeps all of its small blocks and none of its many large ones', () => {
    const large = Array.from({ length: 30 }, (_, index) => `8.${index * 4}.0.0/16`)
    const small = Array.from({ length: 90 }, (_, index) => `9.0.0.${index * 2}/32`)
    expect(judged(of(...large, ...small), of(...small))).toBe('shrunk')
  })
})

/** That many blocks of IPv4, none beside another. */
const some = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `9.${from + index}.0.0/24`)

describe('judgeUpdate, of narrowings', () => {
  const whole = () => of(...some(0, 40), '2400::/32')

  it('tells which parts are gone or keep less than half of a family, the largest first', () => {
    const verdict = judgeUpdate({
      ...{ before: whole(), after: whole(), unchanged: [of(...some(0, 30))] },
      changed: [
        { name: 'half', before: of(...some(0, 2)), after: of(...some(0, 1)) },
        { name: 'gone', before: of(...some(0, 3)), after: undefined },
        { name: 'a third', before: of(...some(0, 3)), after: of(...some(0, 1)) },
        { name: 'all but IPv4', before: of(...some(0, 3), '2400::/32'), after: of('2400::/32') },
        { name: 'between', before: of(...some(0, 3)), after: of(...some(1, 2)) },
      ],
    })
    expect(verdict.losses).toEqual([
      { name: 'all but IPv4', gone: false, blocks: 4, keptShare: 0 },
      { name: 'a third', gone: false, blocks: 3, keptShare: 1 / 3 },
      { name: 'between', gone: false, blocks: 3, keptShare: 1 / 3 },
      { name: 'gone', gone: true, blocks: 3, keptShare: 0 },
    ])
    expect(verdict.refusal).toBeNull()
  })

  it('refuses a list whose parts together keep less than two thirds of the blocks of a family', () => {
    const judge = (unchanged: readonly string[], before: readonly string[], after: readonly string[]) =>
      judgeUpdate({
        ...{ before: whole(), after: whole(), unchanged: [of(...unchanged)] },
        changed: [{ name: 'part', before: of(...before), after: of(...after) }],
      }).refusal
    expect(judge(some(0, 3), some(0, 6), some(0, 3))).toBeNull()
    expect(judge(some(0, 2), some(0, 6), some(0, 3))).toEqual({
      reason: 'narrowings_shrunk',
      detail: 'the narrowings together keep 62 % of their IPv4 blocks',
    })
    expect(judge(some(0, 9), ['2400::/32', '2600::/32'], ['2400::/32'])?.detail).toContain(
      '50 % of their IPv6',
    )
  })

  it('refuses a list that lacks most of a part of eight blocks, and tells the first five of such parts', () => {
    const judge = (names: readonly string[], blocks: number, kept: number, published: number) =>
      judgeUpdate({
        before: of(...some(0, 40)),
        after: of(...some(0, published), ...some(blocks, 40)),
        changed: names.map((name) => ({ name, before: of(...some(0, blocks)), after: of(...some(0, kept)) })),
        unchanged: Array.from({ length: 9 }, () => of(...some(8, 40))),
      }).refusal
    expect(judge(['one'], 8, 3, 3)).toEqual({
      reason: 'narrowing_lost',
      detail: 'one keeps 37 %; the rest is in no other part either',
    })
    // A small part, a part that keeps half, and a part whose addresses are still published are no reason.
    expect(judge(['one'], 7, 3, 3)).toBeNull()
    expect(judge(['one'], 8, 4, 3)).toBeNull()
    expect(judge(['one'], 8, 3, 4)).toBeNull()
    const each = 'keeps 37 %'
    expect(judge(['a', 'b', 'c', 'd', 'e'], 8, 3, 3)?.detail).toBe(
      `a ${each}, b ${each}, c ${each}, d ${each}, e ${each}; the rest is in no other part either`,
    )
    expect(judge(['a', 'b', 'c', 'd', 'e', 'f', 'g'], 8, 3, 3)?.detail).toContain(`e ${each}, and 2 more;`)
  })
})

describe('olderThan', () => {
  it('names the document that went back, and compares only what comes from the same sources', () => {
    expect(olderThan([10], [9])).toBe('9 is older than 10, which is stored')
    expect(olderThan([5, 5], [6, 4])).toBeDefined()
    expect(olderThan([10], [10])).toBeUndefined()
    expect(olderThan([10], [])).toBeUndefined()
    expect(olderThan([10, 20], [5])).toBeUndefined()
  })
})

/** The blocks of an interval from the top down: whatever lies inside is one, whatever lies across is halved. */
const naiveBlocks = (
  { first, last }: { first: bigint; last: bigint },
  from = 0n,
  bits = 32n,
): { first: bigint; last: bigint }[] => {
  const to = from + (1n << bits) - 1n
  if (to < first || from > last) return []
  if (first <= from && to <= last) return [{ first: from, last: to }]
  const middle = from + (1n << (bits - 1n))
  return [
    ...naiveBlocks({ first, last }, from, bits - 1n),
    ...naiveBlocks({ first, last }, middle, bits - 1n),
  ]
}

describe('keptOf', () => {
  it('counts blocks and addresses as plain arithmetic does', () => {
    fc.assert(
      fc.property(someBlocks, someBlocks, (one, other) => {
        const next = [...one.slice(Math.floor(one.length / 3)), ...other]
        const kept = keptOf(intervalsOf(one), intervalsOf(next), 4)
        const blocks = bigIntervals(intervalsOf(one), 4).flatMap((interval) => naiveBlocks(interval))
        if (kept === undefined) {
          expect(blocks).toEqual([])
          return
        }
        const after = bigIntervals(intervalsOf(next), 4)
        const shares = blocks.map(({ first, last }) => {
          let held = 0n
          for (const interval of after) {
            if (interval.last < first || interval.first > last) continue
            const before = interval.first < first ? first - interval.first : 0n
            const behind = interval.last > last ? interval.last - last : 0n
            held += interval.last - interval.first + 1n - before - behind
          }
          return { size: Number(last - first + 1n), share: Number(held) / Number(last - first + 1n) }
        })
        expect(kept.blocks).toBe(blocks.length)
        expect(kept.keptBlocks).toBeCloseTo(
          shares.reduce((sum, { share }) => sum + share, 0),
          6,
        )
        // The share of addresses lies where its largest possible cap and none at all put it.
        const smallestShare = Math.min(...shares.map(({ share }) => share))
        const largestShare = Math.max(...shares.map(({ share }) => share))
        expect(kept.addressShare).toBeGreaterThanOrEqual(smallestShare - 1e-9)
        expect(kept.addressShare).toBeLessThanOrEqual(largestShare + 1e-9)
        if (blocks.length < 10) expect(kept.addressShare).toBeCloseTo(kept.keptBlocks / kept.blocks, 2)
      }),
      { numRuns: 300 },
    )
  })

  it('lets the loss of one block among many cost no more than a tenth', () => {
    fc.assert(
      fc.property(manyBlocks, fc.nat(), (given, at) => {
        const before = intervalsOf(given)
        const blocks = bigIntervals(before, 4).flatMap((interval) => naiveBlocks(interval))
        fc.pre(blocks.length >= 10)
        const gone = blocks[at % blocks.length]
        const left = blocks.filter((block) => block !== gone)
        const after: Intervals = {
          ...before,
          ipv4First: Uint32Array.from(left, ({ first }) => Number(first)),
          ipv4Last: Uint32Array.from(left, ({ last }) => Number(last)),
        }
        expect(keptOf(before, after, 4)?.addressShare).toBeGreaterThan(0.899)
      }),
      { numRuns: 100 },
    )
  })
})

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

  it('leaves out one address at the end of a block', () => {
    expect(rangeDifference(of('8.0.0.255/32'), of('8.0.0.0/24')).added.ipv4Addresses).toBe(255)
  })

  it('finds no change where blocks were split or joined', () => {
    expect(rangeDifference(of('8.0.0.0/24'), of('8.0.0.0/25', '8.0.0.128/25'))).toMatchObject({
      added: { blockCount: 0 },
      removed: { blockCount: 0 },
    })
  })

  it('counts everything of a first list as added', () => {
    expect(rangeDifference(undefined, of('8.0.0.0/24'))).toEqual({
      added: { ipv4Addresses: 256, blockCount: 1, blocks: ['8.0.0.0/24'] },
      removed: { ipv4Addresses: 0, blockCount: 0, blocks: [] },
    })
  })

  it('counts what lies between two blocks that reach beyond a new one on both sides', () => {
    expect(
      rangeDifference(of('8.0.0.0/23', '8.0.3.0/24'), of('8.0.0.128/25', '8.0.1.0/24', '8.0.2.0/23')).added,
    ).toEqual({ ipv4Addresses: 256, blockCount: 1, blocks: ['8.0.2.0/24'] })
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
