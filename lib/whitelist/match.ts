import { type Address, parseAddress } from './address.ts'
import { type NetworkEntry, type ProviderEntry, parseEntry } from './entry.ts'
import { networkHolds } from './network.ts'

/** The published ranges of one provider entry, or why they cannot be searched. */
export type RangeLookup =
  | {
      readonly state: 'ready'
      readonly providerVersion: string
      /** The published block that contains the address, as CIDR text. */
      readonly prefixOf: (address: Address) => string | undefined
    }
  | { readonly state: 'too_old' }
  /** The table could not be read, so it is unknown whether the address is in these ranges. */
  | { readonly state: 'unread'; readonly fault: unknown }

/** Finds the published ranges of a provider entry; undefined if there are none. */
export type WhitelistRanges = (entry: ProviderEntry) => RangeLookup | undefined

export const noProviderRanges: WhitelistRanges = () => undefined

type UnevaluableReason = 'entry_unparsable' | 'provider_missing' | 'provider_too_old'

/** `entry` is the stored text of an entry. Only `unrestricted` and `matched` let the caller in. */
export type WhitelistOutcome =
  | { readonly outcome: 'unrestricted' }
  | {
      readonly outcome: 'matched'
      readonly entry: string
      /** For a provider entry: the published block and the version of the list. */
      readonly prefix?: string
      readonly providerVersion?: string
    }
  | { readonly outcome: 'no_match' }
  /** The address is missing or is not an IP address. */
  | { readonly outcome: 'address_unreadable' }
  /** No entry matched, and this one could not be evaluated. `why` is a clause for an administrator. */
  | {
      readonly outcome: 'unevaluable'
      readonly entry: string
      readonly reason: UnevaluableReason
      readonly why: string
    }

const unevaluable = (entry: string, reason: UnevaluableReason): WhitelistOutcome => {
  const sentences: Readonly<Record<UnevaluableReason, string>> = {
    entry_unparsable: 'a stored whitelist entry cannot be read',
    provider_missing: `there is no published list for ${entry}`,
    provider_too_old: `the published list for ${entry} is too old to be trusted`,
  }
  return { outcome: 'unevaluable', entry, reason, why: sentences[reason] }
}

/** Memory of one compiled entry in bytes, at most. */
export const bytesOfEntry = 260

/** A parsed whitelist, which many requests can share. */
export type CompiledWhitelist = {
  /** True means no restriction. A list whose entries are all damaged is not empty. */
  readonly isEmpty: boolean
  readonly size: number
  readonly networks: readonly (NetworkEntry & { readonly text: string })[]
  readonly providers: readonly (ProviderEntry & { readonly text: string })[]
  /** The first stored entry that does not parse. */
  readonly unparsable: string | undefined
}

/**
 * `texts` are stored entries. An entry that does not parse matches nothing but still counts as an entry, so that a damaged list
 * does not allow everyone.
 */
export const compileWhitelist = (texts: readonly string[]): CompiledWhitelist => {
  const networks: (NetworkEntry & { text: string })[] = []
  const providers: (ProviderEntry & { text: string })[] = []
  let unparsable: string | undefined
  for (const text of texts) {
    const parsed = parseEntry(text)
    if (!parsed.ok) unparsable ??= text
    else if (parsed.entry.kind === 'network') networks.push({ ...parsed.entry, text })
    else providers.push({ ...parsed.entry, text })
  }
  return { isEmpty: texts.length === 0, size: texts.length, networks, providers, unparsable }
}

const matchProviders = (
  compiled: CompiledWhitelist,
  address: Address,
  ranges: WhitelistRanges,
): WhitelistOutcome => {
  let notTried: WhitelistOutcome | undefined
  let unread: { readonly fault: unknown } | undefined
  for (const entry of compiled.providers) {
    const lookup = ranges(entry)
    if (lookup?.state === 'unread') {
      unread ??= lookup
      continue
    }
    if (lookup?.state !== 'ready') {
      notTried ??= unevaluable(entry.text, lookup === undefined ? 'provider_missing' : 'provider_too_old')
      continue
    }
    const prefix = lookup.prefixOf(address)
    if (prefix !== undefined) {
      return { outcome: 'matched', entry: entry.text, prefix, providerVersion: lookup.providerVersion }
    }
  }
  // A read fault leaves the request undecided; it is not a denial (A2).
  if (unread !== undefined) throw unread.fault
  if (notTried !== undefined) return notTried
  if (compiled.unparsable !== undefined) return unevaluable(compiled.unparsable, 'entry_unparsable')
  return { outcome: 'no_match' }
}

/**
 * Matches a caller's address. An empty list matches every address. Entries that cannot be evaluated are skipped.
 *
 * @throws the fault that prevented a read of ranges, if no other entry matches.
 */
export const matchWhitelist = (
  whitelist: CompiledWhitelist,
  addressText: string | undefined,
  ranges: WhitelistRanges,
): WhitelistOutcome => {
  if (whitelist.isEmpty) return { outcome: 'unrestricted' }
  const address = addressText === undefined ? undefined : parseAddress(addressText)
  if (address === undefined) return { outcome: 'address_unreadable' }
  for (const { network, text } of whitelist.networks) {
    if (networkHolds(network, address)) return { outcome: 'matched', entry: text }
  }
  return matchProviders(whitelist, address, ranges)
}

export const letsIn = (result: WhitelistOutcome): boolean =>
  result.outcome === 'unrestricted' || result.outcome === 'matched'

/** True if a caller at this address would be denied after it saves these entries for itself. */
export const wouldLockOut = (
  texts: readonly string[],
  callerAddress: string | undefined,
  ranges: WhitelistRanges,
): boolean => !letsIn(matchWhitelist(compileWhitelist(texts), callerAddress, ranges))
