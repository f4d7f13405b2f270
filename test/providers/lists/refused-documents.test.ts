import { describe, expect, it } from 'vitest'
import { parseAwsList } from '../../../lib/providers/lists/aws-list.ts'
import { parseAzureList } from '../../../lib/providers/lists/azure-list.ts'
import { parseCloudflareJson, parseCloudflareTexts } from '../../../lib/providers/lists/cloudflare-list.ts'
import { parseDigitalOceanList } from '../../../lib/providers/lists/digital-ocean-list.ts'
import { parseGoogleList } from '../../../lib/providers/lists/google-list.ts'
import type { ListOutcome } from '../../../lib/providers/lists/published-list.ts'

type Fields = Readonly<Record<string, unknown>>

const [ipv4, ipv6] = ['8.0.0.0/24', '2400::/32']

// The smallest whole document of each kind, with some of its fields replaced.

const row = { ip_prefix: ipv4, region: 'r', service: 's' }
const row6 = { ipv6_prefix: ipv6, region: 'r', service: 's' }
const aws = (given: Fields = {}): ListOutcome =>
  parseAwsList(JSON.stringify({ syncToken: '1700000000', prefixes: [row], ipv6_prefixes: [row6], ...given }))

const googleRows = [{ ipv4Prefix: ipv4 }, { ipv6Prefix: ipv6 }]
const googleText = (given: Fields = {}): string =>
  JSON.stringify({ syncToken: '1700000000000', prefixes: googleRows, ...given })
const google = (cloud: Fields = {}, goog: Fields = {}): ListOutcome =>
  parseGoogleList(googleText(cloud), googleText(goog))

const tag = { name: 'Sql', properties: { addressPrefixes: [ipv4, ipv6] } }
const azure = (given: Fields = {}, fileName = ''): ListOutcome =>
  parseAzureList(JSON.stringify({ changeNumber: 300, cloud: 'Public', values: [tag], ...given }), fileName)
const azureTag = (properties: unknown): ListOutcome => azure({ values: [{ name: 'Sql', properties }] })

const cloudflare = (result: unknown, success: unknown = true): ListOutcome =>
  parseCloudflareJson(JSON.stringify({ success, result }))
const cidrs = { ipv4_cidrs: [ipv4], ipv6_cidrs: [ipv6] }

const texts = (first: string, second: string = ipv6): ListOutcome => parseCloudflareTexts(first, second)
const feed = (...lines: string[]): ListOutcome =>
  parseDigitalOceanList(lines.map((line) => `${line}\n`).join(''))

const versionOf = (outcome: ListOutcome) => (outcome.ok ? outcome.list.version : outcome.detail)
const dateOf = (outcome: ListOutcome) => (outcome.ok ? outcome.list.publishedAtSeconds : outcome.detail)
const namesOf = (outcome: ListOutcome) => (outcome.ok ? [...outcome.list.names] : outcome.detail)

const noSeconds = 'syncToken is not a number of seconds'
const noMilliseconds = 'syncToken is not a number of milliseconds'
const noRow = 'a row without ip_prefix, region and service'
const noPrefix = 'a row without one ipv4Prefix or ipv6Prefix'
const noNumber = 'changeNumber is not a positive whole number'
const noTag = 'a tag without name and addressPrefixes'
const noCidrs = 'no ipv4_cidrs and ipv6_cidrs'

