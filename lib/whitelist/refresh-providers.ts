import type { Provider } from './provider.ts'
import type { StoredChange, StoredList, StoredProviderState } from './provider-state.ts'
import type { PublishedOutcome } from './published-documents.ts'
import { acceptUpdate } from './ranges/accept-update.ts'
import { type BuiltList, type BuiltRanges, buildRangeItems } from './ranges/build-range-items.ts'
import { bigIntervals, countAddresses, type Intervals } from './ranges/intervals.ts'
import { rangeDifference } from './ranges/range-difference.ts'
import { decodeRangeItem } from './ranges/range-item.ts'

/** The last good version. `names` is the mark of each stored narrowing by its name. */
export type LastGood = {
  readonly state: StoredProviderState | undefined
  readonly whole: Uint8Array | undefined
  readonly names: ReadonlyMap<string, string>
}

export type AcceptedUpdate = {
  /** Stored before anything else: nobody but the one who wrote it goes on. */
  readonly claimed: StoredProviderState
  readonly state: StoredProviderState
  readonly change: StoredChange
  readonly whole: BuiltRanges
  /** Only the narrowings that are new or differ. */
  readonly changed: readonly BuiltRanges[]
  readonly removedNames: readonly string[]
  readonly names: ReadonlyMap<string, string>
}

export type RefreshOutcome =
  | { readonly outcome: 'updated'; readonly provider: Provider; readonly change: StoredChange }
  | { readonly outcome: 'unchanged'; readonly provider: Provider; readonly version: string }
  /** The last good version stays. */
  | {
      readonly outcome: 'refused'
      readonly provider: Provider
      readonly reason: string
      readonly detail: string
    }
  /** Another refresh was faster. */
  | { readonly outcome: 'superseded'; readonly provider: Provider }

export type RefreshDependencies = {
  readonly readPublished: (provider: Provider) => Promise<PublishedOutcome>
  readonly readLastGood: (provider: Provider) => Promise<LastGood>
  /** Both write only while the stored revision is one below the state's, and answer whether they did. */
  readonly saveUpdate: (update: AcceptedUpdate) => Promise<boolean>
  readonly saveState: (state: StoredProviderState) => Promise<boolean>
  readonly now: () => number
  /** For the log, the metrics and, behind them, the alarm. */
  readonly report: (outcome: RefreshOutcome) => void
}

/** Unchanged content makes no write but this: that it is still current is noted once a day. */
export const confirmationSeconds = 24 * 3600

const nothingYet = (provider: Provider): StoredProviderState => ({
  provider,
  revision: 0,
  list: null,
  checkedAt: null,
  lastError: null,
  lastChange: null,
})

const describeList = (
  built: BuiltList,
  serials: readonly number[],
  publishedAtSeconds: number | undefined,
  acceptedAt: string,
): StoredList => {
  const { intervals, bytes } = built.whole
  const header = decodeRangeItem(bytes)
  return {
    version: built.version,
    serials: [...serials],
    publishedAtSeconds: publishedAtSeconds ?? null,
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

/** A damaged item is no version to compare with; the next good download replaces it. */
const storedIntervals = (lastGood: LastGood): Intervals | undefined =>
  lastGood.whole === undefined ? undefined : decodeRangeItem(lastGood.whole)?.intervals

const isIntact = (lastGood: LastGood, built: BuiltList): boolean => {
  const hasSameList = lastGood.state?.list?.fingerprint === built.fingerprint
  return hasSameList && storedIntervals(lastGood) !== undefined
}

/** 64 bits tell one content from the next; 3,000 whole hashes would come near the 400 KB of an item. */
const markOf = ({ fingerprint }: BuiltRanges): string => fingerprint.slice(0, 16)

const updateOf = (
  before: StoredProviderState,
  list: StoredList,
  built: BuiltList,
  lastGood: LastGood,
  at: string,
): AcceptedUpdate => {
  const difference = rangeDifference(storedIntervals(lastGood), built.whole.intervals)
  const change: StoredChange = {
    at,
    fromVersion: before.list?.version ?? null,
    toVersion: built.version,
    added: { ...difference.added, blocks: [...difference.added.blocks] },
    removed: { ...difference.removed, blocks: [...difference.removed.blocks] },
  }
  const names = new Map(built.narrowed.map((ranges) => [ranges.name, markOf(ranges)]))
  const unfinished = before.list === null ? null : { ...before.list, fingerprint: '' }
  const claimed = { ...before, revision: before.revision + 1, list: unfinished }
  const revision = claimed.revision + 1
  return {
    claimed,
    state: { ...before, revision, list, checkedAt: at, lastError: null, lastChange: change },
    change,
    whole: built.whole,
    changed: built.narrowed.filter((ranges) => lastGood.names.get(ranges.name) !== markOf(ranges)),
    removedNames: [...lastGood.names.keys()].filter((name) => !names.has(name)),
    names,
  }
}

/** Downloads one provider's list and puts it in the place of the last good one, if it is whole, sane and different. */
export const refreshProvider = async (
  dependencies: RefreshDependencies,
  provider: Provider,
): Promise<RefreshOutcome> => {
  const published = await dependencies.readPublished(provider)
  const lastGood = await dependencies.readLastGood(provider)
  const before = lastGood.state ?? nothingYet(provider)
  const now = dependencies.now()
  const at = new Date(now).toISOString()

  const refuse = async (reason: string, detail: string): Promise<RefreshOutcome> => {
    const lastError = { at, reason, detail }
    await dependencies.saveState({ ...before, revision: before.revision + 1, lastError })
    return { outcome: 'refused', provider, reason, detail }
  }
  if (!published.ok) return refuse(published.reason, published.detail)

  const { serials, publishedAtSeconds } = published.list
  const built = buildRangeItems(published.list)
  const stored = storedIntervals(lastGood)
  const previous = stored && { intervals: stored, serials: before.list?.serials ?? [] }
  const verdict = acceptUpdate(previous, { intervals: built.whole.intervals, serials })
  if (!verdict.accepted) return refuse(verdict.reason, verdict.detail)

  if (isIntact(lastGood, built) && before.list !== null) {
    const checkedAt = before.checkedAt === null ? 0 : Date.parse(before.checkedAt)
    const isConfirmationDue = before.lastError !== null || now - checkedAt >= confirmationSeconds * 1000
    if (isConfirmationDue) {
      const list = { ...before.list, version: built.version, serials: [...serials] }
      const state = { ...before, revision: before.revision + 1, list, checkedAt: at, lastError: null }
      await dependencies.saveState(state)
    }
    return { outcome: 'unchanged', provider, version: built.version }
  }
  const list = describeList(built, serials, publishedAtSeconds, at)
  const update = updateOf(before, list, built, lastGood, at)
  const saved = await dependencies.saveUpdate(update)
  return saved ? { outcome: 'updated', provider, change: update.change } : { outcome: 'superseded', provider }
}

/** One after the other, to stay small in memory; a provider that fails, in whatever way, does not stop the next. */
export const refreshProviders = async (
  dependencies: RefreshDependencies,
  wanted: readonly Provider[],
): Promise<readonly RefreshOutcome[]> => {
  const outcomes: RefreshOutcome[] = []
  for (const provider of wanted) {
    const outcome = await refreshProvider(dependencies, provider).catch((error: unknown): RefreshOutcome => {
      const detail = error instanceof Error ? error.message.slice(0, 200) : 'unknown failure'
      return { outcome: 'refused', provider, reason: 'refresh_failed', detail }
    })
    dependencies.report(outcome)
    outcomes.push(outcome)
  }
  return outcomes
}
