import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAwsList } from '../../../lib/providers/lists/aws-list.ts'
import { parseAzureList } from '../../../lib/providers/lists/azure-list.ts'
import { parseCloudflareJson, parseCloudflareTexts } from '../../../lib/providers/lists/cloudflare-list.ts'
import { parseDigitalOceanList } from '../../../lib/providers/lists/digital-ocean-list.ts'
import { parseGoogleList } from '../../../lib/providers/lists/google-list.ts'
import type { ListOutcome, PublishedList } from '../../../lib/providers/lists/published-list.ts'
import { handMadeFolder, readDocuments } from '../provider-documents.ts'
import { type NaiveBlock, naiveBlock } from '../published-prefixes.ts'

const documents = readDocuments(handMadeFolder)

const readers = {
  AWS: (text: string) => parseAwsList(text),
  'GOOGLE cloud.json': (text: string) => parseGoogleList(text, documents.goog),
  'GOOGLE goog.json': (text: string) => parseGoogleList(documents.googleCloud, text),
  AZURE: (text: string) => parseAzureList(text, documents.azureFileName),
  'CLOUDFLARE ips-v4': (text: string) => parseCloudflareTexts(text, documents.cloudflareIpv6),
  'CLOUDFLARE ips-v6': (text: string) => parseCloudflareTexts(documents.cloudflareIpv4, text),
  'CLOUDFLARE ips.json': (text: string) => parseCloudflareJson(text),
  DIGITAL_OCEAN: (text: string) => parseDigitalOceanList(text),
}

const originals: Record<keyof typeof readers, string> = {
  AWS: documents.aws,
  'GOOGLE cloud.json': documents.googleCloud,
  'GOOGLE goog.json': documents.goog,
  AZURE: documents.azure,
  'CLOUDFLARE ips-v4': documents.cloudflareIpv4,
  'CLOUDFLARE ips-v6': documents.cloudflareIpv6,
  'CLOUDFLARE ips.json': documents.cloudflareJson,
  DIGITAL_OCEAN: documents.digitalOcean,
}

type Title = keyof typeof readers
const isTitle = (text: string): text is Title => Object.hasOwn(readers, text)
const titles = Object.keys(readers).filter(isTitle)

const listOf = (outcome: ListOutcome): PublishedList => {
  if (!outcome.ok) throw new Error(`${outcome.reason}: ${outcome.detail}`)
  return outcome.list
}

/** Of `list.networks`, as plain numbers. */
const blocks = (list: PublishedList): NaiveBlock[] =>
  list.networks.map(({ address: { family, w0, w1, w2, w3 }, prefixLength }) => {
    const words = family === 4 ? [w3] : [w0, w1, w2, w3]
    const first = words.reduce((value, word) => (value << 32n) | BigInt(word), 0n)
    const size = 1n << BigInt((family === 4 ? 32 : 128) - prefixLength)
    return { family, first, last: first + size - 1n }
  })

const blocksNamed = (list: PublishedList, name: string): (NaiveBlock | undefined)[] =>
  (list.names.get(name) ?? []).map((index) => blocks(list)[index])

const all = (...prefixes: string[]): NaiveBlock[] => prefixes.map(naiveBlock)

describe('the AWS list', () => {
  const list = () => listOf(parseAwsList(documents.aws))

  it('holds each prefix once, sorted', () => {
    expect(blocks(list())).toEqual(
      all(
        '3.5.140.0/22',
        '3.5.144.0/23',
        '13.32.0.0/15',
        '15.230.15.29/32',
        '2600:1f00:8000:0:8000::/65',
        '2a05:d018::/36',
      ),
    )
    expect(list()).toMatchObject({
      version: '1700000000',
      serials: [1_700_000_000],
      publishedAtSeconds: 1_700_000_000,
    })
  })

  it('narrows by region, by service, and by both', () => {
    expect(blocksNamed(list(), 'eu-west-1')).toEqual(all('3.5.140.0/22', '15.230.15.29/32', '2a05:d018::/36'))
    expect(blocksNamed(list(), 'EC2')).toEqual(all('3.5.144.0/23', '15.230.15.29/32', '2a05:d018::/36'))
    expect(blocksNamed(list(), 'eu-west-1:EC2')).toEqual(all('15.230.15.29/32', '2a05:d018::/36'))
    expect(blocksNamed(list(), 'GLOBAL')).toEqual(all('13.32.0.0/15'))
  })
})