describe('a refused document', () => {
  it.each<[outcome: () => ListOutcome, reason: string, detail: string]>([
    [() => aws({ syncToken: 1_700_000_000 }), 'malformed', noSeconds],
    ...['12345678', '1234567890123', 'x1700000000', '1700000000x'].map(
      (syncToken) =>
        [() => aws({ syncToken }), 'malformed', noSeconds] as [() => ListOutcome, string, string],
    ),
    [() => aws({ prefixes: {} }), 'malformed', 'no list of ip_prefix'],
    [() => aws({ ipv6_prefixes: null }), 'malformed', 'no list of ipv6_prefix'],
    [() => aws({ prefixes: [null] }), 'malformed', noRow],
    [() => aws({ prefixes: [[ipv4]] }), 'malformed', noRow],
    [() => aws({ prefixes: [{ ...row, ip_prefix: 8 }] }), 'malformed', noRow],
    [() => aws({ prefixes: [{ ...row, region: null }] }), 'malformed', noRow],
    [() => aws({ prefixes: [{ ...row, service: 1 }] }), 'malformed', noRow],

    [() => google({ syncToken: 1_700_000_000_000 }), 'malformed', `cloud.json: ${noMilliseconds}`],
    ...['12345678901', '1234567890123456', 'x1700000000000', '1700000000000x'].map(
      (syncToken) =>
        [() => google({}, { syncToken }), 'malformed', `goog.json: ${noMilliseconds}`] as [
          () => ListOutcome,
          string,
          string,
        ],
    ),
    [() => google({ prefixes: {} }), 'malformed', 'cloud.json: no list of prefixes'],
    [() => google({ prefixes: [null] }), 'malformed', `cloud.json: ${noPrefix}`],
    [() => google({}, { prefixes: [{ ipv4Prefix: 8 }] }), 'malformed', `goog.json: ${noPrefix}`],
    [
      () => google({ prefixes: [{ ...googleRows[0], ...googleRows[1] }] }),
      'malformed',
      `cloud.json: ${noPrefix}`,
    ],
    [() => google({ prefixes: [{ ipv4Prefix: ipv4, scope: 1 }] }), 'malformed', `cloud.json: ${noPrefix}`],
    [() => google({ prefixes: [{ ipv4Prefix: 'x' }] }), 'bad_prefix', 'cloud.json: not a CIDR prefix: x'],
    [() => google({}, { prefixes: [] }), 'empty', 'goog.json: no prefix in it'],
    [() => parseGoogleList('', googleText()), 'empty', 'cloud.json: an empty body'],

    ...[0, -1, 1.5, '300', 2 ** 53].map(
      (changeNumber) =>
        [() => azure({ changeNumber }), 'malformed', noNumber] as [() => ListOutcome, string, string],
    ),
    [() => azure({ cloud: 'China' }), 'not_the_document', 'not the list of the public cloud'],
    [() => azure({ values: {} }), 'malformed', 'no list of tags'],
    [() => azure({ values: [null] }), 'malformed', noTag],
    [() => azure({ values: [{ ...tag, name: 1 }] }), 'malformed', noTag],
    [() => azureTag(null), 'malformed', noTag],
    [() => azureTag({ addressPrefixes: ipv4 }), 'malformed', noTag],
    [() => azureTag({ addressPrefixes: [8] }), 'malformed', 'a prefix that is not a text in Sql'],
    [() => azureTag({ addressPrefixes: [] }), 'empty', 'no prefix in it'],

    [() => cloudflare(cidrs, 'true'), 'not_the_document', 'an answer that is not a success'],
    [() => cloudflare(null), 'malformed', noCidrs],
    [() => cloudflare({ ...cidrs, ipv4_cidrs: ipv4 }), 'malformed', noCidrs],
    [() => cloudflare({ ...cidrs, ipv6_cidrs: null }), 'malformed', noCidrs],
    [() => cloudflare({ ...cidrs, ipv6_cidrs: [8] }), 'malformed', 'a prefix that is not a text'],
    [() => texts(''), 'empty', 'ips-v4: an empty body'],
    [() => texts(ipv6), 'not_the_document', `ips-v4: holds the line ${ipv6}`],
    [() => texts(ipv4, `${ipv6}\n${ipv4}`), 'not_the_document', `ips-v6: holds the line ${ipv4}`],

    [() => parseDigitalOceanList(`${ipv4},NL`), 'truncated', 'the last line has no end'],
    [() => feed(',NL'), 'bad_prefix', 'not a CIDR prefix: '],
    [() => feed('# a comment', ''), 'empty', 'no prefix in it'],
    [() => feed(ipv4), 'family_missing', 'no IPv6 prefix in it'],
    [() => feed(ipv6), 'family_missing', 'no IPv4 prefix in it'],
    [() => feed('8.0.0.0'), 'bad_prefix', 'not a CIDR prefix: 8.0.0.0'],
    [() => feed('8.0.0.0/24x'), 'bad_prefix', 'not a CIDR prefix: 8.0.0.0/24x'],
    [() => feed('8.0.0.0/x24'), 'bad_prefix', 'not a CIDR prefix: 8.0.0.0/x24'],
    [() => feed('::ffff:8.0.0.0/120'), 'bad_prefix', 'not a CIDR prefix: ::ffff:8.0.0.0/120'],
    [() => feed('8.0.0.0/33'), 'bad_prefix', 'too long a prefix: 8.0.0.0/33'],
    [() => feed('8.0.0.0/7'), 'bad_prefix', 'too wide a prefix: 8.0.0.0/7'],
    [() => feed('2400::/15'), 'bad_prefix', 'too wide a prefix: 2400::/15'],
    [() => feed('8.0.0.1/24'), 'bad_prefix', 'host bits set: 8.0.0.1/24'],
    [() => feed('10.0.0.0/24'), 'reserved_space', 'not public space: 10.0.0.0/24'],

    [() => parseAwsList('[]'), 'malformed', 'not a JSON object'],
    [() => parseAwsList('"text"'), 'malformed', 'not a JSON object'],
    [() => parseAwsList('{x}\n'), 'malformed', 'not JSON'],
    [() => parseAwsList('{"a": 1'), 'truncated', 'JSON that ends after 7 characters'],
    [
      () => parseAwsList(`\n<${'p'.repeat(99)}`),
      'not_the_document',
      `a page instead of the list: <${'p'.repeat(79)}`,
    ],
    [() => feed(`\u0007${'é'.repeat(300)}`), 'bad_prefix', `not a CIDR prefix: ${'?'.repeat(181)}`],
  ])('says why, in short printable text (%#)', (read, reason, detail) => {
    expect(read()).toEqual({ ok: false, reason, detail })
  })
})

