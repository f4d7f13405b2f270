import type { Answer } from '../../client/operations.ts'

export type UsageCount = Answer<'listUsage'>['rows'][number]
export type Unit = 'hour' | 'day'

export const groupings = ['reason', 'api', 'endpoint', 'credential', 'user'] as const
export type Grouping = (typeof groupings)[number]

/** One line of the picture, and one row of its table. */
export type Series = {
  /** The value of the grouping; null = all that are not among the largest. */
  readonly key: string | null
  /** How many values it stands for. */
  readonly values: number
  /** Requests of each bucket. */
  readonly counts: readonly number[]
  readonly total: number
  readonly refused: number
}

const length = { hour: 3_600_000, day: 86_400_000 } as const

/** The starts of the hours or days in UTC, in milliseconds, from the one that contains `from` to the one that contains `to`. */
export const bucketsBetween = (from: number, to: number, unit: Unit): number[] => {
  const first = Math.floor(from / length[unit]) * length[unit]
  return Array.from(
    { length: Math.floor((to - first) / length[unit]) + 1 },
    (_, i) => first + i * length[unit],
  )
}

const keyOf = (row: UsageCount, by: Grouping): string => (by === 'user' ? row.userId : row[by])

/** The largest groups, each as a series, and all others as one more. Largest first; the others last. */
export const seriesOf = (
  rows: readonly UsageCount[],
  by: Grouping,
  buckets: readonly number[],
  most: number,
): Series[] => {
  const places = new Map(buckets.map((start, index) => [start, index]))
  const seriesFor = (key: string | null, own: readonly UsageCount[]): Series => {
    const counts = buckets.map(() => 0)
    let total = 0
    let refused = 0
    for (const { from, count, reason } of own) {
      const place = places.get(Date.parse(from))
      if (place === undefined) continue
      counts[place] = (counts[place] ?? 0) + count
      total += count
      if (reason !== 'allowed') refused += count
    }
    return { key, values: new Set(own.map((row) => keyOf(row, by))).size, counts, total, refused }
  }
  const groups = [...Map.groupBy(rows, (row) => keyOf(row, by))]
  const all = groups
    .map(([key, own]) => seriesFor(key, own))
    .toSorted((one, other) => other.total - one.total)
  if (all.length <= most) return all
  const shown = all.slice(0, most - 1)
  const keys = new Set(shown.map(({ key }) => key))
  return [
    ...shown,
    seriesFor(
      null,
      rows.filter((row) => !keys.has(keyOf(row, by))),
    ),
  ]
}

/** The most requests of protected APIs in one minute, as the average of the busiest hour. Rows by day count as 24 hours. */
export const busiestMinute = (rows: readonly UsageCount[], unit: Unit): number => {
  const protectedRows = rows.filter(({ api, reason }) => api !== 'postern' && reason === 'allowed')
  const sums = [...Map.groupBy(protectedRows, ({ from }) => from).values()].map((own) =>
    own.reduce((sum, { count }) => sum + count, 0),
  )
  return Math.ceil(Math.max(0, ...sums) / (length[unit] / 60_000))
}
