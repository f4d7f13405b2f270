import type { Provider } from '../whitelist/provider.ts'
import { bigIntervals, countAddresses, type Intervals } from '../whitelist/ranges/intervals.ts'
import { decodeRangeItem } from '../whitelist/ranges/range-item.ts'
import type { PublishedList } from './lists/published-list.ts'
import type { Held, StoredChange, StoredList, StoredLosses, StoredProviderState } from './provider-state.ts'
import type { Loss } from './ranges/accept-update.ts'
import type { BuiltList, BuiltRanges } from './ranges/build-range-items.ts'
import { rangeDifference } from './ranges/range-difference.ts'
import type { RefusedList } from './refused-list.ts'
import { packList } from './refused-list.ts'

/** The last good version. `names`: the mark of each stored narrowing by name. */
export type LastGood = {
  readonly state: StoredProviderState | undefined
  readonly whole: Uint8Array | undefined
  readonly names: ReadonlyMap<string, string>
}

export type AcceptedUpdate = {
  /** Stored first: only the refresh that wrote it continues. */
  readonly claimed: StoredProviderState
  readonly state: StoredProviderState
  readonly change: StoredChange
  readonly whole: BuiltRanges
  /** Only new or different narrowings. */
  readonly changed: readonly BuiltRanges[]
  readonly removedNames: readonly string[]
  readonly names: ReadonlyMap<string, string>
  /** The same list including the held narrowings, for an administrator to accept. */
  readonly refused: RefusedList | null
}

const nothingYet = (provider: Provider): StoredProviderState => ({
  provider,
  revision: 0,
  list: null,
  checkedAt: null,
  lastError: null,
  lastChange: null,
  refusedHash: null,
  held: [],
})

/** 64 bits distinguish the contents; 3,000 full hashes would approach the 400 KB of an item. */
export const markOf = ({ fingerprint }: BuiltRanges): string => fingerprint.slice(0, 16)

/** Undefined for a damaged item; the next good download replaces it. */
export const storedIntervals = (lastGood: LastGood): Intervals | undefined =>
  lastGood.whole === undefined ? undefined : decodeRangeItem(lastGood.whole)?.intervals

const describeList = (list: PublishedList, built: BuiltList, acceptedAt: string): StoredList => {
  const { intervals, bytes } = built.whole
  const header = decodeRangeItem(bytes)
  return {
    version: built.version,
    serials: [...list.serials],
    publishedAtSeconds: list.publishedAtSeconds ?? null,
    fingerprint: built.fingerprint,
    acceptedAt,
    ipv4Prefixes: header?.ipv4Prefixes ?? 0,
    ipv6Prefixes: header?.ipv6Prefixes ?? 0,
    ipv4Intervals: intervals.ipv4First.length,
    ipv6Intervals: intervals.ipv6First.length / 4,
    ipv4Addresses: Number(countAddresses(bigIntervals(intervals, 4))),
    narrowings: built.narrowed.length,
  }
}

/** The same bound as for blocks. */
const namedLosses = 100

const lossesShown = (losses: readonly Loss[], held: readonly Held[]): StoredLosses => {
  const heldNames = new Set(held.map(({ name }) => name))
  const narrowings = losses.map(({ name, gone, blocks, keptShare }) => ({
    ...{ name, gone, blocks, keptPercent: Math.floor(keptShare * 100), held: heldNames.has(name) },
  }))
  return {
    count: losses.length,
    narrowings: narrowings
      .toSorted((one, other) => Number(other.held) - Number(one.held))
      .slice(0, namedLosses),
  }
}

/** A downloaded list and the last good one. */
export type Candidate = {
  readonly list: PublishedList
  readonly built: BuiltList
  readonly lastGood: LastGood
  readonly losses: readonly Loss[]
  /** ISO 8601: time of the download. */
  readonly at: string
}

const spacesOf = ({ lastGood, built }: Candidate) => {
  const { added, removed } = rangeDifference(storedIntervals(lastGood), built.whole.intervals)
  return {
    added: { ...added, blocks: [...added.blocks] },
    removed: { ...removed, blocks: [...removed.blocks] },
  }
}

/** The refused part of a list, for review and acceptance. */
export const refusedListOf = (
  candidate: Candidate,
  why: { readonly reason: string; readonly detail: string },
  held: readonly Held[],
): RefusedList => {
  const { list, built, losses, at } = candidate
  const parts = packList(list)
  const summary = {
    provider: list.provider,
    hash: built.fingerprint,
    at,
    ...why,
    list: describeList(list, built, at),
    ...spacesOf(candidate),
    losses: lossesShown(losses, held),
    partCount: parts.length,
  }
  return { summary, parts }
}

export const stateBefore = ({ state }: LastGood, provider: Provider): StoredProviderState =>
  state ?? nothingYet(provider)

const heldReason = 'narrowings_held'

/** Puts the list in force; held narrowings keep their addresses. */
export const updateOf = (candidate: Candidate, held: readonly Held[], now: string): AcceptedUpdate => {
  const { list, built, lastGood, losses, at } = candidate
  const before = stateBefore(lastGood, list.provider)
  const change: StoredChange = {
    at: now,
    fromVersion: before.list?.version ?? null,
    toVersion: built.version,
    ...spacesOf(candidate),
    losses: lossesShown(losses, held),
  }
  const heldNames = new Set(held.map(({ name }) => name))
  const names = new Map(built.narrowed.map((ranges) => [ranges.name, markOf(ranges)]))
  for (const name of heldNames) {
    const mark = lastGood.names.get(name)
    if (mark !== undefined) names.set(name, mark)
  }
  const unfinished = before.list === null ? null : { ...before.list, fingerprint: '' }
  const claimed = { ...before, revision: before.revision + 1, list: unfinished }
  const detail = `${held.length} narrowings that whitelists name keep their last good addresses`
  const refused = held.length === 0 ? null : refusedListOf(candidate, { reason: heldReason, detail }, held)
  return {
    claimed,
    state: {
      provider: list.provider,
      revision: claimed.revision + 1,
      list: describeList(list, built, now),
      checkedAt: at,
      lastError: null,
      lastChange: change,
      refusedHash: refused === null ? null : built.fingerprint,
      held: [...held],
    },
    change,
    whole: built.whole,
    changed: built.narrowed.filter(
      (ranges) => !heldNames.has(ranges.name) && lastGood.names.get(ranges.name) !== markOf(ranges),
    ),
    removedNames: [...lastGood.names.keys()].filter((name) => !names.has(name)),
    names,
    refused,
  }
}
