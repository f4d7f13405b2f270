import { BlockList } from 'node:net'
import { describe, expect, it } from 'vitest'
import { buildRangeItems } from '../../lib/providers/ranges/build-range-items.ts'
import { type Address, addressOfWords, formatAddress, ipv4Address } from '../../lib/whitelist/address.ts'
import { providers } from '../../lib/whitelist/provider.ts'
import { intervalsHold } from '../../lib/whitelist/ranges/interval-search.ts'
import { bigIntervals, countAddresses } from '../../lib/whitelist/ranges/intervals.ts'
import { decodeRangeItem } from '../../lib/whitelist/ranges/range-item.ts'
import { documentsFolder, documentsTitle, readDocuments } from './provider-documents.ts'
import { readLists, textsOf } from './provider-lists.ts'
import { naiveIntervals, prefixesIn } from './published-prefixes.ts'

const documents = readDocuments(documentsFolder)
const lists = readLists(documents)
const texts = textsOf(documents)
const built = Object.fromEntries(providers.map((provider) => [provider, buildRangeItems(lists[provider])]))

/** A small generator with a fixed start (mulberry32), so that a failure comes back. */
const randomWords = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return (word ^ (word >>> 14)) >>> 0
  }
}

const addressAt = (family: 4 | 6, value: bigint): Address => {
  const word = (shift: bigint): number => Number((value >> shift) & 0xffffffffn)
  return family === 4 ? ipv4Address(Number(value)) : addressOfWords(word(96n), word(64n), word(32n), word(0n))
}

describe.each(providers)(`%s, ${documentsTitle}`, (provider) => {
  const { whole, narrowed } = built[provider] ?? buildRangeItems(lists[provider])
  const intervals = decodeRangeItem(whole.bytes)?.intervals ?? whole.intervals
  const prefixes = prefixesIn(texts[provider])

  it('holds the intervals that plain arithmetic finds in the text', () => {
    expect(prefixes.length).toBe(lists[provider].networks.length)
    for (const family of [4, 6] as const) {
      expect(bigIntervals(intervals, family)).toEqual(naiveIntervals(prefixes, family))
    }
  })

  it('answers as net.BlockList does: every edge, its neighbours, and random addresses', () => {
    const independent = new BlockList()
    for (const prefix of prefixes) {
      const [address = '', length] = prefix.split('/')
      independent.addSubnet(address, Number(length), address.includes(':') ? 'ipv6' : 'ipv4')
    }
    const word = randomWords(20_251_103)
    const probes: Address[] = Array.from({ length: 200_000 }, () => ipv4Address(word()))
    for (const family of [4, 6] as const) {
      for (const { first, last } of bigIntervals(intervals, family)) {
        const inside = first + (((BigInt(word()) << 32n) | BigInt(word())) % (last - first + 1n))
        for (const value of [first - 1n, first, inside, last, last + 1n])
          probes.push(addressAt(family, value))
      }
    }
    let matched = 0
    for (const address of probes) {
      const expected = independent.check(formatAddress(address), address.family === 4 ? 'ipv4' : 'ipv6')
      if (intervalsHold(intervals, address) !== expected) {
        expect.fail(`${formatAddress(address)}: BlockList says ${expected}`)
      }
      if (expected) matched += 1
    }
    expect(matched).toBeGreaterThan(0)
  })

  it('narrows to parts of itself only, and every narrowing can be stored', () => {
    for (const { name, bytes } of narrowed) {
      const part = decodeRangeItem(bytes)
      expect(part?.subject).toBe(`${provider}:${name}`)
      expect(bytes.length).toBeLessThan(380_000)
      for (const family of [4, 6] as const) {
        for (const { first, last } of part === undefined ? [] : bigIntervals(part.intervals, family)) {
          const isInside =
            intervalsHold(intervals, addressAt(family, first)) &&
            intervalsHold(intervals, addressAt(family, last))
          if (!isInside) expect.fail(`${provider}:${name} reaches beyond ${provider}`)
        }
      }
    }
  })
})

describe(`all five providers, ${documentsTitle}`, () => {
  it('fit in 120 KB', () => {
    const bytes = providers.reduce((sum, provider) => sum + (built[provider]?.whole.bytes.length ?? 0), 0)
    expect(bytes).toBeLessThanOrEqual(120 * 1024)
  })

  it('agree with a plain search over a million addresses', () => {
    for (const provider of providers) {
      const intervals = built[provider]?.whole.intervals
      if (intervals === undefined) throw new Error(provider)
      const plain = naiveIntervals(prefixesIn(texts[provider]), 4).map(
        ({ first, last }) => [Number(first), Number(last)] as const,
      )
      // Ascending addresses, walked beside ascending intervals: no search that could share a mistake.
      let at = 0
      let wrong = 0
      for (let value = 0; value < 2 ** 32; value += 21_473) {
        while (at < plain.length && (plain[at]?.[1] ?? 0) < value) at += 1
        const expected = at < plain.length && (plain[at]?.[0] ?? 0) <= value
        if (intervalsHold(intervals, ipv4Address(value)) !== expected) wrong += 1
      }
      expect(wrong, provider).toBe(0)
    }
  })

  it('come to the known numbers of intervals and addresses', () => {
    // IPv4 intervals, IPv6 intervals, IPv4 addresses, by version. Of the published documents: counted by others, with other tools.
    const known: Readonly<Record<string, readonly [number, number, number]>> = {
      'AWS 1787411825': [933, 1931, 101_846_148],
      'GOOGLE 1753409788780+1697529846610': [52, 11, 18_015_232],
      'AZURE 376 of 20251103': [792, 858, 48_479_246],
      'CLOUDFLARE sha256:c97ac3e20bea': [14, 7, 1_524_736],
      'DIGITAL_OCEAN sha256:b2c93932f2fc': [96, 36, 3_012_352],
      'AWS 1700000000': [3, 2, 132_609],
      'AZURE 300 of 20231114': [3, 2, 131_080],
    }
    for (const provider of providers) {
      const { whole, version } = built[provider] ?? buildRangeItems(lists[provider])
      const { ipv4First, ipv6First } = whole.intervals
      const ipv4Addresses = Number(countAddresses(bigIntervals(whole.intervals, 4)))
      expect(ipv4Addresses).toBeGreaterThan(0)
      const expected = known[`${provider} ${version}`]
      if (expected !== undefined) {
        expect([ipv4First.length, ipv6First.length / 4, ipv4Addresses], provider).toEqual(expected)
      }
    }
  })
})
