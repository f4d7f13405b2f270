import type { Provider } from '../whitelist/provider.ts'
import type { Intervals } from '../whitelist/ranges/intervals.ts'
import { decodeRangeItem } from '../whitelist/ranges/range-item.ts'
import type { Held, StoredChange, StoredProviderState } from './provider-state.ts'
import type { AcceptedUpdate, Candidate, LastGood } from './provider-update.ts'
import { markOf, refusedListOf, stateBefore, storedIntervals, updateOf } from './provider-update.ts'
import type { PublishedOutcome } from './published-documents.ts'
import { judgeUpdate, type Loss, olderThan, type UpdateVerdict } from './ranges/accept-update.ts'
import { type BuiltList, buildRangeItems } from './ranges/build-range-items.ts'
import type { RefusedList } from './refused-list.ts'

export type RefreshOutcome =
  | { readonly outcome: 'updated'; readonly provider: Provider; readonly change: StoredChange }
  /** `held`: narrowings that await an administrator. */
  | {
      readonly outcome: 'unchanged'
      readonly provider: Provider
      readonly version: string
      readonly held: readonly Held[]
    }
  /** The last good version stays. `older` is not yet an error: caches sometimes serve an old document for hours. */
  | {
      readonly outcome: 'refused' | 'older'
      readonly provider: Provider
      readonly reason: string
      readonly detail: string
    }
  /** A concurrent refresh wrote first. */
  | { readonly outcome: 'superseded'; readonly provider: Provider }

export type RefreshDependencies = {
  readonly readPublished: (provider: Provider) => Promise<PublishedOutcome>
  readonly readLastGood: (provider: Provider) => Promise<LastGood>
  /** The stored ranges of the existing narrowings, by name. */
  readonly readNarrowings: (
    provider: Provider,
    names: readonly string[],
  ) => Promise<ReadonlyMap<string, Uint8Array>>
  /** The provider's narrowings that any whitelist of the deployment names. */
  readonly readNamedNarrowings: (provider: Provider) => Promise<ReadonlySet<string>>
  /** Both write only if the stored revision is one below the state's, and return whether they did. */
  readonly saveUpdate: (update: AcceptedUpdate) => Promise<boolean>
  readonly saveState: (state: StoredProviderState, refused: RefusedList | null) => Promise<boolean>
  readonly now: () => number
  readonly maximumAgeDays: number
  /** Feeds the log, the metrics and the alarm. */
  readonly report: (outcome: RefreshOutcome) => void
}

/** For unchanged content, the only write is a confirmation once a day. */
const confirmationSeconds = 24 * 3600

/** In four years, an old document was served for at most five hours; a refresh runs every six. */
const olderToleratedSeconds = 5.5 * 3600

/** A narrowing missing for this long counts as withdrawn: AWS withdrew a region once in nine years. */
const lossInsistedSeconds = 7 * 86_400

/** Whether a week of downloads was refused for lost narrowings. A shrunk list is never accepted this way. */
const isInsisted = (reason: string, { lastError }: StoredProviderState, now: number): boolean => {
  const isOfPart = reason === 'narrowing_lost' && lastError?.reason === reason
  return isOfPart && now - Date.parse(lastError.since) >= lossInsistedSeconds * 1000
}

/** More at once mean a broken list, not a changed region. They are stored in the state, which must stay small. */
const mostHeld = 100

/** Judges the new list and each narrowing that differs from the stored one. */
export const judgeAgainst = async (
  { readNarrowings }: Pick<RefreshDependencies, 'readNarrowings'>,
  provider: Provider,
  built: BuiltList,
  lastGood: LastGood,
): Promise<UpdateVerdict> => {
  const before = storedIntervals(lastGood)
  if (before === undefined) return { losses: [], refusal: null }
  const next = new Map(built.narrowed.map((ranges) => [ranges.name, ranges]))
  const differing: string[] = []
  const unchanged: Intervals[] = []
  for (const [name, mark] of lastGood.names) {
    const ranges = next.get(name)
    if (ranges !== undefined && markOf(ranges) === mark) unchanged.push(ranges.intervals)
    else differing.push(name)
  }
  const stored = await readNarrowings(provider, differing)
  const changed = differing.flatMap((name) => {
    const bytes = stored.get(name)
    const intervals = bytes === undefined ? undefined : decodeRangeItem(bytes)?.intervals
    return intervals === undefined ? [] : [{ name, before: intervals, after: next.get(name)?.intervals }]
  })
  return judgeUpdate({ before, after: built.whole.intervals, changed, unchanged })
}

