export type Unit = 'hour' | 'day'
export const length = { hour: 3_600_000, day: 86_400_000 } as const

/** The times that have a name, up to now. Days are those of UTC, in which the counts are kept. */
const ranges = {
  day: { buckets: 24, unit: 'hour' },
  week: { buckets: 7, unit: 'day' },
  month: { buckets: 30, unit: 'day' },
  quarter: { buckets: 90, unit: 'day' },
} as const satisfies Readonly<Record<string, { readonly buckets: number; readonly unit: Unit }>>
type Range = keyof typeof ranges

/** The time of a picture, in milliseconds since 1970. It has whole hours or days only, but for the one that is not over. */
export type Span = {
  readonly from: number
  /** The end of the last hour. */
  readonly to: number
  readonly unit: Unit
  /** Null = a time of its own. */
  readonly range: Range | null
  /** It was to begin when nothing is kept any more. */
  readonly isCut: boolean
}

const keptDays = 90
/** A longer time is drawn by day. */
const mostHours = 72

const floor = (at: number, unit: Unit): number => Math.floor(at / length[unit]) * length[unit]
const ceil = (at: number, unit: Unit): number => Math.ceil(at / length[unit]) * length[unit]

type TimeQuery = Readonly<Partial<Record<'range' | 'from' | 'to', string | undefined>>>

/** The time that the address names: a `range`, or instants `from` and `to`. */
export const spanOf = ({ range: name = '', ...given }: TimeQuery, now: number): Span => {
  const latest = floor(now, 'hour') + length.hour
  const [from, to] = [given.from, given.to].map((text) => (text === undefined ? undefined : Date.parse(text)))
  if (from === undefined && to === undefined) {
    const range = Object.hasOwn(ranges, name) ? (name as Range) : 'day'
    const { buckets, unit } = ranges[range]
    const last = floor(now, unit)
    return { from: last - (buckets - 1) * length[unit], to: latest, unit, range, isCut: false }
  }
  const end = Math.min(to ?? now, latest)
  const start = from ?? end - length.day
  const unit = end - start > mostHours * length.hour ? 'day' : 'hour'
  const earliest = latest - keptDays * length.day
  return {
    from: start < earliest ? ceil(earliest, unit) : floor(start, unit),
    to: Math.min(ceil(end, unit), latest),
    unit,
    range: null,
    isCut: start < earliest,
  }
}

/** The starts of the hours or days of a span. */
export const bucketsOf = ({ from, to, unit }: Pick<Span, 'from' | 'to' | 'unit'>): number[] =>
  Array.from(
    { length: Math.max(0, Math.ceil((to - from) / length[unit])) },
    (_, i) => from + i * length[unit],
  )
