import type { UsageGrouping, UsagePage, UsageQuery, UsageSum } from './usage-endpoints.ts'
import type { HourlyCount, UsagePart, UsageSpan } from './usage-parts.ts'
import { dayMilliseconds, hourMilliseconds, hourOf, isWanted, startOfHour } from './usage-parts.ts'

type SumsQuery = UsageQuery & { readonly by: readonly UsageGrouping[] }
type Bounds = UsageSpan & { readonly mostCounts: number }

const defaultTop = 100
/** Numbers in one answer: some 2 MB of the 6 MB that Lambda allows. */
const mostNumbers = 400_000
/** Hours or days in one answer, a month of hours. */
const mostTimes = 31 * 24

/** What has been counted of one value. */
type Tally = {
  count: number
  refused: number
  /** Place and count of each time that has requests, one after the other: a list of all times for each of 100,000 credentials is 1 GB. */
  readonly counts: number[]
  /** Requests that the limit of protected APIs counts: the most in one hour, and those of the last hour. */
  busiest: number
  lastHour: string
  inLastHour: number
}

const newTally = (place: number): Tally => ({
  ...{ count: 0, refused: 0, counts: [place, 0], busiest: 0, lastHour: '', inLastHour: 0 },
})

/** @param place of the time in the page */
const add = (tally: Tally, { hour, api, reason, count }: HourlyCount, place: number): void => {
  tally.count += count
  const { counts } = tally
  const last = counts.length - 1
  // The hours come in their order.
  if (counts[last - 1] === place) counts[last] = (counts[last] ?? 0) + count
  else counts.push(place, count)
  if (reason !== 'allowed') tally.refused += count
  else if (api !== 'postern') {
    if (tally.lastHour !== hour) Object.assign(tally, { lastHour: hour, inLastHour: 0 })
    tally.inLastHour += count
    tally.busiest = Math.max(tally.busiest, tally.inLastHour)
  }
}

const valueIn = (count: HourlyCount, by: UsageGrouping): string => (by === 'user' ? count.userId : count[by])

/** One page of sums: of as many whole hours as a page may read, at least one. */
export const readSums = async (
  parts: AsyncIterable<UsagePart>,
  query: SumsQuery,
  { from, to, mostCounts }: Bounds,
): Promise<UsagePage> => {
  const { by, groupBy = 'day', top = defaultTop } = query
  const unit = groupBy === 'hour' ? hourMilliseconds : dayMilliseconds
  const first = from - (from % unit)
  const times = Math.min(mostTimes, Math.floor(mostNumbers / (by.length * (top + 1))))
  const end = Math.min(to, first + times * unit)
  const all = newTally(0)
  const groups = by.map((grouping) => ({ grouping, tallies: new Map<string, Tally>() }))

  const count = (one: HourlyCount): void => {
    const place = Math.floor((startOfHour(one.hour) - first) / unit)
    add(all, one, place)
    for (const { grouping, tallies } of groups) {
      const value = valueIn(one, grouping)
      const tally = tallies.get(value) ?? newTally(place)
      tallies.set(value, tally)
      add(tally, one, place)
    }
  }

  let wholeUntil = from
  let read = 0
  for await (const { counts, until } of parts) {
    for (const one of counts.filter(isWanted(query))) if (startOfHour(one.hour) < end) count(one)
    wholeUntil = Math.min(until, end)
    read += counts.length
    if (wholeUntil === end || read >= mostCounts) break
  }
  const starts = Array.from({ length: Math.ceil((wholeUntil - first) / unit) }, (_, i) => first + i * unit)
  return {
    rows: [],
    sums: {
      from: new Date(from).toISOString(),
      wholeUntil: new Date(Math.max(from, wholeUntil)).toISOString(),
      times: starts.map((start) => new Date(start).toISOString()),
      busiestHour: all.busiest,
      lines: groups.flatMap(({ grouping, tallies }) => linesOf(grouping, tallies, all, top, starts.length)),
    },
    nextCursor: wholeUntil < to ? hourOf(wholeUntil) : null,
  }
}

/** The largest values, each as a line, and all others as one more. */
const linesOf = (
  by: UsageGrouping,
  tallies: ReadonlyMap<string, Tally>,
  all: Tally,
  top: number,
  times: number,
): UsageSum[] => {
  const countsOf = ({ counts }: Tally): number[] => {
    const byTime = new Array<number>(times).fill(0)
    for (let at = 0; at < counts.length; at += 2) byTime[counts[at] ?? 0] = counts[at + 1] ?? 0
    return byTime
  }
  const sorted = [...tallies].toSorted(
    ([one, { count }], [other, { count: otherCount }]) => otherCount - count || (one < other ? -1 : 1),
  )
  const lines = sorted.slice(0, top).map(
    ([value, tally]): UsageSum => ({
      ...{ by, value, values: 1, count: tally.count, refused: tally.refused },
      ...{ counts: countsOf(tally), busiestHour: tally.busiest },
    }),
  )
  if (sorted.length <= top) return lines
  const rest = (of: (one: Pick<Tally, 'count' | 'refused'>) => number): number =>
    lines.reduce((left, line) => left - of(line), of(all))
  return [
    ...lines,
    {
      ...{ by, value: null, values: sorted.length - top },
      ...{ count: rest(({ count }) => count), refused: rest(({ refused }) => refused) },
      counts: countsOf(all).map((sum, place) =>
        lines.reduce((left, { counts }) => left - (counts[place] ?? 0), sum),
      ),
      busiestHour: null,
    },
  ]
}
