import { spawnSync } from 'node:child_process'
import { BlockList } from 'node:net'
import { join } from 'node:path'
import ipRangeCheck from 'ip-range-check'
import ipaddr from 'ipaddr.js'
import { parseAzureList } from '../../lib/providers/lists/azure-list.ts'
import { buildRangeItems } from '../../lib/providers/ranges/build-range-items.ts'
import { type Address, parseAddress } from '../../lib/whitelist/address.ts'
import { compileWhitelist, matchWhitelist, type WhitelistRanges } from '../../lib/whitelist/match.ts'
import { providers } from '../../lib/whitelist/provider.ts'
import { blockAround, intervalsHold } from '../../lib/whitelist/ranges/interval-search.ts'
import { type Intervals, mergeNetworks } from '../../lib/whitelist/ranges/intervals.ts'
import { decodeRangeItem, type RangeItem } from '../../lib/whitelist/ranges/range-item.ts'
import { arePublishedHere, documentsFolder, readDocuments } from '../providers/provider-documents.ts'
import { readLists, textsOf } from '../providers/provider-lists.ts'
import { prefixesIn } from '../providers/published-prefixes.ts'
import { median, type Row } from './row.ts'
import { cpuInTurns } from './turns.ts'

const addressCount = 4096

/** Half of them published, half from anywhere public; a fixed sequence, so that runs compare. */
const mixedAddresses = (prefixes: readonly string[], family: 4 | 6): string[] => {
  let state = 42
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
  const own = prefixes.filter((prefix) => prefix.includes(':') === (family === 6))
  return Array.from({ length: addressCount }, (_, index) => {
    const published = own[random(own.length)]?.split('/')[0] ?? ''
    if (index % 2 === 0) return published
    return family === 4
      ? `${random(223) + 1}.${random(256)}.${random(256)}.${random(256)}`
      : `2${random(4096).toString(16).padStart(3, '0')}:${random(65_536).toString(16)}::${random(65_536).toString(16)}`
  })
}

const parsed = (texts: readonly string[]): Address[] =>
  texts.map((text) => parseAddress(text)).filter((a) => a !== undefined)

/** CPU time of one call, so that other processes do not count: the median of rounds, each over many values. */
const nanoseconds = <T>(values: readonly T[], call: (value: T) => unknown, calls = 40_000): number => {
  const round = (): number => {
    const start = process.cpuUsage()
    for (let index = 0; index < calls; index += 1) {
      const value = values[index % values.length]
      if (value !== undefined) call(value)
    }
    const { user, system } = process.cpuUsage(start)
    return ((user + system) * 1000) / calls
  }
  round()
  return median(Array.from({ length: 15 }, round))
}

const milliseconds = (call: () => unknown, times: number): number => {
  const samples = Array.from({ length: times }, () => {
    const start = process.cpuUsage()
    call()
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  })
  return median(samples)
}

/** What reading the largest document adds to a process that has done nothing else. */
const parsingMegabytes = (): number => {
  const child = spawnSync(process.execPath, [join(import.meta.dirname, 'whitelist-memory.ts')], {
    encoding: 'utf8',
  })
  if (child.status !== 0) throw new Error(child.stderr)
  return Number(child.stdout)
}

/** What teams use today: both try one prefix after the other. A few calls are enough to see the order of magnitude. */
const libraryRows = (
  prefixes: readonly string[],
  ipv4: readonly string[],
  ipv6: readonly string[],
): [string, number][] => {
  const parsedPrefixes = prefixes.map((prefix) => ipaddr.parseCIDR(prefix))
  const byIpaddr = (text: string): boolean => {
    const address = ipaddr.parse(text)
    return parsedPrefixes.some((prefix) => prefix[0].kind() === address.kind() && address.match(prefix))
  }
  const calls = 8
  return [
    ['ipaddr.js, IPv4 text', nanoseconds(ipv4, byIpaddr, calls)],
    ['ipaddr.js, IPv6 text', nanoseconds(ipv6, byIpaddr, calls)],
    ['ip-range-check, IPv4 text', nanoseconds(ipv4, (text) => ipRangeCheck(text, [...prefixes]), 1)],
  ]
}

