import { describe, expect, it } from 'vitest'
import { collectPrefixes } from '../../lib/providers/lists/prefix-collector.ts'
import type { Candidate } from '../../lib/providers/provider-update.ts'
import { refusedListOf, updateOf } from '../../lib/providers/provider-update.ts'
import type { Loss } from '../../lib/providers/ranges/accept-update.ts'
import { buildRangeItems } from '../../lib/providers/ranges/build-range-items.ts'

const at = '2026-11-22T10:00:00.000Z'
const now = '2026-11-23T10:00:00.000Z'

/** Two neighbouring blocks of IPv4 and one of IPv6 in two narrowings, and nothing in force. */
const candidateWith = (losses: readonly Loss[]): Candidate => {
  const collector = collectPrefixes()
  collector.add('50.0.0.0/24', ['one'])
  collector.add('50.0.1.0/24', ['one', 'two'])
  collector.add('2600:9000::/48', ['two'])
  const collected = collector.finish()
  if ('ok' in collected) throw new Error(collected.detail)
  const list = {
    provider: 'AWS',
    ...{ version: '17', serials: [17], publishedAtSeconds: 1_790_000_000 },
    ...collected,
  } as const
  const lastGood = { state: undefined, whole: undefined, names: new Map<string, string>() }
  return { list, built: buildRangeItems(list), lastGood, losses, at }
}
const lossOf = (index: number): Loss => ({
  name: `region-${index}`,
  gone: index === 0,
  blocks: index,
  keptShare: 0.339,
})
const heldSince = (name: string) => ({ name, since: at })

describe('a refused list', () => {
  it('says what it is: its sizes, its times and its fingerprint', () => {
    const candidate = candidateWith([])
    const { summary, parts } = refusedListOf(candidate, { reason: 'shrunk', detail: 'half' }, [])
    expect(parts).toHaveLength(1)
    expect(summary).toEqual({
      ...{ provider: 'AWS', hash: candidate.built.fingerprint, at, reason: 'shrunk', detail: 'half' },
      list: {
        ...{ version: '17', serials: [17], publishedAtSeconds: 1_790_000_000, acceptedAt: at },
        ...{ fingerprint: candidate.built.fingerprint, narrowings: 2 },
        ...{ ipv4Prefixes: 2, ipv6Prefixes: 1, ipv4Intervals: 1, ipv6Intervals: 1, ipv4Addresses: 512 },
      },
      added: { ipv4Addresses: 512, blockCount: 2, blocks: ['50.0.0.0/23', '2600:9000::/48'] },
      removed: { ipv4Addresses: 0, blockCount: 0, blocks: [] },
      losses: { count: 0, narrowings: [] },
      partCount: 1,
    })
  })

  it('names a hundred parts that are lost, those first that are held, with full percents of what they keep', () => {
    const losses = Array.from({ length: 102 }, (_, index) => lossOf(index))
    const held = [heldSince('region-101')]
    const { summary } = refusedListOf(candidateWith(losses), { reason: 'shrunk', detail: '' }, held)
    const { count, narrowings } = summary.losses
    expect([count, narrowings.length]).toEqual([102, 100])
    expect(narrowings.slice(0, 3)).toEqual([
      { name: 'region-101', gone: false, blocks: 101, keptPercent: 33, held: true },
      { name: 'region-0', gone: true, blocks: 0, keptPercent: 33, held: false },
      { name: 'region-1', gone: false, blocks: 1, keptPercent: 33, held: false },
    ])
  })
})

describe('a list that comes into force', () => {
  it('is accepted now, and waits as a whole if it holds a part back', () => {
    const held = [heldSince('region-1')]
    const candidate = candidateWith([lossOf(1)])
    const { state, change, refused } = updateOf(candidate, held, now)
    expect(change).toMatchObject({ at: now, fromVersion: null, toVersion: '17', losses: { count: 1 } })
    expect(state).toMatchObject({
      ...{ checkedAt: at, list: { acceptedAt: now }, lastError: null, lastChange: change, held },
      refusedHash: candidate.built.fingerprint,
    })
    expect(refused?.summary).toMatchObject({
      ...{ at, reason: 'narrowings_held', losses: change.losses },
      detail: '1 narrowings that whitelists name keep their last good addresses',
    })
    expect(updateOf(candidate, [], now)).toMatchObject({ refused: null, state: { refusedHash: null } })
  })
})
