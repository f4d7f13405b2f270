import type { ProviderEntry, WhitelistEntry } from './entry.ts'
import { formatEntry } from './entry.ts'
import { narrowings, type Provider } from './provider.ts'

/** The size of a provider entry's address space. */
export type ProviderReach = { readonly ipv4Addresses: number; readonly ipv6Blocks: number }

/** Wider ranges get a warning. An IPv4 /16 has 65,536 addresses; an IPv6 /32 is the allocation of a whole network provider. */
const wideIpv4 = 16
const wideIpv6 = 32

const inWords = (addresses: number): string => {
  if (addresses >= 1_000_000) return `${(addresses / 1_000_000).toFixed(1)} million`
  return addresses.toLocaleString('en-US')
}

const providerWarning = (entry: ProviderEntry, reach: ProviderReach | undefined): string => {
  const text = formatEntry(entry)
  if (reach === undefined) {
    return `${text} matches no address: its published list is not available. Every refresh tries again.`
  }
  const { parts, examples } = narrowings[entry.provider]
  const narrower = parts > 0 && entry.narrowing === undefined ? ` Narrow it if possible: ${examples}.` : ''
  const space = `${inWords(reach.ipv4Addresses)} IPv4 addresses and ${reach.ipv6Blocks.toLocaleString('en-US')} blocks of IPv6`
  return `${text} allows ${space}. Anyone can rent one of them.${narrower}`
}

const networkWarning = (entry: Extract<WhitelistEntry, { kind: 'network' }>): string | undefined => {
  const { address, prefixLength } = entry.network
  const isWide = prefixLength < (address.family === 4 ? wideIpv4 : wideIpv6)
  if (!isWide) return undefined
  const size =
    address.family === 4 ? `${inWords(2 ** (32 - prefixLength))} addresses` : `a /${prefixLength} of IPv6`
  return `${formatEntry(entry)} allows ${size}. Use narrower ranges if possible.`
}

/** Warnings about entries that allow many addresses, or none. */
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
 * The published names most similar to an unknown one: first those that differ only in case and punctuation, then those with the same
 * beginning, then those that contain it.
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
