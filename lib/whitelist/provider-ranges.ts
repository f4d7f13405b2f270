import type { ProviderEntry } from './entry.ts'
import { formatEntry } from './entry.ts'
import type { RangeLookup, WhitelistRanges } from './match.ts'
import type { Provider } from './provider.ts'
import { blockAround } from './ranges/interval-search.ts'
import { decodeRangeItem, type RangeItem } from './ranges/range-item.ts'

export type ProviderFreshness = {
  readonly revision: number
  readonly checkedAtMilliseconds: number
  /** When the refresh that wrote the list accepted it, before its first write. */
  readonly acceptedAtMilliseconds: number
}

export type StoredProviderData = {
  readonly freshness: ReadonlyMap<Provider, ProviderFreshness>
  /** By the canonical text of the entry. */
  readonly ranges: ReadonlyMap<string, Uint8Array>
}

export type ProviderRangesDependencies = {
  /** One storage call for both. Not a snapshot: a list that is replaced meanwhile can come with the revision of the new one. */
  readonly read: (
    wanted: readonly Provider[],
    entries: readonly ProviderEntry[],
  ) => Promise<StoredProviderData>
  readonly now: () => number
  /** How long a container uses loaded ranges before it checks the revision again. */
  readonly recheckSeconds: number
  /** Ranges that no download has confirmed for longer match nothing. */
  readonly maximumAgeDays: number
  readonly onReadFailure: (error: unknown) => void
}

export const defaultRecheckSeconds = 60

/** A refresh has ended by then, also by the clock of another machine: twice the timeout of its function. */
export const longestRefreshMilliseconds = 600_000

type Known = { readonly freshness: ProviderFreshness | undefined; readonly knownSince: number }
type Loaded = { readonly item: RangeItem | undefined; readonly revision: number | undefined }

/** Loads the ranges of the entries; the returned lookup is synchronous. */
export type PrepareRanges = (entries: readonly ProviderEntry[]) => Promise<WhitelistRanges>

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]

/**
 * An in-memory cache of provider ranges. Loads each range once per version, and makes no storage call while the revision is fresh.
 * If storage fails, loaded ranges stay in use until they are too old; all others are `unread`.
 */
export const rememberProviderRanges = (dependencies: ProviderRangesDependencies): PrepareRanges => {
  const known = new Map<Provider, Known>()
  const loaded = new Map<string, Loaded>()

  const isSettled = ({ acceptedAtMilliseconds }: ProviderFreshness): boolean =>
    dependencies.now() - acceptedAtMilliseconds > longestRefreshMilliseconds

  const keep = (
    data: StoredProviderData,
    asked: readonly Provider[],
    entries: readonly ProviderEntry[],
  ): void => {
    const knownSince = dependencies.now()
    for (const provider of asked) known.set(provider, { freshness: data.freshness.get(provider), knownSince })
    for (const entry of entries) {
      const subject = formatEntry(entry)
      const bytes = data.ranges.get(subject)
      const item = bytes === undefined ? undefined : decodeRangeItem(bytes)
      const isOwn = item?.subject === subject
      const freshness = known.get(entry.provider)?.freshness
      // Ranges belong to a revision that was read before them. While they may be those of the revision before, they are read again.
      const isRead = !asked.includes(entry.provider) || (freshness !== undefined && isSettled(freshness))
      loaded.set(subject, {
        item: isOwn ? item : undefined,
        revision: isRead ? freshness?.revision : undefined,
      })
    }
  }

  const load = async (wanted: readonly Provider[], entries: readonly ProviderEntry[]): Promise<void> => {
    if (wanted.length === 0 && entries.length === 0) return
    keep(await dependencies.read(wanted, entries), wanted, entries)
  }

  const isLoaded = (entry: ProviderEntry): boolean => loaded.has(formatEntry(entry))
  const isOutdated = (entry: ProviderEntry): boolean =>
    loaded.get(formatEntry(entry))?.revision !== known.get(entry.provider)?.freshness?.revision

  const isTooOld = ({ checkedAtMilliseconds }: ProviderFreshness): boolean =>
    dependencies.now() - checkedAtMilliseconds > dependencies.maximumAgeDays * 86_400_000

  const inMemory = (entry: ProviderEntry): RangeLookup | undefined => {
    const item = loaded.get(formatEntry(entry))?.item
    const freshness = known.get(entry.provider)?.freshness
    if (item === undefined || freshness === undefined) return undefined
    if (isTooOld(freshness)) return { state: 'too_old' }
    const prefixOf = (address: Parameters<typeof blockAround>[1]): string | undefined =>
      blockAround(item.intervals, address)
    return { state: 'ready', providerVersion: item.version, prefixOf }
  }

  return async (entries) => {
    const now = dependencies.now()
    // A missing or too old list is read again for each request, so that a refresh takes effect at once.
    const isStale = (provider: Provider): boolean => {
      const held = known.get(provider)
      if (held?.freshness === undefined || isTooOld(held.freshness)) return true
      const age = now - held.knownSince
      // A negative age means that the clock was set back; a list must not be kept longer for it.
      return age < 0 || age >= dependencies.recheckSeconds * 1000
    }
    try {
      const stale = unique(entries.map(({ provider }) => provider)).filter(isStale)
      await load(
        stale,
        entries.filter((entry) => !isLoaded(entry)),
      )
      await load([], entries.filter(isOutdated))
      return inMemory
    } catch (fault) {
      dependencies.onReadFailure(fault)
      return (entry) => {
        const lookup = inMemory(entry)
        return lookup?.state === 'ready' ? lookup : { state: 'unread', fault }
      }
    }
  }
}
