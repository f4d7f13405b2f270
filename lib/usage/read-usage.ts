import type { Caller } from '../contract/operation.ts'
import { invalidField } from '../effects/domain-error.ts'
import { readSums } from './read-sums.ts'
import type { UsageCount, UsagePage, UsageQuery } from './usage-endpoints.ts'
import type { HourlyCount, ReadUsageDay } from './usage-parts.ts'
import { dayMilliseconds, hourOf, isWanted, partsOf, spanOf, startOfHour } from './usage-parts.ts'

export type ReadUsageDependencies = {
  readonly now: () => number
  readonly readUsageDay: ReadUsageDay
  /** A page ends after the hour (without `by` and by day: after the day) in which it has read so many. */
  readonly mostCounts?: number
}

const defaultRows = 1000
/** Days read for one page of rows. The page then ends with a cursor, even if it is empty. */
const daysPerPage = 31
/** Some 2 s with the function's share of a vCPU. */
const mostCountsPerPage = 250_000

/** The position of a row in the list. Begins with its time, so that rows of a later time follow. */
const positionOf = ({ from, userId, credential, api, endpoint, reason }: UsageCount): string =>
  [from, userId, credential, api, endpoint, reason].join(' ')

/** The counts of the caller's organization, in the order of time, or their sums. @throws DomainError invalid_request */
export const readUsage = async (
  { readUsageDay, now, mostCounts = mostCountsPerPage }: ReadUsageDependencies,
  { subject }: Caller,
  query: UsageQuery,
): Promise<UsagePage> => {
  if (query.by === undefined && query.top !== undefined) throw invalidField('top', 'needs `by`')
  if (query.by !== undefined && query.limit !== undefined)
    throw invalidField('limit', 'is for rows; sums have `top`')
  const { organizationId } = subject.organization
  const { groupBy = 'day', limit = defaultRows, cursor = '', by } = query
  const asked = spanOf(query, now())
  const first = cursor === '' ? asked.from : Math.max(asked.from, startOfHour(cursor))
  const parts = partsOf(readUsageDay, organizationId, { ...asked, from: first })
  if (by !== undefined) return readSums(parts, { ...query, by }, { ...asked, from: first, mostCounts })

  const rows: UsageCount[] = []
  const last = first - (first % dayMilliseconds) + daysPerPage * dayMilliseconds
  let counts: HourlyCount[] = []
  let read = 0
  for await (const part of parts) {
    read += part.counts.length
    counts = counts.concat(part.counts.filter(isWanted(query)))
    const isWhole = groupBy === 'hour' || part.until % dayMilliseconds === 0 || part.until === asked.to
    if (!isWhole) continue
    for (const row of summed(counts, groupBy)) {
      if (positionOf(row) <= cursor) continue
      const before = rows.at(-1)
      if (rows.length === limit && before !== undefined) return pageOf(rows, positionOf(before))
      rows.push(row)
    }
    counts = []
    if (part.until < asked.to && (read >= mostCounts || part.until >= last))
      return pageOf(rows, hourOf(part.until))
  }
  return pageOf(rows, null)
}

const pageOf = (rows: UsageCount[], nextCursor: string | null): UsagePage => ({
  rows,
  sums: null,
  nextCursor,
})

/** One row for each time and kind of request, in their order. */
const summed = (counts: readonly HourlyCount[], groupBy: 'hour' | 'day'): UsageCount[] => {
  const rows = new Map<string, UsageCount>()
  for (const { hour, ...count } of counts) {
    const from = groupBy === 'hour' ? `${hour}:00:00.000Z` : `${hour.slice(0, 10)}T00:00:00.000Z`
    const position = positionOf({ from, ...count })
    rows.set(position, { from, ...count, count: count.count + (rows.get(position)?.count ?? 0) })
  }
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row)
}
