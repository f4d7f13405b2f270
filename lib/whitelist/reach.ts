import type { ProviderEntry, WhitelistEntry } from './entry.ts'
import { formatEntry } from './entry.ts'
import { narrowings, type Provider } from './provider.ts'

/** How much address space stands behind a provider entry. */
export type ProviderReach = { readonly ipv4Addresses: number; readonly ipv6Blocks: number }

/** An IPv4 /16 has 65,536 addresses, an IPv6 /32 is what a whole provider gets: wider than that is seldom meant. */
const wideIpv4 = 16
const wideIpv6 = 32

const inWords = (addresses: number): string => {
  if (addresses >= 1_000_000) return `${(addresses / 1_000_000).toFixed(1)} million`
  return addresses.toLocaleString('en-US')
}

const providerWarning = (entry: ProviderEntry, reach: ProviderReach | undefined): string => {
  const text = formatEntry(entry)
  if (reach === undefined) {
    return `${text} lets nobody in: there is no published list for it now. It will be tried again with every refresh.`
  }
  const { parts, examples } = narrowings[entry.provider]
  const narrower = parts > 0 && entry.narrowing === undefined ? ` Narrow it if you can: ${examples}.` : ''
  const space = `${inWords(reach.ipv4Addresses)} IPv4 addresses and ${reach.ipv6Blocks.toLocaleString('en-US')} blocks of IPv6`
  return `${text} lets in ${space}. Anyone can rent one of them.${narrower}`
}

const networkWarning = (entry: Extract<WhitelistEntry, { kind: 'network' }>): string | undefined => {
  const { address, prefixLength } = entry.network
  const isWide = prefixLength < (address.family === 4 ? wideIpv4 : wideIpv6)
  if (!isWide) return undefined
  const size =
    address.family === 4 ? `${inWords(2 ** (32 - prefixLength))} addresses` : `a /${prefixLength} of IPv6`
  return `${formatEntry(entry)} lets in ${size}. Write narrower ranges if you can.`
}

/** What somebody should know who saves these entries: how many strangers they let in. */
export const whitelistWarnings = (
  entries: readonly WhitelistEntry[],
  reachOf: (entry: ProviderEntry) => ProviderReach | undefined,
): string[] =>
  entries.flatMap((entry) => {
    const warning = entry.kind === 'provider' ? providerWarning(entry, reachOf(entry)) : networkWarning(entry)
    return warning === undefined ? [] : [warning]
  })

const suggestions = 3

const comparable = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/**
 * The published names nearest to one that does not exist: first those that differ in case and punctuation only, then those
 * that begin alike, then those that contain it.
 */
export const nearestNames = (
  provider: Provider,
  narrowing: string,
  published: Iterable<string>,
): string[] => {
  const wanted = comparable(narrowing)
  const distanceOf = (name: string): number => {
    const candidate = comparable(name)
    if (candidate === wanted) return 0
    if (wanted === '' || candidate === '') return 3
    if (candidate.startsWith(wanted) || wanted.startsWith(candidate)) return 1
    return candidate.includes(wanted) ? 2 : 3
  }
  return [...published]
    .map((name) => ({ name, distance: distanceOf(name) }))
    .filter(({ distance }) => distance < 3)
    .sort((one, other) => one.distance - other.distance || one.name.length - other.name.length)
    .slice(0, suggestions)
    .map(({ name }) => `${provider}:${name}`)
}
