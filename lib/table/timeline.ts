import { invalidField } from '../effects/domain-error.ts'
import type { Key } from './keys.ts'
import type { TimelineName } from './schema.ts'

/** Items of which one of these indexes has this partition. */
export type TimelineTerm = { readonly names: readonly TimelineName[]; readonly partition: string }

/** Positions in a timeline: at or after `from`, before `below`. */
export type TimelineSpan = { readonly from: string; readonly below: string }

export type TimelineEntry = Key & { readonly position: string }

/** `next`: where to go on, before that position; null when there is no more. */
export type TimelinePart = { readonly entries: readonly TimelineEntry[]; readonly next: string | null }

export type ReadTimeline = (
  terms: readonly [TimelineTerm, ...TimelineTerm[]],
  span: TimelineSpan,
  want: number,
  most: number,
) => Promise<TimelinePart>

/** What one page may hold, and what it may cost. */
export type PageBounds = {
  readonly rows: number
  /** Of the rows as they are stored, in UTF-16 units of their JSON. */
  readonly length: number
  readonly rowsPerRead: number
  /** A filter that fits almost nothing must not read for ever: the page ends, with a place to go on from. */
  readonly reads: number
}

/** Rows of up to 400 KB are held in memory together. */
const rowsAtOnce = 25

/** One page of what a timeline leads to. @param keep whether a row belongs into the page. */
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
        // One whose time is over may be gone while the index still has it.
        const isKept = row !== undefined && (await keep(row))
        const rowLength = isKept ? JSON.stringify(row).length : 0
        // One row always fits, or the page would never end.
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

/** A time, and the id of what happened then; ids are ours or API Gateway's. */
const positionPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(?:#[0-9A-Za-z_=-]{1,64})?$/

/** A place in a timeline of one organization. It opens nothing: which rows are read follows from the caller, never from the cursor. */
export const writeTimelineCursor = (organizationId: string, position: string): string =>
  Buffer.from(`${organizationId} ${position}`, 'utf8').toString('base64url')

/** @throws DomainError invalid_request, also for a cursor of another organization */
const readTimelineCursor = (organizationId: string, cursor: string): string => {
  const [owner, position = '', ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ')
  if (owner !== organizationId || rest.length > 0 || !positionPattern.test(position)) {
    throw invalidField('cursor', 'is not a cursor of this list')
  }
  return position
}

/** The clocks of two machines may differ: the newest row can bear a time that is still to come here. */
const clockSkewMilliseconds = 60_000

type TimelineQuery = {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly cursor?: string | undefined
}

/**
 * What a query asks for, or what its cursor leaves of it.
 *
 * @param earliest before which there is nothing; like `now` in milliseconds since 1970.
 * @throws DomainError invalid_request
 */
export const timelineSpan = (
  organizationId: string,
  { from, to, cursor }: TimelineQuery,
  earliest: number,
  now: number,
): TimelineSpan => {
  const latest = now + clockSkewMilliseconds
  const end = positionAt(to === undefined ? latest : Math.min(Date.parse(to), latest))
  const since = from === undefined ? earliest : Math.max(earliest, Math.min(Date.parse(from), latest))
  const position = cursor === undefined ? end : readTimelineCursor(organizationId, cursor)
  const goesOn = position < end
  return { from: positionAt(since), below: goesOn ? position : end }
}

/** With milliseconds always: as a text `2026-11-21T09:00:00Z` would come after `2026-11-21T09:00:00.000Z`. */
const positionAt = (milliseconds: number): string => new Date(milliseconds).toISOString()
