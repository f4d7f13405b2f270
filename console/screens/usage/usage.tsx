import type { ComponentChildren } from 'preact'
import { call } from '../../client/call.ts'
import { saveCsv } from '../../client/save-file.ts'
import { serverNow } from '../../client/server-time.ts'
import { useApiNames } from '../../client/use-api-names.ts'
import { useLoaded } from '../../client/use-call.ts'
import { Button } from '../../parts/button.tsx'
import { Filters, SearchFilter, SelectFilter } from '../../parts/filters.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader, Section } from '../../parts/page.tsx'
import { Count } from '../../parts/small.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf, useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { Chart, LineSample } from './chart.tsx'
import { Limits } from './limits.tsx'
import type { Grouping, Series, Unit, UsageCount } from './series.ts'
import { bucketsBetween, busiestMinute, groupings, seriesOf } from './series.ts'

const own = texts.usage
const hour = 3_600_000
const ranges = {
  day: { length: 24 * hour, unit: 'hour' },
  week: { length: 7 * 24 * hour, unit: 'day' },
  month: { length: 30 * 24 * hour, unit: 'day' },
  quarter: { length: 90 * 24 * hour, unit: 'day' },
} as const satisfies Readonly<Record<string, { readonly length: number; readonly unit: Unit }>>
type Range = keyof typeof ranges

/** More lines than this cannot be told apart. */
const mostLines = 7
const rowsOfCall = 1000
const mostCalls = 20

type Picture = {
  readonly rows: readonly UsageCount[]
  readonly buckets: readonly number[]
  readonly unit: Unit
  /** More rows exist than were read. */
  readonly isPartial: boolean
}
type Asked = { readonly range: Range; readonly userId: string | undefined; readonly api: string | undefined }

const read = async ({ range, userId, api }: Asked, signal: AbortSignal): Promise<Picture> => {
  const { length, unit } = ranges[range]
  const to = serverNow()
  const from = to - length + (unit === 'day' ? 24 * hour : hour)
  const rows: UsageCount[] = []
  let cursor: string | undefined
  for (let calls = 0; calls < mostCalls; calls += 1) {
    const query = {
      ...{ groupBy: unit, limit: rowsOfCall, from: new Date(from).toISOString(), cursor },
      ...{ userId: userId as UsageCount['userId'] & `usr_${string}`, api: api as 'postern' | undefined },
    }
    const answer = await call('listUsage', { query } as Parameters<typeof call<'listUsage'>>[1], { signal })
    rows.push(...answer.rows)
    cursor = answer.nextCursor ?? undefined
    if (cursor === undefined) break
  }
  return { rows, buckets: bucketsBetween(from, to, unit), unit, isPartial: cursor !== undefined }
}

const oneOf = <T extends string>(names: readonly T[], text: string | undefined, fallback: T): T =>
  names.find((name) => name === text) ?? fallback

export const Screen = () => {
  const [query, change] = useQuery()
  const { apis } = useApiNames()
  const range = oneOf(Object.keys(ranges) as Range[], query['range'], 'day')
  const by = oneOf(groupings, query['by'], 'reason')
  const asked: Asked = { range, userId: query['userId'], api: query['api'] }
  const found = useLoaded(JSON.stringify(asked), (signal) => read(asked, signal))
  const isFiltered = asked.userId !== undefined || asked.api !== undefined
  return (
    <>
      <PageHeader
        title={own.title}
        lead={own.lead}
        actions={
          found.data === undefined ? undefined : (
            <Button onClick={() => save(found.data?.rows ?? [])}>{own.csv}</Button>
          )
        }
      />
      <Filters onClear={isFiltered ? () => change({ userId: '', api: '' }) : undefined}>
        <SelectFilter
          name="range"
          label={own.range}
          any={own.ranges.day}
          choices={choicesOf(own.ranges, 'day')}
        />
        <SelectFilter
          name="by"
          label={own.by}
          any={own.groups.reason}
          choices={choicesOf(own.groups, 'reason')}
        />
        <SelectFilter
          name="api"
          label={own.api}
          any={own.anyApi}
          choices={[
            { value: 'postern', text: texts.parts.postern },
            ...apis.map(({ apiId, name }) => ({ value: apiId, text: name })),
          ]}
        />
        <SearchFilter name="userId" label={own.userId} placeholder="usr_…" />
      </Filters>
      <Show loaded={found}>{(picture) => <Pictures picture={picture} by={by} range={range} />}</Show>
    </>
  )
}

