import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEntries, whitelistEntryLimit } from '../../lib/whitelist/entries.ts'
import { formatEntry, parseEntry } from '../../lib/whitelist/entry.ts'
import { anyAddress, textOf } from './address-text.ts'

const canonical = (text: string): string => {
  const parsed = parseEntry(text)
  return parsed.ok ? formatEntry(parsed.entry) : `refused: ${parsed.message}`
}

describe('parseEntry', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7/32', '203.0.113.7'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['128.0.0.0/1', '128.0.0.0/1'],
    ['0.0.0.0/8', '0.0.0.0/8'],
    ['2001:DB8::7', '2001:db8::7'],
    ['2001:0db8:0:0:0:0:0:7/128', '2001:db8::7'],
    ['2001:db8:0::/32', '2001:db8::/32'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
    ['::ffff:128.0.0.0/97', '128.0.0.0/1'],
    ['::1', '::1'],
    ['AWS', 'AWS'],
    ['GOOGLE', 'GOOGLE'],
    ['AZURE', 'AZURE'],
    ['CLOUDFLARE', 'CLOUDFLARE'],
    ['DIGITAL_OCEAN', 'DIGITAL_OCEAN'],
    ['AWS:eu-west-1', 'AWS:eu-west-1'],
    ['AWS:EC2', 'AWS:EC2'],
    ['AWS:x', 'AWS:x'],
    ['2001:db8::7/128', '2001:db8::7'],
    ['8000::/1', '8000::/1'],
    ['AWS:eu-west-1:EC2', 'AWS:eu-west-1:EC2'],
    ['GOOGLE:us-central1', 'GOOGLE:us-central1'],
    ['AZURE:AzureFrontDoor', 'AZURE:AzureFrontDoor'],
    ['AZURE:AzureFrontDoor.Frontend', 'AZURE:AzureFrontDoor.Frontend'],
    ['DIGITAL_OCEAN:US-NJ', 'DIGITAL_OCEAN:US-NJ'],
  ])('accepts %s and stores %s', (text, expected) => {
    expect(canonical(text)).toBe(expected)
  })

  it.each([
    ['', /empty/],
    [' 203.0.113.7', /white space around/],
    ['203.0.113.7\n', /white space around/],
    ['203.0.113.7 203.0.113.8', /without white space/],
    ['203.0.113.7/24', /The network is 203\.0\.113\.0\/24\.$/],
    ['2001:db8::1/64', /The network is 2001:db8::\/64\.$/],
    ['::ffff:203.0.113.7/120', /The network is 203\.0\.113\.0\/24\.$/],
    ['0.0.0.0/0', /allows every address.*leave the whitelist empty/],
    ['::/0', /allows every address/],
    ['::ffff:0:0/96', /allows every address/],
    ['::ffff:0.0.0.0/96', /allows every address/],
    ['::ffff:0:0/90', /wider than IPv4-mapped/],
    ['203.0.113.0/33', /at most 32/],
    ['2001:db8::/129', /at most 128/],
    ['203.0.113.0/024', /without a sign or leading zeros/],
    ['203.0.113.0/+24', /whole number/],
    ['203.0.113.0/-1', /whole number/],
    ['203.0.113.0/', /whole number/],
    ['203.0.113.0/24.0', /not as a mask/],
    ['203.0.113.0/255.255.255.0', /not as a mask/],
    ['203.0.113.0/24/24', /one slash/],
    ['fe80::1%eth0', /Zone ids/],
    ['fe80::%1/64', /Zone ids/],
    ['010.0.0.1', /octal/],
    ['203.0.113.07', /octal/],
    ['0x7f.0.0.1', /Hexadecimal/],
    ['0x7f000001', /Hexadecimal/],
    ['2130706433', /plain number/],
    ['127.1', /four numbers/],
    ['203.0.113', /four numbers/],
    ['1.2.3.4.5', /exactly four/],
    ['203.0.113.256', /from 0 to 255/],
    ['203.0.113.7:443', /without a port/],
    ['[2001:db8::1]', /without brackets/],
    ['[2001:db8::1]:443', /without brackets/],
    ['203.0.113.*', /Wildcards/],
    ['203.0.113.1-203.0.113.9', /dash/],
    ['2001:db8:::1', /not an IPv6 address/],
    ['aws', /Did you mean AWS\?.*capital/],
    ['Aws:eu-west-1', /Did you mean AWS\?/],
    ['gcp', /Did you mean GOOGLE\?/],
    ['DIGITALOCEAN', /Did you mean DIGITAL_OCEAN\?/],
    ['amazon', /Did you mean AWS\?/],
    ['google_cloud', /Did you mean GOOGLE\?/],
    ['microsoft', /Did you mean AZURE\?/],
    ['digital-ocean', /Did you mean DIGITAL_OCEAN\?/],
    ['DIGITAL_OCEAN:*', /DIGITAL_OCEAN:NL or DIGITAL_OCEAN:US-NJ/],
    ['ORACLE1', /or AWS, GOOGLE, AZURE, CLOUDFLARE or DIGITAL_OCEAN\.$/],
    ['digital ocean', /Did you mean DIGITAL_OCEAN\?/],
    ['CLOUDFLARE:US', /without regions or services/],
    ['AWS:', /AWS:eu-west-1/],
    ['AWS:eu-west-1:EC2:x', /AWS:eu-west-1/],
    ['AWS:eu west', /AWS:eu-west-1/],
    ['AWS:*', /AWS:eu-west-1/],
    ['AWS::EC2', /AWS:eu-west-1/],
    ['GOOGLE:us-central1:x', /GOOGLE:us-central1/],
    ['AZURE:Storage#WestEurope', /AZURE:AzureFrontDoor/],
    ['toString', /AWS, GOOGLE/],
    ['__proto__', /AWS, GOOGLE/],
    ['constructor', /AWS, GOOGLE/],
    ['ORACLE', /AWS, GOOGLE/],
    ['x'.repeat(5000), /at most 128/],
    ['x'.repeat(129), /at most 128/],
    ['x'.repeat(128), /AWS, GOOGLE/],
    ['x203.0.113.7:443', /not an IPv6 address/],
    ['203.0.113.7:443x', /not an IPv6 address/],
    ['2033.0.113.7:443', /not an IPv6 address/],
    ['203.0.113:443', /not an IPv6 address/],
    ['203.0.113.1000:443', /not an IPv6 address/],
    ['x203.0.113.1-203.0.113.9', /exactly four/],
    ['1.2.3.4-x', /from 0 to 255/],
    ['1.2.3-4.0x5', /Hexadecimal/],
    ['1.2.3.a0x5', /from 0 to 255/],
    ['1.2.3.100x', /from 0 to 255/],
    ['1.2.3.a05', /from 0 to 255/],
    ['12a', /has four numbers/],
    ['a%b', /Zone ids/],
    ['a]', /AWS, GOOGLE/],
    ['a[', /without brackets/],
    ['a.b c', /without white space/],
    ['AWS:-x', /AWS:eu-west-1/],
    ['AWS:x*', /AWS:eu-west-1/],
    ['AWS:eu-west-1:*', /AWS:eu-west-1/],
    ['203.0.113.0/1000', /whole number/],
    ['203.0.113.0/1x', /whole number/],
    ['203.0.113.0/x1', /whole number/],
    ['203.0.113.0/100', /of an IPv4 range is at most 32\./],
    ['::ffff:203.0.113.0/129', /of an IPv6 range is at most 128\./],
    ['::ffff:0:0/95', /wider than IPv4-mapped/],
  ])('refuses %j and says why', (text, message) => {
    const parsed = parseEntry(text)
    expect(parsed).toMatchObject({ ok: false, message: expect.stringMatching(message) })
  })

  it('never throws and never stores a form that it would refuse', () => {
    const anyCharacter = fc.nat(0x10_ffff).map((point) => String.fromCodePoint(point))
    const texts = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 150 }),
      fc.string({ unit: fc.constantFrom(...'0123456789abAWS:./%'.split('')), maxLength: 24 }),
      fc.tuple(anyAddress, fc.nat(140)).map(([address, length]) => `${textOf(address)}/${length}`),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseEntry(text)
        if (!parsed.ok) return
        const stored = formatEntry(parsed.entry)
        expect(parseEntry(stored)).toEqual(parsed)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('parseEntries', () => {
  it('collapses spellings of the same entry and keeps the order', () => {
    const parsed = parseEntries([
      'AWS',
      '::ffff:203.0.113.7',
      '203.0.113.7/32',
      '2001:DB8::/32',
      '203.0.113.7',
      'AWS',
    ])
    expect(parsed).toMatchObject({ ok: true, texts: ['AWS', '203.0.113.7', '2001:db8::/32'] })
  })

  it('names every entry at fault', () => {
    const parsed = parseEntries(['203.0.113.7', '0.0.0.0/0', 'AWS', 'nonsense'])
    expect(parsed.ok ? [] : parsed.refusals.map(({ index }) => index)).toEqual([1, 3])
  })

  it('accepts the full number of entries and refuses one more', () => {
    const many = Array.from({ length: whitelistEntryLimit }, (_, index) => `198.51.100.${index}`)
    expect(parseEntries(many).ok).toBe(true)
    expect(parseEntries([...many, '203.0.113.7'])).toMatchObject({ ok: false, refusals: [{ index: 200 }] })
  })

  it('accepts an empty list', () => {
    expect(parseEntries([])).toEqual({ ok: true, entries: [], texts: [] })
  })
})
