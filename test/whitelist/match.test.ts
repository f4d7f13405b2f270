import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAddress } from '../../lib/whitelist/address.ts'
import {
  compileWhitelist,
  matchWhitelist,
  noProviderRanges,
  type WhitelistOutcome,
  type WhitelistRanges,
  wouldLockOut,
} from '../../lib/whitelist/match.ts'

const match = (
  texts: readonly string[],
  address: string | undefined,
  ranges: WhitelistRanges = noProviderRanges,
): WhitelistOutcome => matchWhitelist(compileWhitelist(texts), address, ranges)

const awsHolds = (held: string): WhitelistRanges => {
  return ({ provider }) =>
    provider === 'AWS'
      ? {
          state: 'ready',
          providerVersion: '1787411825',
          prefixOf: (address) => (formatAddress(address) === held ? `${held}/32` : undefined),
        }
      : undefined
}

describe('matchWhitelist', () => {
  it('restricts nobody when the list is empty', () => {
    expect(match([], '203.0.113.7')).toEqual({ outcome: 'unrestricted' })
  })

  it('names the entry that let the caller in', () => {
    expect(match(['198.51.100.1', '203.0.113.0/24'], '203.0.113.7')).toEqual({
      outcome: 'matched',
      entry: '203.0.113.0/24',
    })
    expect(match(['2001:db8::/32'], '2001:DB8:FFFF::1')).toMatchObject({ outcome: 'matched' })
  })

  it('knows the caller by every spelling of its address', () => {
    for (const address of [
      '203.0.113.7',
      '::ffff:203.0.113.7',
      '::FFFF:CB00:7107',
      '0:0:0:0:0:ffff:cb00:7107',
    ]) {
      expect(match(['203.0.113.7'], address), address).toMatchObject({ outcome: 'matched' })
    }
  })

  it('lets nobody in beside the entries', () => {
    expect(match(['203.0.113.0/24', '2001:db8::/32'], '203.0.114.0')).toEqual({ outcome: 'no_match' })
    expect(match(['203.0.113.0/24', '2001:db8::/32'], '203.0.112.255')).toEqual({ outcome: 'no_match' })
    expect(match(['203.0.113.0/24', '2001:db8::/32'], '2001:db9::')).toEqual({ outcome: 'no_match' })
  })

  it.each([
    undefined,
    '',
    'unknown',
    '203.0.113.07',
    '203.0.113.7, 198.51.100.1',
    '203.0.113.7:443',
    ' 203.0.113.7',
  ])('lets nobody in whose address is %j', (address) => {
    expect(match(['203.0.113.0/24', 'AWS'], address, awsHolds('203.0.113.7'))).toEqual({
      outcome: 'address_unreadable',
    })
  })

  it('lets nobody in by a stored entry that cannot be read', () => {
    for (const damaged of ['0.0.0.0/0', '203.0.113.7/24', 'aws', '', '*']) {
      expect(match([damaged], '203.0.113.7'), damaged).toMatchObject({
        outcome: 'unevaluable',
        entry: damaged,
        reason: 'entry_unparsable',
        why: 'a stored whitelist entry cannot be read',
      })
      expect(match([damaged, '203.0.113.7'], '203.0.113.7')).toMatchObject({ outcome: 'matched' })
    }
  })

  it('lets nobody in by a provider without data', () => {
    expect(match(['AWS'], '203.0.113.7')).toMatchObject({
      outcome: 'unevaluable',
      entry: 'AWS',
      reason: 'provider_missing',
      why: 'there is no published list for AWS',
    })
    expect(match(['AWS', '203.0.113.7'], '203.0.113.7')).toEqual({ outcome: 'matched', entry: '203.0.113.7' })
  })

  it('lets nobody in by provider data that is too old, and says so', () => {
    const result = match(['AWS:eu-west-1'], '203.0.113.7', () => ({ state: 'too_old' }))
    expect(result).toMatchObject({
      outcome: 'unevaluable',
      entry: 'AWS:eu-west-1',
      reason: 'provider_too_old',
    })
    expect(result).toMatchObject({
      why: 'the published list for AWS:eu-west-1 is too old to be trusted',
    })
  })

  it('names the prefix and the version by which a provider entry let the caller in', () => {
    expect(match(['GOOGLE', 'AWS'], '203.0.113.7', awsHolds('203.0.113.7'))).toEqual({
      outcome: 'matched',
      entry: 'AWS',
      prefix: '203.0.113.7/32',
      providerVersion: '1787411825',
    })
  })

  it('says that an entry could not be tried, when no other matched', () => {
    const ranges = awsHolds('203.0.113.7')
    expect(match(['AWS', 'GOOGLE'], '198.51.100.1', ranges)).toMatchObject({
      outcome: 'unevaluable',
      entry: 'GOOGLE',
    })
    expect(match(['AWS'], '198.51.100.1', ranges)).toEqual({ outcome: 'no_match' })
  })

  it('names the first entry that could not be tried, a list before a damaged entry', () => {
    expect(match(['damaged', 'GOOGLE', 'AWS'], '198.51.100.1')).toMatchObject({ entry: 'GOOGLE' })
    expect(match(['damaged', 'broken'], '198.51.100.1')).toMatchObject({ entry: 'damaged' })
  })

  it('throws the first fault of storage, unless another entry lets the caller in', () => {
    const faultOf = { AWS: new Error('first'), AZURE: new Error('second') } as Record<string, Error>
    const ranges: WhitelistRanges = (entry) => {
      const fault = faultOf[entry.provider]
      return fault === undefined
        ? awsHolds('203.0.113.7')({ ...entry, provider: 'AWS' })
        : { state: 'unread', fault }
    }
    expect(() => match(['CLOUDFLARE', 'AWS', 'AZURE'], '198.51.100.1', ranges)).toThrow('first')
    expect(match(['AWS', 'GOOGLE'], '203.0.113.7', ranges)).toMatchObject({ entry: 'GOOGLE' })
  })

  it('counts damaged entries', () => {
    expect(compileWhitelist([])).toMatchObject({ isEmpty: true, size: 0 })
    expect(compileWhitelist(['damaged', 'AWS'])).toMatchObject({ isEmpty: false, size: 2 })
  })

  it('agrees with net.BlockList on random lists and addresses', () => {
    const entry = fc
      .tuple(fc.boolean(), fc.nat(0xffff), fc.integer({ min: 1, max: 16 }))
      .map(([isIpv4, bits, length]) => {
        const masked = (bits >> (16 - length)) << (16 - length)
        return isIpv4
          ? { address: `${masked >> 8}.${masked & 255}.0.0`, length, family: 'ipv4' as const }
          : { address: `${masked.toString(16)}::`, length, family: 'ipv6' as const }
      })
      // Node counts an IPv6 block that spans ::ffff:0:0/96 as holding IPv4; Postern does not.
      .filter(({ address, family }) => family === 'ipv4' || address !== '0::')
    const caller = fc
      .tuple(fc.boolean(), fc.integer({ min: 1, max: 0xffff }), fc.nat(255))
      .map(([isIpv4, bits, tail]) =>
        isIpv4
          ? { address: `${bits >> 8}.${bits & 255}.0.${tail}`, family: 'ipv4' as const }
          : { address: `${bits.toString(16)}::${tail.toString(16)}`, family: 'ipv6' as const },
      )
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 20 }),
        fc.array(caller, { minLength: 20 }),
        (entries, callers) => {
          const list = new BlockList()
          for (const { address, length, family } of entries) list.addSubnet(address, length, family)
          const whitelist = compileWhitelist(entries.map(({ address, length }) => `${address}/${length}`))
          expect(whitelist.unparsable).toBeUndefined()
          for (const { address, family } of callers) {
            const matched = matchWhitelist(whitelist, address, noProviderRanges).outcome === 'matched'
            expect(matched, address).toBe(list.check(address, family))
          }
        },
      ),
    )
  })
})

describe('wouldLockOut', () => {
  it('warns a caller whose own address is in no entry', () => {
    expect(wouldLockOut(['198.51.100.0/24'], '203.0.113.7', noProviderRanges)).toBe(true)
    expect(wouldLockOut(['203.0.113.0/24'], '203.0.113.7', noProviderRanges)).toBe(false)
    expect(wouldLockOut([], '203.0.113.7', noProviderRanges)).toBe(false)
  })

  it('counts an entry that cannot be tried, and an unknown address, as locking out', () => {
    expect(wouldLockOut(['AWS'], '203.0.113.7', noProviderRanges)).toBe(true)
    expect(wouldLockOut(['203.0.113.0/24'], undefined, noProviderRanges)).toBe(true)
  })
})
