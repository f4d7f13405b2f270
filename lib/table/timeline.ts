import type { Key } from './keys.ts'
import type { TimelineName } from './schema.ts'

/** Matches items that are in one of these partitions in at least one of these indexes. */
export type TimelineTerm = {
  readonly names: readonly TimelineName[]
  readonly partitions: readonly string[]
}

/** Positions in a timeline: at or after `from`, before `below`. */
export type TimelineSpan = { readonly from: string; readonly below: string }

export type TimelineEntry = Key & { readonly position: string }

/** `next`: the upper bound (exclusive) of the next part; null at the end. */
export type TimelinePart = { readonly entries: readonly TimelineEntry[]; readonly next: string | null }

/**
 * How many to read from each of several partitions over which as many are spread by chance. The result is complete for fewer than `count`,
 * so a page can take a read more; reading `count` from each would cost as many times more as there are partitions.
 */
export const shareOf = (count: number, partitions: readonly unknown[]): number =>
  partitions.length === 1 ? count : Math.ceil(count / partitions.length) + 2

export type ReadTimeline = (
  terms: readonly [TimelineTerm, ...TimelineTerm[]],
  span: TimelineSpan,
  want: number,
  most: number,
) => Promise<TimelinePart>

/** Limits of one page. */
export type PageBounds = {
  readonly rows: number
  /** Total length of the stored rows as JSON, in UTF-16 code units. */
  readonly length: number
  readonly rowsPerRead: number
  /** Maximum number of reads. The page then ends with a cursor, even if a filter matched almost nothing. */
  readonly reads: number
}

/** Rows read at once, each up to 400 KB. */
const rowsAtOnce = 25

/** Reads one page of rows through a timeline. @param keep false leaves a row out. */
export const collectTimeline = async <Row>(
  read: (span: TimelineSpan, want: number, most: number) => Promise<TimelinePart>,
  readRows: (keys: readonly Key[]) => Promise<readonly (Row | undefined)[]>,
  keep: (row: Row) => boolean | Promise<boolean>,
  span: TimelineSpan,
  bounds: PageBounds,
): Promise<{ readonly rows: readonly Row[]; readonly next: string | null }> => {
  const rows: Row[] = []
  let length = 0
  let below: string | null = span.below
  for (let reads = 0; below !== null && span.from < below && reads < bounds.reads; reads += 1) {
    const want = Math.min(bounds.rowsPerRead, bounds.rows - rows.length)
    const part: TimelinePart = await read({ from: span.from, below }, want, bounds.rowsPerRead)
    for (let first = 0; first < part.entries.length; first += rowsAtOnce) {
      const entries = part.entries.slice(first, first + rowsAtOnce)
      const found = await readRows(entries.map(({ pk, sk }) => ({ pk, sk })))
      for (const [index, row] of found.entries()) {
        // TTL may have deleted a row that is still in the index.
        const isKept = row !== undefined && (await keep(row))
        const rowLength = isKept ? JSON.stringify(row).length : 0
        // A page has at least one row; otherwise a large row would block all following pages.
        if (rows.length > 0 && length + rowLength > bounds.length) return { rows, next: below }
        below = entries[index]?.position ?? below
        if (!isKept) continue
        rows.push(row)
        length += rowLength
      }
    }
    below = part.next
    if (rows.length === bounds.rows) break
  }
  return { rows, next: below === null || below <= span.from ? null : below }
}

/** Clocks differ between machines, so the newest row can have a time in the future. */
const clockSkewMilliseconds = 60_000

type TimelineQuery = {
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** The position at which the page before ended. */
  readonly cursor?: string | undefined
}

/**
 * The span of a query, or its rest after the cursor.
 *
 * @param earliest time of the oldest possible row; like `now` in milliseconds since 1970.
 */
export const timelineSpan = (
  { from, to, cursor }: TimelineQuery,
  earliest: number,
  now: number,
): TimelineSpan => {
  const latest = now + clockSkewMilliseconds
  const end = positionAt(to === undefined ? latest : Math.min(Date.parse(to), latest))
  const since = from === undefined ? earliest : Math.max(earliest, Math.min(Date.parse(from), latest))
  const position = cursor ?? end
  const isBeforeEnd = position < end
  return { from: positionAt(since), below: isBeforeEnd ? position : end }
}

/** Always with milliseconds: as text, `2026-11-21T09:00:00Z` sorts after `2026-11-21T09:00:00.000Z`. */
const positionAt = (milliseconds: number): string => new Date(milliseconds).toISOString()
