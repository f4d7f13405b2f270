import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Address, formatAddress, parseAddress } from '../../lib/whitelist/address.ts'
import { formatNetwork, lastAddress, networkHolds, networkOf } from '../../lib/whitelist/network.ts'
import { anyAddress, type Oracle, textOf } from './address-text.ts'

const read = (oracle: Oracle): Address => {
  const address = parseAddress(textOf(oracle))
  if (address === undefined) throw new Error(`not parsed: ${textOf(oracle)}`)
  return address
}

const width = (family: 4 | 6): bigint => (family === 4 ? 32n : 128n)

const block = ({ family, value }: Oracle, prefixLength: number): { first: bigint; last: bigint } => {
  const hostBits = width(family) - BigInt(prefixLength)
  const first = (value >> hostBits) << hostBits
  return { first, last: first + (1n << hostBits) - 1n }
}

const addressAndLength = anyAddress.chain((oracle) =>
  fc.tuple(fc.constant(oracle), fc.integer({ min: 1, max: Number(width(oracle.family)) })),
)

describe('a network', () => {
  it('has the first and the last address that bigint arithmetic gives it', () => {
    fc.assert(
      fc.property(addressAndLength, ([oracle, prefixLength]) => {
        const network = networkOf(read(oracle), prefixLength)
        const { first, last } = block(oracle, prefixLength)
        // ::/80 and wider start below the IPv4-mapped block; its own edges may look like IPv4.
        fc.pre(oracle.family === 4 || (first >> 32n !== 0xffffn && last >> 32n !== 0xffffn))
        expect(network.address).toEqual(read({ family: oracle.family, value: first }))
        expect(lastAddress(network)).toEqual(read({ family: oracle.family, value: last }))
      }),
      { numRuns: 2000 },
    )
  })

  it('holds its edges and not the addresses beyond them', () => {
    fc.assert(
      fc.property(
        addressAndLength,
        fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
        ([oracle, length], noise) => {
          const { family } = oracle
          const network = networkOf(read(oracle), length)
          const { first, last } = block(oracle, length)
          const highest = (1n << width(family)) - 1n
          const inside = first + (noise % (last - first + 1n))
          for (const value of [first, last, inside, first - 1n, last + 1n, noise & highest]) {
            const exists = value >= 0n && value <= highest
            const isMapped = family === 6 && value >> 32n === 0xffffn
            if (!exists || isMapped) continue
            const expected = value >= first && value <= last
            expect(networkHolds(network, read({ family, value }))).toBe(expected)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('of IPv6 never holds an IPv4 address, not even one that spans the IPv4-mapped block', () => {
    const lowest = networkOf(read({ family: 6, value: 0n }), 1)
    expect(networkHolds(lowest, read({ family: 4, value: 0xcb007107n }))).toBe(false)
    expect(networkHolds(lowest, read({ family: 6, value: 1n }))).toBe(true)
  })

  it('is written without its length when it is one address', () => {
    const one = read({ family: 4, value: 0xcb007107n })
    expect(formatNetwork(networkOf(one, 32))).toBe('203.0.113.7')
    expect(formatNetwork(networkOf(one, 24))).toBe('203.0.113.0/24')
    expect(formatAddress(lastAddress(networkOf(one, 24)))).toBe('203.0.113.255')
  })
})
