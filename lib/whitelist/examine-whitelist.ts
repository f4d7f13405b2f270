import { DomainError } from '../effects/domain-error.ts'
import type { ProviderEntry } from './entry.ts'
import { formatEntry, parseEntry, type WhitelistEntry } from './entry.ts'
import type { Provider } from './provider.ts'
import type { StoredProviderData } from './provider-ranges.ts'
import { bigIntervals, countAddresses } from './ranges/intervals.ts'
import { decodeRangeItem } from './ranges/range-item.ts'
import { nearestNames, type ProviderReach, whitelistWarnings } from './reach.ts'

/** Reads the stored lists of the providers, for requests that save or show a whitelist. */
export type ProviderLists = {
  readonly readProviderData: (
    wanted: readonly Provider[],
    entries: readonly ProviderEntry[],
  ) => Promise<StoredProviderData>
  readonly readProviderNames: (provider: Provider) => Promise<readonly string[]>
}

export type ExaminedWhitelist = {
  /** Names that are not in the provider's list, by the index of their entry. */
  readonly refusals: readonly { readonly index: number; readonly message: string }[]
  readonly warnings: readonly string[]
}

const reachIn = (bytes: Uint8Array | undefined): ProviderReach | undefined => {
  const item = bytes === undefined ? undefined : decodeRangeItem(bytes)
  if (item === undefined) return undefined
  const { intervals } = item
  return {
    ipv4Addresses: Number(countAddresses(bigIntervals(intervals, 4))),
    ipv6Blocks: intervals.ipv6First.length / 4,
  }
}

const refusalOf = async (
  lists: ProviderLists,
  { provider, narrowing = '' }: ProviderEntry,
): Promise<string> => {
  const nearest = nearestNames(provider, narrowing, await lists.readProviderNames(provider))
  const suggestion = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(' or ')}?`
  return `The published list of ${provider} has no ${narrowing}.${suggestion}`
}

/**
 * Finds provider names that do not exist, and warnings about wide entries. Reads nothing if there are no provider words. Before the
 * first successful download of a list its names cannot be checked: such an entry gets a warning and matches nothing until then.
 */
export const examineWhitelist = async (
  lists: ProviderLists,
  texts: readonly string[],
): Promise<ExaminedWhitelist> => {
  const parsed = texts.map(parseEntry)
  const entries = parsed.flatMap((each): WhitelistEntry[] => (each.ok ? [each.entry] : []))
  const words = entries.flatMap((entry) => (entry.kind === 'provider' ? [entry] : []))
  if (words.length === 0) return { refusals: [], warnings: whitelistWarnings(entries, () => undefined) }

  const wanted = [...new Set(words.map(({ provider }) => provider))]
  const data = await lists.readProviderData(wanted, words)
  const refusals: { index: number; message: string }[] = []
  for (const [index, each] of parsed.entries()) {
    if (!each.ok || each.entry.kind !== 'provider') continue
    const { entry } = each
    const isPublished = data.ranges.has(formatEntry(entry))
    const isUnknown = entry.narrowing !== undefined && !isPublished && data.freshness.has(entry.provider)
    if (isUnknown) refusals.push({ index, message: await refusalOf(lists, entry) })
  }
  return {
    refusals,
    warnings: whitelistWarnings(entries, (entry) => reachIn(data.ranges.get(formatEntry(entry)))),
  }
}

/** @throws DomainError invalid_request, with one error per unknown provider name */
export const refuseUnpublished = ({ refusals }: ExaminedWhitelist, field: 'whitelist' | 'entries'): void => {
  if (refusals.length === 0) return
  throw new DomainError('invalid_request', {
    errors: refusals.map(({ index, message }) => ({ path: `${field}.${index}`, message })),
  })
}