describe('what is taken', () => {
  it.each(['123456789', '123456789012'])('is a token of seconds such as %s', (syncToken) => {
    expect(aws({ syncToken })).toMatchObject({ list: { version: syncToken, serials: [Number(syncToken)] } })
  })

  it.each(['123456789012', '123456789012345'])('is a token of milliseconds such as %s', (syncToken) => {
    expect(google({ syncToken })).toMatchObject({ list: { serials: [Number(syncToken), 1_700_000_000_000] } })
  })

  it('is as old as the newer document of two, in whole seconds', () => {
    expect(dateOf(google({}, { syncToken: '1700000000999' }))).toBe(1_700_000_000)
    expect(dateOf(google({ syncToken: '1700000001000' }))).toBe(1_700_000_001)
  })

  it.each([
    ['ServiceTags_Public_20231114.json', '300 of 20231114', Date.UTC(2023, 10, 14) / 1000],
    ['ServiceTags_Public_20231399.json', '300 of 20231399', undefined],
    ['ServiceTags_Public_20231114.json.bak', '300', undefined],
    ['ServiceTags_Public_2023111.json', '300', undefined],
    ['', '300', undefined],
  ])('has the date that the file name says: %j', (fileName, version, publishedAt) => {
    const outcome = azure({}, fileName)
    expect([versionOf(outcome), dateOf(outcome)]).toEqual([version, publishedAt])
  })

  it.each([
    ['abc', 'abc'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['x'.repeat(65), undefined],
    ['two words', undefined],
    ['', undefined],
    [7, undefined],
  ])('has the version that the etag says, if it is printable and short: %j', (etag, version) => {
    expect(versionOf(cloudflare({ ...cidrs, etag }))).toBe(version)
  })

  it('is each prefix once under a name, and no name that an entry cannot say', () => {
    const names = ['A.b_c-1', 'x:y', 'x:', ':y', 'x:y:z', '-x', 'a b', 'é', '1']
    const rows = [...names, 'A.b_c-1'].map((region) => ({ ipv4Prefix: ipv4, scope: region }))
    const prefixes = [...rows, { ipv4Prefix: '4.0.0.0/24', scope: '1' }, { ipv6Prefix: ipv6 }]
    expect(namesOf(google({ prefixes }))).toEqual([
      ['A.b_c-1', [1]],
      ['x:y', [1]],
      ['1', [0, 1]],
    ])
  })

  it('is sorted: IPv4 before IPv6, and of blocks with one start the wider first', () => {
    const sorted = [
      '4.0.0.0/8',
      '4.0.0.0/24',
      '4.0.1.0/24',
      '2400::/16',
      '2400::/48',
      '2400:1::/32',
      '2600::/32',
    ]
    const outcome = feed(...sorted.toReversed())
    const lengths = outcome.ok ? outcome.list.networks.map(({ prefixLength }) => prefixLength) : []
    expect(lengths).toEqual(sorted.map((prefix) => Number(prefix.split('/')[1])))
    expect(outcome).toMatchObject({
      list: { networks: [{ address: { family: 4 } }, {}, {}, {}, {}, {}, {}] },
    })
  })

  it.each([
    ['9.255.255.255/32', '10.0.0.0/32', '10.255.255.255/32', '11.0.0.0/32'],
    ['172.15.255.255/32', '172.16.0.0/32', '172.31.255.255/32', '172.32.0.0/32'],
    ['223.255.255.255/32', '224.0.0.0/32', '255.255.255.255/32', '1.0.0.0/32'],
    ['2000:ffff::/32', '2001::/128', '2001:1ff::/32', '2001:200::/32'],
    ['2001:db7::/32', '2001:db8::/128', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128', '2001:db9::/128'],
    ['2001:ffff::/32', '2002::/32', '2002:ffff::/32', '2003::/32'],
    ['3ffe:ffff::/32', '3fff::/32', '3fff:fff::/32', '3fff:1000::/32'],
    ['2000::/32', '1fff:ffff::/32', '4000::/32', '3fff:ffff::/32'],
  ])('is public: %s, but neither %s nor %s, and again %s', (before, first, last, after) => {
    expect(feed(ipv4, ipv6, before, after)).toMatchObject({ ok: true })
    for (const prefix of [first, last]) expect(feed(prefix)).toMatchObject({ reason: 'reserved_space' })
  })

  it('is the list of its provider', () => {
    const outcomes = [aws(), google(), azure(), cloudflare(cidrs), feed(ipv4, ipv6)]
    const providers = ['AWS', 'GOOGLE', 'AZURE', 'CLOUDFLARE', 'DIGITAL_OCEAN']
    expect(outcomes).toMatchObject(providers.map((provider) => ({ list: { provider } })))
  })

  it('has the names and the serials that the document gives, and no others', () => {
    for (const outcome of [google(), cloudflare(cidrs), texts(`${ipv4}\n`), feed(`${ipv4},,None`, ipv6)])
      expect(namesOf(outcome)).toEqual([])
    expect(namesOf(feed(`${ipv4},,NL-NH`, ipv6))).toEqual([['NL-NH', [0]]])
    for (const outcome of [cloudflare(cidrs), feed(ipv4, ipv6)])
      expect(outcome).toMatchObject({ list: { serials: [] } })
  })
})