export const whitelistRows = async (): Promise<Row[]> => {
  if (!arePublishedHere) {
    console.log('whitelist: not measured. PROVIDER_DOCUMENTS names no folder with the published lists.')
    return []
  }
  const documents = readDocuments(documentsFolder)
  const lists = readLists(documents)
  const texts = textsOf(documents)
  const prefixes = providers.flatMap((provider) => prefixesIn(texts[provider]))
  const stored = providers.map((provider) => buildRangeItems(lists[provider]).whole.bytes)
  const decode = (): (RangeItem | undefined)[] => stored.map((bytes) => decodeRangeItem(bytes))
  const items = decode().filter((item) => item !== undefined)
  const intervals = items.map((item): Intervals => item.intervals)
  const isPublished = (address: Address): boolean => intervals.some((some) => intervalsHold(some, address))

  const isTextPublished = (text: string): boolean => {
    const address = parseAddress(text)
    return address !== undefined && isPublished(address)
  }

  const ranges: WhitelistRanges = ({ provider }) => {
    const item = items.find(({ subject }) => subject === provider)
    if (item === undefined) return undefined
    return {
      state: 'ready',
      providerVersion: item.version,
      prefixOf: (address) => blockAround(item.intervals, address),
    }
  }
  const whitelist = compileWhitelist(providers)
  const answer = (text: string): unknown => matchWhitelist(whitelist, text, ranges)

  const blockList = new BlockList()
  for (const prefix of prefixes) {
    const [address = '', length] = prefix.split('/')
    blockList.addSubnet(address, Number(length), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  const ipv4 = mixedAddresses(prefixes, 4)
  const ipv6 = mixedAddresses(prefixes, 6)
  const size = stored.reduce((sum, bytes) => sum + bytes.length, 0) / 1024
  const row = (name: string, value: number, unit: string, limit: number | null): Row => ({
    name: `whitelist: ${name}`,
    value,
    unit,
    limit,
  })
  const parseLargest = (): unknown => {
    const outcome = parseAzureList(documents.azure, documents.azureFileName)
    return outcome.ok ? mergeNetworks(outcome.list.networks) : outcome
  }
  const all = (texts: readonly string[], call: (text: string) => unknown) => () => {
    for (const text of texts) call(text)
  }
  const turns = await cpuInTurns(
    {
      own4: all(ipv4, isTextPublished),
      list4: all(ipv4, (text) => blockList.check(text, 'ipv4')),
      own6: all(ipv6, isTextPublished),
      list6: all(ipv6, (text) => blockList.check(text, 'ipv6')),
    },
    5,
  )
  const perAddress = (name: string): number => ((turns.get(name) ?? Number.NaN) * 1000) / addressCount
  return [
    row('IPv4 lookup over five providers', nanoseconds(parsed(ipv4), isPublished), 'ns', 200),
    row('IPv6 lookup over five providers', nanoseconds(parsed(ipv6), isPublished), 'ns', 400),
    row('IPv4 text in, yes or no out', perAddress('own4'), 'ns', 1000),
    row('IPv6 text in, yes or no out', perAddress('own6'), 'ns', 1000),
    row('net.BlockList, IPv4 text', perAddress('list4'), 'ns', null),
    row('net.BlockList, IPv6 text', perAddress('list6'), 'ns', null),
    row('IPv4 text / net.BlockList', perAddress('own4') / perAddress('list4'), '×', 1),
    row('IPv6 text / net.BlockList', perAddress('own6') / perAddress('list6'), '×', 1.6),
    row('IPv4 text in, answer with prefix out', nanoseconds(ipv4, answer), 'ns', 1000),
    row('IPv6 text in, answer with prefix out', nanoseconds(ipv6, answer), 'ns', 1000),
    ...libraryRows(prefixes, ipv4, ipv6).map(([name, value]) => row(name, value, 'ns', null)),
    row('stored bytes of five providers made ready', milliseconds(decode, 200), 'ms', 1),
    row('stored bytes of five providers', size, 'KB', 120),
    row('largest document parsed and merged', milliseconds(parseLargest, 9), 'ms', 150),
    row('memory for the largest document', parsingMegabytes(), 'MB', 128),
  ]
}
