import type { Intervals } from '../../whitelist/ranges/intervals.ts'
import { countBlocks, type Kept, keptOf, shareOf } from './kept-share.ts'

/** One narrowing that an update changes. */
type ChangedNarrowing = {
  readonly name: string
  readonly before: Intervals
  /** Undefined if the new list lacks the name. */
  readonly after: Intervals | undefined
}

export type JudgedUpdate = {
  readonly before: Intervals
  readonly after: Intervals
  readonly changed: readonly ChangedNarrowing[]
  /** The unchanged narrowings. */
  readonly unchanged: readonly Intervals[]
}

/** A narrowing that is gone or keeps less than half of a family. */
export type Loss = {
  readonly name: string
  readonly gone: boolean
  /** Former CIDR blocks. */
  readonly blocks: number
  /** 0 to 1, the worse family. */
  readonly keptShare: number
}

export type UpdateVerdict = {
  readonly losses: readonly Loss[]
  /** Null: the list may replace the last good one. */
  readonly refusal: {
    readonly reason: 'shrunk' | 'narrowings_shrunk' | 'narrowing_lost'
    readonly detail: string
  } | null
}

/** In nine years every real list kept at least four fifths; half a list keeps about half. This is in between. */
const leastShare = 2 / 3
const leastShareOfNarrowing = 1 / 2
/** Smaller narrowings often disappear. */
const blocksThatMatter = 8

const noIntervals: Intervals = {
  ipv4First: new Uint32Array(),
  ipv4Last: new Uint32Array(),
  ipv6First: new Uint32Array(),
  ipv6Last: new Uint32Array(),
}

const percent = (share: number): string => `${Math.floor(share * 100)} %`

const families = [4, 6] as const

type Measured = Loss & {
  readonly kept: Readonly<Record<4 | 6, Kept | undefined>>
  /** The whole new list lacks more than half of it. */
  readonly leftProvider: boolean
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const measure = ({ name, before, after = noIntervals }: ChangedNarrowing, whole: Intervals): Measured => {
  const kept = { 4: keptOf(before, after, 4), 6: keptOf(before, after, 6) }
  const both = families.flatMap((family) => kept[family] ?? [])
  const blocks = sum(both.map((each) => each.blocks))
  const published = families.flatMap((family) => keptOf(before, whole, family)?.keptBlocks ?? [])
  return {
    name,
    gone: after === noIntervals,
    blocks,
    keptShare: Math.min(1, ...both.map(shareOf)),
    kept,
    leftProvider: sum(published) < blocks * leastShareOfNarrowing,
  }
}

/** One family, all narrowings: half of the rows may be missing although each prefix remains in another row. */
const shareOfNarrowings = (
  unchanged: readonly Intervals[],
  measured: readonly Measured[],
  family: 4 | 6,
): number => {
  const same = sum(unchanged.map((intervals) => countBlocks(intervals, family)))
  const differing = measured.flatMap(({ kept }) => kept[family] ?? [])
  const blocks = same + sum(differing.map((kept) => kept.blocks))
  return blocks === 0 ? 1 : (same + sum(differing.map((kept) => kept.keptBlocks))) / blocks
}

const refusalOf = (
  { before, after, unchanged }: JudgedUpdate,
  measured: readonly Measured[],
): UpdateVerdict['refusal'] => {
  for (const family of families) {
    const kept = keptOf(before, after, family)
    if (kept !== undefined && shareOf(kept) < leastShare) {
      const detail = `IPv${family} keeps ${percent(kept.keptBlocks / kept.blocks)} of its blocks and ${percent(kept.addressShare)} of its addresses, where no block counts for more than a tenth`
      return { reason: 'shrunk', detail }
    }
    const share = shareOfNarrowings(unchanged, measured, family)
    if (share < leastShare) {
      const detail = `the narrowings together keep ${percent(share)} of their IPv${family} blocks`
      return { reason: 'narrowings_shrunk', detail }
    }
  }
  const lost = measured.filter(
    ({ blocks, keptShare, leftProvider }) =>
      blocks >= blocksThatMatter && keptShare < leastShareOfNarrowing && leftProvider,
  )
  if (lost.length === 0) return null
  const names = lost.slice(0, 5).map(({ name, keptShare }) => `${name} keeps ${percent(keptShare)}`)
  const more = lost.length > names.length ? `, and ${lost.length - names.length} more` : ''
  return {
    reason: 'narrowing_lost',
    detail: `${names.join(', ')}${more}; the rest is in no other part either`,
  }
}

/**
 * Decides whether a new list may replace the last good one, and what each part loses. Only kept addresses count, not the new list's
 * size: any number of other addresses is refused. docs/whitelist.md states the rules and checks them on real histories.
 */
export const judgeUpdate = (update: JudgedUpdate): UpdateVerdict => {
  const measured = update.changed.map((narrowing) => measure(narrowing, update.after))
  const losses = measured
    .filter(({ gone, keptShare }) => gone || keptShare < leastShareOfNarrowing)
    .map(({ name, gone, blocks, keptShare }): Loss => ({ name, gone, blocks, keptShare }))
    .sort((one, other) => other.blocks - one.blocks || (one.name < other.name ? -1 : 1))
  return { losses, refusal: refusalOf(update, measured) }
}

/** Compares the serials of documents from the same sources: undefined, or which is older. */
export const olderThan = (before: readonly number[], after: readonly number[]): string | undefined => {
  if (before.length !== after.length) return undefined
  const at = after.findIndex((serial, index) => serial < (before[index] ?? 0))
  return at === -1 ? undefined : `${after[at]} is older than ${before[at]}, which is stored`
}
