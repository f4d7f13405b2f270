import { type BigInterval, bigIntervals, countAddresses, type Intervals } from './intervals.ts'

/** What an update is judged by. */
export type RangeState = { readonly intervals: Intervals; readonly serials: readonly number[] }

export type UpdateVerdict =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: 'shrunk' | 'older'; readonly detail: string }

// Math.max and Math.min take no bigint.
const later = (one: bigint, other: bigint): bigint => (one < other ? other : one)

const sharedAddresses = (one: readonly BigInterval[], other: readonly BigInterval[]): bigint => {
  let shared = 0n
  let at = 0
  for (const { first, last } of one) {
    for (; at < other.length; at += 1) {
      const candidate = other[at]
      if (candidate === undefined || candidate.first > last) break
      const reachesBeyond = candidate.last > last
      const from = later(candidate.first, first)
      const to = reachesBeyond ? last : candidate.last
      if (to >= from) shared += to - from + 1n
      // It may hold addresses of the next interval, too.
      if (reachesBeyond) break
    }
  }
  return shared
}

/**
 * Whether a new list may replace the last good one. Refused: a document older than the one we have, and one that no longer
 * holds half of the addresses of either family. What is kept counts, not what the new list has in all, so that a list of
 * other addresses, however many, does not pass either. No good update seen since 2020 lost more than a fifth.
 */
export const acceptUpdate = (previous: RangeState | undefined, next: RangeState): UpdateVerdict => {
  if (previous === undefined) return { accepted: true }
  const comparable = previous.serials.length === next.serials.length
  const olderAt = comparable
    ? next.serials.findIndex((serial, at) => serial < (previous.serials[at] ?? 0))
    : -1
  if (olderAt !== -1) {
    const detail = `${next.serials[olderAt]} is older than ${previous.serials[olderAt]}, which is stored`
    return { accepted: false, reason: 'older', detail }
  }
  for (const family of [4, 6] as const) {
    const before = bigIntervals(previous.intervals, family)
    const held = countAddresses(before)
    const kept = sharedAddresses(before, bigIntervals(next.intervals, family))
    if (held > 0n && kept * 2n <= held) {
      const percent = (kept * 100n) / held
      return {
        accepted: false,
        reason: 'shrunk',
        detail: `only ${percent} % of the IPv${family} addresses are left`,
      }
    }
  }
  return { accepted: true }
}
