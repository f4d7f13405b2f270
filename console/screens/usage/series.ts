import type { Answer } from '../../client/operations.ts'
import type { Span } from './span.ts'
import { bucketsOf, length } from './span.ts'

export type Sums = NonNullable<Answer<'listUsage'>['sums']>
type Line = Sums['lines'][number]
export type Grouping = Line['by']
export const groupings = ['reason', 'api', 'endpoint', 'credential', 'user'] as const satisfies Grouping[]

/** One line of the picture, and one row of its table. */
export type Series = {
  /** The value of the grouping; null = all others. */
  readonly key: string | null
  /** How many values it stands for; null = unknown. */
  readonly values: number | null
  /** Requests of each bucket; null = not read, or not whole. */
  readonly counts: readonly (number | null)[]
  readonly total: number
  readonly refused: number
  /** The most requests in one hour that count against the limit of protected APIs; null = unknown. */
  readonly busiestHour: number | null
}

/** What was read of a span, in the order of time. Every number is of all hours before `wholeUntil`. */
export type Picture = {
  readonly span: Span
  readonly parts: readonly Sums[]
  readonly wholeUntil: number
  readonly isWhole: boolean
  readonly buckets: readonly number[]
}

export const pictureOf = (span: Span, parts: readonly Sums[], isWhole: boolean): Picture => {
  const last = parts.at(-1)
  return {
    ...{ span, parts, isWhole, buckets: bucketsOf(span) },
    wholeUntil: last === undefined ? span.from : Date.parse(last.wholeUntil),
  }
}

/** Is the bucket read to its end? */
const isRead = ({ span, wholeUntil }: Picture, start: number): boolean =>
  Math.min(start + length[span.unit], span.to) <= wholeUntil

type Tally = { readonly counts: number[]; total: number; refused: number; busiestHour: number | null }
const newTally = (): Tally => ({ counts: [], total: 0, refused: 0, busiestHour: 0 })

/** Lines of all parts as one, with their counts by bucket. */
const added = ({ span }: Picture, lines: readonly { readonly part: Sums; readonly line: Line }[]): Tally => {
  const tally = newTally()
  for (const { part, line } of lines) {
    tally.total += line.count
    tally.refused += line.refused
    tally.busiestHour =
      line.busiestHour === null || tally.busiestHour === null
        ? null
        : Math.max(tally.busiestHour, line.busiestHour)
    for (const [index, count] of line.counts.entries()) {
      const place = Math.floor((Date.parse(part.times[index] ?? '') - span.from) / length[span.unit])
      tally.counts[place] = (tally.counts[place] ?? 0) + count
    }
  }
  return tally
}

const minus = (whole: Tally, parts: readonly Tally[]): Tally => ({
  counts: Array.from(whole.counts, (count = 0, place) =>
    parts.reduce((left, { counts }) => left - (counts[place] ?? 0), count),
  ),
  total: parts.reduce((left, { total }) => left - total, whole.total),
  refused: parts.reduce((left, { refused }) => left - refused, whole.refused),
  busiestHour: null,
})

/**
 * The largest values, each as a series, and all others as one more. Largest first; the others last. A value has a series only if it is
 * known in every part: one that a part has among its others is among the others of the picture.
 *
 * @param isShown excludes values, such as `allowed` where refused requests are shown
 */
export const seriesOf = (
  picture: Picture,
  by: Grouping,
  most: number,
  isShown: (value: string) => boolean = () => true,
): Series[] => {
  const lines = picture.parts.flatMap((part) =>
    part.lines
      .filter((line) => line.by === by && (line.value === null || isShown(line.value)))
      .map((line) => ({ part, line })),
  )
  const groups = Map.groupBy(lines, ({ line }) => line.value)
  const unlisted = groups.get(null) ?? []
  const isKnown = (own: readonly { readonly part: Sums }[]): boolean =>
    unlisted.every(({ part }) => own.some((one) => one.part === part))
  const known = [...groups]
    .flatMap(([key, own]) => (key === null || !isKnown(own) ? [] : [{ key, tally: added(picture, own) }]))
    .toSorted((one, other) => other.tally.total - one.tally.total)
  const isAll = known.length === groups.size
  const shown = isAll && known.length <= most ? known : known.slice(0, most - 1)
  const listed = groups.size - (unlisted.length > 0 ? 1 : 0)
  const values =
    unlisted.length === 0 ? listed : picture.parts.length === 1 ? listed + ofOthers(unlisted) : null
  const countsOf = ({ counts }: Tally): (number | null)[] =>
    picture.buckets.map((start, place) => (isRead(picture, start) ? (counts[place] ?? 0) : null))
  const series = shown.map(
    ({ key, tally }): Series => ({ ...tally, key, values: 1, counts: countsOf(tally) }),
  )
  if (isAll && shown.length === known.length) return series
  const others = minus(
    added(picture, lines),
    shown.map(({ tally }) => tally),
  )
  const left = values === null ? null : values - shown.length
  return [...series, { ...others, key: null, values: left, counts: countsOf(others) }]
}

const ofOthers = (unlisted: readonly { readonly line: Line }[]): number =>
  unlisted.reduce((sum, { line }) => sum + line.values, 0)

/** Does a part leave values out that another one can have? */
export const hasUnknown = ({ parts }: Picture): boolean =>
  parts.length > 1 && parts.some(({ lines }) => lines.some(({ value }) => value === null))

/** The most requests of protected APIs in one minute, as the average of the busiest hour. */
export const perMinute = (busiestHour: number): number => Math.ceil(busiestHour / 60)

export const busiestHourOf = ({ parts }: Picture): number =>
  Math.max(0, ...parts.map(({ busiestHour }) => busiestHour))
