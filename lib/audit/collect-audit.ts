import type { StoredAuditRow } from './stored-audit-row.ts'

/** Sort keys: at or after `from`, before `below`. */
export type AuditSpan = { readonly from: string; readonly below: string }

export type AuditFilter = {
  readonly actor?: string | undefined
  readonly target?: string | undefined
  readonly action?: string | undefined
}

export type CollectAuditDependencies = {
  readonly readAuditMonth: (
    organizationId: string,
    month: string,
    span: AuditSpan,
    count: number,
  ) => Promise<{ rows: readonly StoredAuditRow[]; more: boolean }>
  readonly now: () => number
}

/** What one page may hold, and what it may cost. */
export type PageBounds = {
  readonly rows: number
  /** Of the rows as they are stored, in UTF-16 units of their JSON. */
  readonly length: number
  readonly rowsPerRead: number
  /** A filter that fits almost nothing must not read for ever: the page ends, with a place to go on from. */
  readonly reads: number
}

export type CollectedAudit = {
  readonly rows: readonly StoredAuditRow[]
  /** Where the next page begins; null when everything was seen. */
  readonly next: string | null
}

/** Rows from newest to oldest, month by month backwards. */
export const collectAudit = async (
  dependencies: CollectAuditDependencies,
  organizationId: string,
  span: AuditSpan,
  filter: AuditFilter,
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
      organizationId,
      month,
      { from: span.from, below },
      bounds.rowsPerRead,
    )
    const end = firstInstantOf(month)
    for (const [index, row] of read.rows.entries()) {
      const isWanted = row.expiresAtSeconds > nowSeconds && fits(row, filter)
      const rowLength = isWanted ? JSON.stringify(row).length : 0
      // One row always fits, or the page would never end.
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

const fits = (row: StoredAuditRow, { actor, target, action }: AuditFilter): boolean => {
  const hasActor = actor === undefined || row.actor.userId === actor || row.actor.actingUserId === actor
  const hasTarget = target === undefined || row.targetUserId === target || row.targetId === target
  return hasActor && hasTarget && (action === undefined || row.action === action)
}

export const firstInstantOf = (month: string): string => `${month}-01T00:00:00.000Z`

/** The month that holds the last instant before `below`. */
const monthBelow = (below: string): string => {
  const month = below.slice(0, 7)
  if (below !== firstInstantOf(month)) return month
  return new Date(Date.parse(below) - 1).toISOString().slice(0, 7)
}