const choicesOf = (named: Readonly<Record<string, string>>, without: string) =>
  Object.entries(named).flatMap(([value, text]) => (value === without ? [] : [{ value, text }]))

const Pictures = ({
  picture: { rows, buckets, unit, isPartial },
  by,
  range,
}: {
  readonly picture: Picture
  readonly by: Grouping
  readonly range: Range
}) => {
  const refused = rows.filter(({ reason }) => reason !== 'allowed')
  return (
    <>
      {isPartial ? (
        <Notice look="warning">
          <p>{own.partial}</p>
        </Notice>
      ) : null}
      {rows.length === 0 ? (
        <Empty title={own.noneTitle}>
          <p>{own.none}</p>
        </Empty>
      ) : (
        <Section title={own.requestsTitle}>
          <Lines caption={own.table} rows={rows} by={by} buckets={buckets} range={range} />
        </Section>
      )}
      {refused.length === 0 ? null : (
        <Section title={own.refusedTitle}>
          <Lines caption={own.tableRefused} rows={refused} by="reason" buckets={buckets} range={range} />
        </Section>
      )}
      <Limits busiest={busiestMinute(rows, unit)} />
    </>
  )
}

/** A picture and its table. */
const Lines = ({
  caption,
  rows,
  by,
  buckets,
  range,
}: {
  readonly caption: string
  readonly rows: readonly UsageCount[]
  readonly by: Grouping
  readonly buckets: readonly number[]
  readonly range: Range
}) => {
  const { nameOf: apiName } = useApiNames()
  const series = seriesOf(rows, by, buckets, mostLines)
  const nameOf = ({ key, values }: Series): string =>
    key === null ? own.others(values) : by === 'api' ? apiName(key) : by === 'reason' ? reasonName(key) : key
  const sum = (of: (one: Series) => number) => series.reduce((total, one) => total + of(one), 0)
  const total = sum((one) => one.total)
  const number = new Intl.NumberFormat('en')
  const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })
  return (
    <>
      <Chart
        label={own.chart(
          number.format(total),
          number.format(sum((one) => one.refused)),
          own.ranges[range].toLowerCase(),
        )}
        buckets={buckets}
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
                <LineSample index={one.index} /> <Name by={by} value={one.key} text={nameOf(one)} />
              </>
            ),
          },
          { title: own.count, cell: (one) => <Count of={one.total} />, isNumber: true },
          { title: own.refused, cell: (one) => <Count of={one.refused} />, isNumber: true },
          {
            title: own.share,
            cell: (one) => (total === 0 ? '–' : percent.format(one.total / total)),
            isNumber: true,
          },
        ]}
      />
    </>
  )
}

const reasonName = (reason: string): string => {
  const titles: Readonly<Record<string, { readonly title: string } | undefined>> = texts.denials.reasons
  return reason === 'allowed' ? own.allowed : (titles[reason]?.title ?? reason)
}

const Name = ({
  by,
  value,
  text,
}: {
  readonly by: Grouping
  readonly value: string | null
  readonly text: string
}): ComponentChildren => {
  if (value === null) return text
  if (by === 'user') return <a href={hrefOf(`/users/${value}`)}>{text}</a>
  if (by === 'reason' && value !== 'allowed')
    return <a href={hrefOf('/denials', { reason: value })}>{text}</a>
  return by === 'endpoint' || by === 'credential' ? <code>{text}</code> : text
}

const save = (rows: readonly UsageCount[]) =>
  saveCsv(
    'usage',
    ['from', 'userId', 'credential', 'api', 'endpoint', 'reason', 'count'],
    rows.map((row) => [
      ...[row.from, row.userId, row.credential, row.api, row.endpoint, row.reason],
      row.count,
    ]),
  )
