import { serverNow } from '../../client/server-time.ts'
import { Count } from '../../parts/small.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf, useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { Chart, LineSample } from './chart.tsx'
import { Name, useDescriptions } from './descriptions.tsx'
import type { Grouping, Picture, Series } from './series.ts'
import type { Span } from './span.ts'
import { instantText, timeText } from './time-text.ts'
import type { Asked } from './use-picture.ts'

const own = texts.usage
const number = new Intl.NumberFormat('en')
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })

/** The time of the numbers in words. */
const spanText = ({ span, wholeUntil, isWhole }: Picture): string =>
  span.range === null || !isWhole
    ? own.between(instantText(span.from), instantText(Math.min(wholeUntil, span.to)))
    : own.ranges[span.range].toLowerCase()

/** What the list of denials takes of a picture. Without an end, it goes on with new ones. */
const denialsOf = ({ userId, api }: Asked, { from, to }: Span): Readonly<Record<string, string>> => ({
  userId: userId ?? '',
  apiId: api ?? '',
  from: new Date(from).toISOString(),
  to: to > serverNow() ? '' : new Date(to).toISOString(),
})

/** The filters of the two screens that narrow them to one value. */
const filtersOf = (by: Grouping, key: string) => {
  if (by === 'user') return { usage: { userId: key }, denials: { userId: key } }
  if (by === 'credential') return { usage: { credential: key }, denials: null }
  if (by === 'api' && key !== 'unknown') return { usage: { api: key }, denials: { apiId: key } }
  return null
}

type Look = {
  readonly caption: string
  readonly picture: Picture
  readonly asked: Asked
  readonly by: Grouping
  readonly series: readonly Series[]
}

/** A picture, its table by value, and its table by time. */
export const Lines = ({ caption, picture, asked, by, series }: Look) => {
  const [query] = useQuery()
  const denials = denialsOf(asked, picture.span)
  const keys = series.flatMap(({ key }) => (key === null ? [] : [key]))
  const describe = useDescriptions(by, keys, denials)
  const nameOf = ({ key, values }: Series): string => (key === null ? own.others(values) : describe(key).text)
  const sum = (of: (one: Series) => number) => series.reduce((total, one) => total + of(one), 0)
  const total = sum((one) => one.total)
  const { unit } = picture.span
  return (
    <>
      <Chart
        label={own.chart(number.format(total), number.format(sum((one) => one.refused)), spanText(picture))}
        buckets={picture.buckets}
        unit={unit}
        lines={series.map((one) => ({ name: nameOf(one), counts: one.counts }))}
      />
      <Table
        caption={caption}
        rows={series.map((one, index) => ({ ...one, index }))}
        keyOf={({ key }) => key ?? ''}
        columns={[
          {
            title: own.groups[by],
            cell: (one) => (
              <>
                <LineSample index={one.index} />{' '}
                {one.key === null ? nameOf(one) : <Name of={describe(one.key)} />}
              </>
            ),
          },
          {
            title: own.count,
            cell: (one) => {
              const filters = one.key === null ? null : filtersOf(by, one.key)
              const count = <Count of={one.total} />
              if (filters === null) return count
              return <a href={hrefOf('/usage', { ...query, ...filters.usage })}>{count}</a>
            },
            isNumber: true,
          },
          {
            title: own.refused,
            cell: (one) => {
              const filters = one.key === null ? null : filtersOf(by, one.key)?.denials
              const count = <Count of={one.refused} />
              if (!filters || one.refused === 0) return count
              return <a href={hrefOf('/denials', { ...denials, ...filters })}>{count}</a>
            },
            isNumber: true,
          },
          {
            title: own.share,
            cell: (one) => (total === 0 ? '–' : percent.format(one.total / total)),
            isNumber: true,
          },
        ]}
      />
      <details>
        <summary>{own.byTime}</summary>
        <Table
          caption={`${caption}: ${own.byTime}`}
          rows={picture.buckets.map((start, place) => ({ start, place }))}
          keyOf={({ start }) => String(start)}
          columns={[
            { title: own.at, cell: ({ start }) => timeText(start, unit) },
            ...series.map((one) => ({
              title: nameOf(one),
              cell: ({ place }: { readonly place: number }) => {
                const count = one.counts[place] ?? null
                return count === null ? own.notRead : <Count of={count} />
              },
              isNumber: true,
            })),
          ]}
        />
      </details>
    </>
  )
}
