import type { PageBounds, TimelineSpan } from '../table/timeline.ts'
import type { AuditPartitions } from './shards.ts'
import type { StoredAuditRow } from './stored-audit-row.ts'

export type CollectAuditDependencies = {
  readonly readAuditMonth: (
    organization: AuditPartitions,
    month: string,
    span: TimelineSpan,
    count: number,
  ) => Promise<{ rows: readonly StoredAuditRow[]; more: boolean }>
  readonly now: () => number
}

export type CollectedAudit = {
  readonly rows: readonly StoredAuditRow[]
  /** The upper bound of the next page; null at the end. */
  readonly next: string | null
}

/** Reads rows from newest to oldest, month by month. Strongly consistent. */
export const collectAudit = async (
  dependencies: CollectAuditDependencies,
  organization: AuditPartitions,
  span: TimelineSpan,
  bounds: PageBounds,
): Promise<CollectedAudit> => {
  const nowSeconds = dependencies.now() / 1000
  const rows: StoredAuditRow[] = []
  let length = 0
  let { below } = span
  for (let reads = 0; span.from < below; reads += 1) {
    if (reads === bounds.reads) return { rows, next: below }
    const month = monthBelow(below)
    const read = await dependencies.readAuditMonth(
      organization,
      month,
      { from: span.from, below },
      bounds.rowsPerRead,
    )
    const end = firstInstantOf(month)
    for (const [index, row] of read.rows.entries()) {
      const isWanted = row.expiresAtSeconds > nowSeconds
      const rowLength = isWanted ? JSON.stringify(row).length : 0
      // A page has at least one row; otherwise a large row would block all following pages.
      if (rows.length > 0 && length + rowLength > bounds.length) return { rows, next: below }
      below = row.sk
      if (!isWanted) continue
      rows.push(row)
      length += rowLength
      const isLast = !read.more && index === read.rows.length - 1 && end <= span.from
      if (rows.length === bounds.rows) return { rows, next: isLast ? null : below }
    }
    if (!read.more) below = end
  }
  return { rows, next: null }
}

export const firstInstantOf = (month: string): string => `${month}-01T00:00:00.000Z`

/** The month of the last instant before `below`. */
const monthBelow = (below: string): string => {
  const month = below.slice(0, 7)
  if (below !== firstInstantOf(month)) return month
  return new Date(Date.parse(below) - 1).toISOString().slice(0, 7)
}