describe('the Google list', () => {
  const list = () => listOf(parseGoogleList(documents.googleCloud, documents.goog))

  it('is the union of both documents', () => {
    expect(blocks(list())).toContainEqual(naiveBlock('34.3.2.0/27'))
    expect(blocks(list())).toContainEqual(naiveBlock('8.8.4.0/24'))
    expect(list().networks).toHaveLength(10)
    expect(list()).toMatchObject({
      version: '1700000000000+1690000000000',
      publishedAtSeconds: 1_700_000_000,
    })
  })

  it('narrows by the scopes of cloud.json', () => {
    expect([...list().names.keys()].sort()).toEqual(['africa-south1', 'us-central1'])
    expect(blocksNamed(list(), 'africa-south1')).toEqual(all('34.35.0.0/16', '2600:1900:8000::/44'))
  })
})

describe('the Azure list', () => {
  const list = () => listOf(parseAzureList(documents.azure, documents.azureFileName))

  it('is the union of all tags, also of those that lie outside AzureCloud', () => {
    expect(blocks(list())).toContainEqual(naiveBlock('4.232.98.120/29'))
    expect(list().networks).toHaveLength(6)
    expect(list()).toMatchObject({
      version: '300 of 20231114',
      serials: [300],
      publishedAtSeconds: Date.UTC(2023, 10, 14) / 1000,
    })
  })

  it('narrows by tag and by regional tag', () => {
    expect(blocksNamed(list(), 'AzureFrontDoor')).toEqual(all('4.232.98.120/29', '2603:1030:b:3::/64'))
    expect(blocksNamed(list(), 'AzureCloud.westeurope')).toEqual(all('4.145.0.0/17', '2603:1000:4::/46'))
  })

  it('of another cloud is not taken', () => {
    expect(parseAzureList(documents.azure.replace('"Public"', '"China"'), '')).toMatchObject({ ok: false })
  })
})

describe('the Cloudflare list', () => {
  it('is the same from the texts and from the API', () => {
    const fromTexts = listOf(parseCloudflareTexts(documents.cloudflareIpv4, documents.cloudflareIpv6))
    const fromApi = listOf(parseCloudflareJson(documents.cloudflareJson))
    expect(fromTexts.networks).toEqual(fromApi.networks)
    expect(fromApi.version).toBe('0123456789abcdef0123456789abcdef')
  })

  it('may come with line ends of any kind, and a last one', () => {
    const other = `${documents.cloudflareIpv4.replaceAll('\n', '\r\n')}\r\n`
    expect(parseCloudflareTexts(other, documents.cloudflareIpv6)).toEqual(
      parseCloudflareTexts(documents.cloudflareIpv4, documents.cloudflareIpv6),
    )
  })

  it('is not taken when the two texts are mixed up, or hold anything but prefixes', () => {
    expect(parseCloudflareTexts(documents.cloudflareIpv6, documents.cloudflareIpv4).ok).toBe(false)
    expect(
      parseCloudflareTexts(`${documents.cloudflareIpv4}\n\n1.2.3.0/24`, documents.cloudflareIpv6).ok,
    ).toBe(false)
    expect(parseCloudflareJson(documents.cloudflareJson.replace('true', 'false')).ok).toBe(false)
  })
})

describe('the DigitalOcean list', () => {
  const list = () => listOf(parseDigitalOceanList(documents.digitalOcean))

  it('takes rows of two fields for the whole', () => {
    expect(blocks(list())).toContainEqual(naiveBlock('69.55.54.0/24'))
    expect(list().names.has('None')).toBe(false)
  })

  it('narrows by country and by region', () => {
    expect(blocksNamed(list(), 'NL')).toEqual(all('5.101.96.0/21', '2a03:b0c0:2:d0::/64'))
    expect(blocksNamed(list(), 'US-NJ')).toEqual(all('24.144.64.0/22', '2604:a880:800::/48'))
  })

  it('may hold comments and empty lines (RFC 8805)', () => {
    expect(parseDigitalOceanList(`# a feed\n\n${documents.digitalOcean}`).ok).toBe(true)
  })
})