/** Narrowings that keep their last good addresses: lost, named by a whitelist, held at most a list's maximum age. */
const heldOf = async (
  { readNamedNarrowings, maximumAgeDays, now }: RefreshDependencies,
  before: StoredProviderState,
  losses: readonly Loss[],
): Promise<readonly Held[]> => {
  if (losses.length === 0) return []
  const named = await readNamedNarrowings(before.provider)
  const at = new Date(now()).toISOString()
  const sinceOf = new Map(before.held.map(({ name, since }) => [name, since]))
  return losses
    .filter(({ name }) => named.has(name))
    .map(({ name }) => ({ name, since: sinceOf.get(name) ?? at }))
    .filter(({ since }) => now() - Date.parse(since) <= maximumAgeDays * 86_400_000)
}

const isSame = (one: readonly Held[], other: readonly Held[]): boolean =>
  one.length === other.length && one.every(({ name }) => other.some((held) => held.name === name))

/** Downloads one provider's list and replaces the last good one if it is complete, plausible and different. */
export const refreshProvider = async (
  dependencies: RefreshDependencies,
  provider: Provider,
): Promise<RefreshOutcome> => {
  const published = await dependencies.readPublished(provider)
  const lastGood = await dependencies.readLastGood(provider)
  const before = stateBefore(lastGood, provider)
  const now = dependencies.now()
  const at = new Date(now).toISOString()

  const refuse = async (reason: string, detail: string, candidate?: Candidate): Promise<RefreshOutcome> => {
    const since = before.lastError?.reason === reason ? before.lastError.since : at
    const refused = candidate === undefined ? null : refusedListOf(candidate, { reason, detail }, [])
    const refusedHash = refused === null ? before.refusedHash : refused.summary.hash
    const lastError = { at, since, reason, detail }
    await dependencies.saveState(
      { ...before, revision: before.revision + 1, lastError, refusedHash },
      refused,
    )
    const isPassing = reason === 'older' && now - Date.parse(since) < olderToleratedSeconds * 1000
    return { outcome: isPassing ? 'older' : 'refused', provider, reason, detail }
  }
  if (!published.ok) return refuse(published.reason, published.detail)

  const built = buildRangeItems(published.list)
  const { losses, refusal } = await judgeAgainst(dependencies, provider, built, lastGood)
  const candidate: Candidate = { list: published.list, built, lastGood, losses, at }
  const older = olderThan(before.list?.serials ?? [], published.list.serials)
  if (older !== undefined) return refuse('older', older, candidate)
  if (refusal !== null && !isInsisted(refusal.reason, before, now))
    return refuse(refusal.reason, refusal.detail, candidate)
  const held = await heldOf(dependencies, before, losses)
  if (held.length > mostHeld) {
    const detail = `${held.length} narrowings that whitelists name lose more than half`
    return refuse('narrowings_shrunk', detail, candidate)
  }

  const isIntact = before.list?.fingerprint === built.fingerprint && storedIntervals(lastGood) !== undefined
  if (isIntact && before.list !== null && isSame(before.held, held)) {
    const checkedAt = before.checkedAt === null ? 0 : Date.parse(before.checkedAt)
    const isConfirmationDue = before.lastError !== null || now - checkedAt >= confirmationSeconds * 1000
    if (isConfirmationDue) {
      const list = { ...before.list, version: built.version, serials: [...published.list.serials] }
      const refusedHash = held.length === 0 ? null : built.fingerprint
      const state = {
        ...before,
        revision: before.revision + 1,
        list,
        checkedAt: at,
        lastError: null,
        refusedHash,
      }
      const refused = updateOf(candidate, held, at).refused
      await dependencies.saveState(state, refused)
    }
    return { outcome: 'unchanged', provider, version: built.version, held }
  }
  const update = updateOf(candidate, held, at)
  const saved = await dependencies.saveUpdate(update)
  return saved ? { outcome: 'updated', provider, change: update.change } : { outcome: 'superseded', provider }
}

/** Refreshes in sequence to limit memory. A provider that fails does not stop the others. */
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
