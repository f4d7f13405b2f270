import type { Caller } from '../contract/operation.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import { usageKeptDays } from './stored-usage.ts'
import type { UsageCount, UsageQuery } from './usage-endpoints.ts'

/** @property hour as in `UsageRow`. */
export type HourlyCount = Omit<UsageCount, 'from'> & { readonly hour: string }

export type ReadUsageDependencies = {
  readonly now: () => number
  readonly readUsageDay: (organizationId: OrganizationId, day: string) => Promise<readonly HourlyCount[]>
}

type UsagePage = { readonly rows: UsageCount[]; readonly nextCursor: string | null }

const dayMilliseconds = 86_400_000
const hourMilliseconds = 3_600_000
const defaultDays = 7
const defaultRows = 1000
/** Days read for one page. The page then ends with a cursor, even if it is empty. */
const daysPerPage = 31

/** The position of a row in the list. Begins with its time, so that rows of a later day follow. */
const positionOf = ({ from, userId, credential, api, endpoint, reason }: UsageCount): string =>
  [from, userId, credential, api, endpoint, reason].join(' ')

const dayOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10)

/** The counts of the caller's organization, in the order of time. @throws DomainError invalid_request */
export const readUsage = async (
  { readUsageDay, now }: ReadUsageDependencies,
  { subject }: Caller,
  query: UsageQuery,
): Promise<UsagePage> => {
  const { organizationId } = subject.organization
  const { groupBy = 'day', limit = defaultRows } = query
  const earliest = now() - usageKeptDays * dayMilliseconds
  const to = Math.min(
    query.to === undefined ? now() + hourMilliseconds : Date.parse(query.to),
    now() + hourMilliseconds,
  )
  const from = Math.max(
    query.from === undefined ? to - defaultDays * dayMilliseconds : Date.parse(query.from),
    earliest,
  )
  const after = query.cursor ?? ''
  const first = Math.max(from, after === '' ? from : Date.parse(after.slice(0, 10)))

  const isWanted = ({ hour, userId, credential, api }: HourlyCount): boolean => {
    const at = Date.parse(`${hour}:00:00Z`)
    const isInTime = at + hourMilliseconds > from && at < to
    return (
      isInTime &&
      [query.userId ?? userId, query.credential ?? credential, query.api ?? api].join() ===
        [userId, credential, api].join()
    )
  }
  const rows: UsageCount[] = []
  let day = dayOf(first)
  for (let days = 0; Date.parse(day) < to; days += 1) {
    if (days === daysPerPage) return { rows, nextCursor: day }
    const counts = (await readUsageDay(organizationId, day)).filter(isWanted)
    for (const row of summed(counts, groupBy)) {
      if (positionOf(row) <= after) continue
      const last = rows.at(-1)
      if (rows.length === limit && last !== undefined) return { rows, nextCursor: positionOf(last) }
      rows.push(row)
    }
    day = dayOf(Date.parse(day) + dayMilliseconds)
  }
  return { rows, nextCursor: null }
}

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
