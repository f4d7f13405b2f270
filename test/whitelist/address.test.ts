import { isIP, SocketAddress } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareAddresses, formatAddress, parseAddress } from '../../lib/whitelist/address.ts'
import { anyAddress, dotted, fullIpv6, ipv4Value, ipv6Spellings, ipv6Value, textOf } from './address-text.ts'

const canonical = (text: string): string | undefined => {
  const address = parseAddress(text)
  return address === undefined ? undefined : formatAddress(address)
}

describe('parseAddress', () => {
  it('reads every IPv6 spelling of one address as the same address', () => {
    fc.assert(
      fc.property(ipv6Value, (value) => {
        const expected = parseAddress(fullIpv6(value))
        expect(expected?.family).toBe(6)
        for (const text of ipv6Spellings(value)) expect(parseAddress(text), text).toEqual(expected)
      }),
      { numRuns: 1000 },
    )
  })

  it('reads an IPv4-mapped IPv6 address, in every spelling, as the IPv4 address', () => {
    fc.assert(
      fc.property(ipv4Value, (value) => {
        const expected = parseAddress(dotted(value))
        expect(expected).toMatchObject({ family: 4, w3: Number(value) })
        for (const text of ipv6Spellings((0xffffn << 32n) | value))
          expect(parseAddress(text), text).toEqual(expected)
      }),
    )
    expect(canonical('::ffff:203.0.113.7')).toBe('203.0.113.7')
    expect(canonical('::ffff:cb00:7107')).toBe('203.0.113.7')
    expect(canonical('0:0:0:0:0:FFFF:CB00:7107')).toBe('203.0.113.7')
    expect(canonical('0000:0000:0000:0000:0000:ffff:255.255.255.255')).toBe('255.255.255.255')
  })

  it('does not take the deprecated IPv4-compatible or the translated forms for IPv4', () => {
    for (const text of [
      '::203.0.113.7',
      '::ffff:0:203.0.113.7',
      '64:ff9b::203.0.113.7',
      '1::ffff:203.0.113.7',
      '0:0:0:1:0:ffff:203.0.113.7',
    ]) {
      expect(parseAddress(text)?.family, text).toBe(6)
    }
  })

  const refused = [
    '',
    ' ',
    '203.0.113',
    '203.0.113.',
    '.203.0.113.7',
    '203..113.7',
    '203.0.113.7.1',
    '1:2:3:4:5:6:7:203.0.113.7',
    '1:2:3:4:5:6:7:8:203.0.113.7',
    '1:2:3:4:5:6:7::203.0.113.7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8:9:10:11:12',
    '::1:2:3:4:5:6:7:8:9',
    '1::2:3:4:5:6:7:8',
    '203.0.113.256',
    '203.0.113.07',
    '010.0.0.1',
    '00.0.0.0',
    '0x7f.0.0.1',
    '0x7f000001',
    '2130706433',
    '127.1',
    '203.0.113.7 ',
    ' 203.0.113.7',
    '203.0.113.7\n',
    '203.0.113.7\u0000',
    '203.0.113.-1',
    '203.0.113.+7',
    '203.0.113.7e0',
    '203.0.113.7:443',
    '203.0.113.7/32',
    '[2001:db8::1]',
    '[2001:db8::1]:443',
    '2001:db8::1%eth0',
    '2001:db8::1/128',
    '2001:db8:::1',
    '2001:db8::1::',
    '::1::',
    ':::',
    ':',
    ':1',
    '1:',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1:2:3:4::5:6:7:8',
    '12345::',
    '00001::',
    'g::',
    '::ffff:1.2.3',
    '::ffff:1.2.3.4.5',
    '::ffff:1.2.3.256',
    '::ffff:01.2.3.4',
    '::1.2.3.4:5',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::ffff:.1.2.3',
    '::ffff:a.2.3.4',
    '１.2.3.4',
    '٢.2.3.4',
    '2001:db8::１',
    '203。0。113。7',
    'localhost',
    'fe80::1%25eth0',
    '0000:0000:0000:0000:0000:0000:0000:00000',
    `${'0'.repeat(60)}::1`,
  ]
  it.each(refused)('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it('accepts no text that Node refuses, and none that Node accepts is read as another address', () => {
    const nearly = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'0123456789abcF:.'.split('')), maxLength: 24 }),
      fc
        .tuple(anyAddress, fc.nat(50), fc.constantFrom(...'0:.f%/ [x'.split(''), ''), fc.boolean())
        .map(([address, at, character, replaces]) => {
          const text = textOf(address)
          return text.slice(0, at) + character + text.slice(at + (replaces ? 1 : 0))
        }),
    )
    fc.assert(
      fc.property(nearly, (text) => {
        const address = parseAddress(text)
        const family = text.includes('%') ? 0 : isIP(text)
        expect(address !== undefined, text).toBe(family !== 0)
        if (address === undefined) return
        const node = new SocketAddress({ address: text, family: family === 4 ? 'ipv4' : 'ipv6' }).address
        expect(canonical(node)).toBe(formatAddress(address))
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('formatAddress', () => {
  it('gives back the address that it was parsed from', () => {
    fc.assert(
      fc.property(anyAddress, (oracle) => {
        const address = parseAddress(textOf(oracle))
        expect(address).toBeDefined()
        if (address !== undefined) expect(parseAddress(formatAddress(address))).toEqual(address)
      }),
    )
  })

  // RFC 5952 section 4, with its own examples.
  it.each([
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::ABCD', '2001:db8::abcd'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['255.255.255.255', '255.255.255.255'],
  ])('writes %s as %s', (text, expected) => {
    expect(canonical(text)).toBe(expected)
  })

  it('writes what Node writes', () => {
    fc.assert(
      fc.property(ipv6Value, (value) => {
        const isCompatibleForm = value >> 32n === 0n || value >> 32n === 0xffff0000n
        fc.pre(!isCompatibleForm)
        const text = fullIpv6(value)
        expect(canonical(text)).toBe(new SocketAddress({ address: text, family: 'ipv6' }).address)
      }),
    )
  })
})

describe('compareAddresses', () => {
  it('orders addresses as their numbers', () => {
    const sign = (one: bigint, other: bigint): number => Number(one > other) - Number(one < other)
    fc.assert(
      fc.property(ipv6Value, ipv6Value, fc.boolean(), (one, random, near) => {
        const other = near ? one ^ 1n : random
        const a = parseAddress(fullIpv6(one))
        const b = parseAddress(fullIpv6(other))
        if (a === undefined || b === undefined) throw new Error('not parsed')
        expect(Math.sign(compareAddresses(a, b))).toBe(sign(one, other))
      }),
    )
  })
})