const azurePage = readFileSync(join(import.meta.dirname, '../fixtures/error-pages/azure-404.txt'), 'utf8')

/** What was really seen at these addresses in the place of a list, by kind. */
const strangers: readonly (readonly [kind: string, text: string])[] = [
  ['an empty body', ''],
  ['white space', ' \n\n'],
  ['an HTML page', azurePage],
  ['an HTML page with blanks before it', '\n\n  <!doctype html><title>Attention Required!</title>'],
  [
    'an XML error with a byte order mark',
    '\ufeff<?xml version="1.0"?><Error><Code>ServerBusy</Code></Error>',
  ],
  ['a plain sentence', 'upstream connect error or disconnect/reset before headers\n'],
  ['a JSON error', '{"message":"Internal Server Error"}'],
  ['null', 'null'],
  ['an empty object', '{}'],
  ['an empty array', '[]'],
  ['a number', '1'],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'],
]

describe.each(titles)('a document in the place of %s', (title) => {
  const original = originals[title]
  const read = readers[title]

  it('that is whole is taken', () => {
    expect(read(original)).toMatchObject({ ok: true })
  })

  it.each(strangers)('that is %s is refused', (_kind, text) => {
    expect(read(text)).toMatchObject({ ok: false, detail: expect.stringMatching(/^[ -~]*$/) })
  })

  it('that was cut off anywhere is refused, or lost whole lines only', () => {
    for (let length = 0; length < original.length; length += 1) {
      const outcome = read(original.slice(0, length))
      if (!outcome.ok) continue
      // Line texts carry no end: a cut between two lines shows in the content length alone, which fetch checks.
      const isAtLineEnd = original.slice(0, length).endsWith('\n') || original[length] === '\n'
      const lostNothing = original.slice(length).trim() === ''
      expect(isAtLineEnd || lostNothing, original.slice(0, length).slice(-40)).toBe(true)
    }
  })

  const first =
    /[\d.a-f:]+\/\d+/.exec(
      original.slice(original.search(/\d+\.\d+\.\d+\.\d+\/|[\da-f]+:[\da-f:]+\//)),
    )?.[0] ?? ''

  it.each([
    ['host bits', first.includes(':') ? '2400:cb00::1/32' : '3.5.140.1/22', 'bad_prefix'],
    ['no length', first.split('/')[0] ?? '', 'bad_prefix'],
    ['too long a length', first.includes(':') ? '2400:cb00::/129' : '3.5.140.0/33', 'bad_prefix'],
    ['the whole Internet', first.includes(':') ? '::/0' : '0.0.0.0/0', 'bad_prefix'],
    ['a quarter of the Internet', first.includes(':') ? '2000::/3' : '64.0.0.0/2', 'bad_prefix'],
    ['leading zeros', first.includes(':') ? '2400:cb00::/032' : '03.5.140.0/22', 'bad_prefix'],
    ['private space', first.includes(':') ? 'fd00::/32' : '10.0.0.0/8', 'reserved_space'],
    ['shared space', first.includes(':') ? 'fe80::/64' : '100.64.0.0/10', 'reserved_space'],
    ['loopback', first.includes(':') ? '::1/128' : '127.0.0.0/8', 'reserved_space'],
    ['documentation space', first.includes(':') ? '2001:db8::/32' : '203.0.113.0/24', 'reserved_space'],
    ['multicast', first.includes(':') ? 'ff02::/16' : '224.0.0.0/8', 'reserved_space'],
    ['instance metadata', first.includes(':') ? 'fd00:ec2::254/128' : '169.254.169.254/32', 'reserved_space'],
    ['6to4 space', first.includes(':') ? '2002::/16' : '192.88.99.0/24', 'reserved_space'],
    ['a block around private space', first.includes(':') ? '2001::/22' : '172.0.0.0/8', 'reserved_space'],
  ])('with a prefix with %s is refused', (_what, prefix, reason) => {
    expect(original).toContain(first)
    expect(first).toMatch(/\/\d+$/)
    expect(read(original.replace(first, prefix))).toMatchObject({ ok: false, reason })
  })

  it('with an IPv4-mapped prefix is refused', () => {
    expect(read(original.replace(first, '::ffff:3.5.140.0/118')).ok).toBe(false)
  })
})

describe('a document without one of the families', () => {
  const empty = (text: string, field: string): string =>
    text.replace(new RegExp(`"${field}": \\[[^\\]]*\\]`), `"${field}": []`)
  const withoutRows = (text: string, field: string): string =>
    JSON.stringify({
      ...JSON.parse(text),
      prefixes: JSON.parse(text).prefixes.filter((row: Record<string, unknown>) => row[field] === undefined),
    })
  const withoutLines = (text: string, pattern: RegExp): string =>
    text
      .split('\n')
      .filter((line) => !pattern.test(line))
      .join('\n')

  it.each([
    ['AWS without IPv4', () => parseAwsList(empty(documents.aws, 'prefixes'))],
    ['AWS without IPv6', () => parseAwsList(empty(documents.aws, 'ipv6_prefixes'))],
    [
      'cloud.json without IPv4',
      () => parseGoogleList(withoutRows(documents.googleCloud, 'ipv4Prefix'), documents.goog),
    ],
    [
      'cloud.json without IPv6',
      () => parseGoogleList(withoutRows(documents.googleCloud, 'ipv6Prefix'), documents.goog),
    ],
    [
      'goog.json without IPv4',
      () => parseGoogleList(documents.googleCloud, withoutRows(documents.goog, 'ipv4Prefix')),
    ],
    [
      'goog.json without IPv6',
      () => parseGoogleList(documents.googleCloud, withoutRows(documents.goog, 'ipv6Prefix')),
    ],
    ['Azure without IPv6', () => parseAzureList(documents.azure.replaceAll(/, "2603[^"]*"/g, ''), '')],
    ['Cloudflare without IPv6', () => parseCloudflareJson(empty(documents.cloudflareJson, 'ipv6_cidrs'))],
    ['Cloudflare without IPv4', () => parseCloudflareJson(empty(documents.cloudflareJson, 'ipv4_cidrs'))],
    [
      'DigitalOcean without IPv6',
      () => parseDigitalOceanList(withoutLines(documents.digitalOcean, /^2[^,]*:/)),
    ],
    [
      'DigitalOcean without IPv4',
      () => parseDigitalOceanList(withoutLines(documents.digitalOcean, /^\d+\./)),
    ],
  ])('is refused: %s', (_title, outcome) => {
    expect(outcome()).toMatchObject({ ok: false, reason: 'family_missing' })
  })
})

describe('a document with wrong types', () => {
  it.each([
    [
      'AWS, a token that is a number',
      () => parseAwsList(documents.aws.replace('"1700000000"', '1700000000')),
    ],
    ['AWS, rows without region', () => parseAwsList(documents.aws.replaceAll('"region"', '"area"'))],
    [
      'AWS, a prefix that is a list',
      () => parseAwsList(documents.aws.replace('"15.230.15.29/32"', '["15.230.15.29/32"]')),
    ],
    [
      'AWS, prefixes as an object',
      () => parseAwsList(documents.aws.replace('"ipv6_prefixes": [', '"ipv6_prefixes": {}, "x": [')),
    ],
    [
      'Google, an unknown row',
      () => parseGoogleList(documents.googleCloud.replace('ipv4Prefix', 'prefix'), documents.goog),
    ],
    [
      'Google, a scope that is a number',
      () => parseGoogleList(documents.googleCloud.replace('"africa-south1"', '1'), documents.goog),
    ],
    ['Azure, a number as text', () => parseAzureList(documents.azure.replace('300', '"300"'), '')],
    [
      'Azure, prefixes as text',
      () => parseAzureList(documents.azure.replace(/\["4.145[^\]]*\]/, '"4.145.0.0/17"'), ''),
    ],
    [
      'Azure, a prefix that is null',
      () => parseAzureList(documents.azure.replace('"4.145.0.0/17"', 'null'), ''),
    ],
    [
      'Cloudflare, a prefix that is a number',
      () => parseCloudflareJson(documents.cloudflareJson.replace('"131.0.72.0/22"', '1')),
    ],
  ])('is refused: %s', (_title, outcome) => {
    expect(outcome()).toMatchObject({ ok: false, reason: 'malformed' })
  })
})
