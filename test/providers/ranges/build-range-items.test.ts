import { describe, expect, it } from 'vitest'
import type { PublishedList } from '../../../lib/providers/lists/published-list.ts'
import { buildRangeItems } from '../../../lib/providers/ranges/build-range-items.ts'
import { parseAddress } from '../../../lib/whitelist/address.ts'
import { networkOf } from '../../../lib/whitelist/network.ts'
import { decodeRangeItem } from '../../../lib/whitelist/ranges/range-item.ts'

const network = (text: string, length: number) => {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(text)
  return networkOf(address, length)
}

/** Two neighbours of IPv4 and one block of IPv6. */
const listOf = (given: Partial<PublishedList> = {}): PublishedList => ({
  ...{ provider: 'AZURE', version: '7', serials: [7], publishedAtSeconds: 1_700_000_000 },
  networks: [network('8.0.0.0', 24), network('8.0.1.0', 24), network('2400::', 32)],
  names: new Map([
    ['Sql', [1, 2]],
    ['Storage', [0]],
  ]),
  ...given,
})

describe('the stored ranges of a list', () => {
  it('are the whole and each narrowing, under its entry, with the prefixes as they were published', () => {
    const { whole, narrowed } = buildRangeItems(listOf())
    const stored = [whole, ...narrowed].map(({ name, bytes, intervals }) => {
      const item = decodeRangeItem(bytes)
      expect(item?.intervals).toEqual(intervals)
      return { name, ...item, intervals: intervals.ipv4First.length }
    })
    const labels = { version: '7', publishedAtSeconds: 1_700_000_000 }
    expect(stored).toEqual([
      { ...labels, name: '', subject: 'AZURE', ipv4Prefixes: 2, ipv6Prefixes: 1, intervals: 1 },
      { ...labels, name: 'Sql', subject: 'AZURE:Sql', ipv4Prefixes: 1, ipv6Prefixes: 1, intervals: 1 },
      {
        ...labels,
        name: 'Storage',
        subject: 'AZURE:Storage',
        ipv4Prefixes: 1,
        ipv6Prefixes: 0,
        intervals: 1,
      },
    ])
  })

  it('have the version of the addresses where the provider gives none', () => {
    const { whole, version } = buildRangeItems(listOf({ version: undefined }))
    expect(version).toBe(`sha256:${whole.fingerprint.slice(0, 12)}`)
    expect(decodeRangeItem(whole.bytes)?.version).toBe(version)
  })

  it('have another fingerprint as soon as one narrowing differs, and not when only the version or the order does', () => {
    const { fingerprint } = buildRangeItems(listOf())
    const of = (given: Partial<PublishedList>) => buildRangeItems(listOf(given)).fingerprint
    const [sql, storage] = [...listOf().names]
    if (sql === undefined || storage === undefined) throw new Error('no names')
    expect(of({ version: '8', names: new Map([storage, sql]) })).toBe(fingerprint)
    expect(of({ names: new Map([sql, ['Storage', [1]]]) })).not.toBe(fingerprint)
    expect(of({ names: new Map([sql, ['Backup', storage[1]]]) })).not.toBe(fingerprint)
    expect(of({ names: new Map([sql]) })).not.toBe(fingerprint)
  })
})
