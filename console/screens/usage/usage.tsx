import { call } from '../../client/call.ts'
import { saveCsv } from '../../client/save-file.ts'
import { serverNow } from '../../client/server-time.ts'
import { useApiNames } from '../../client/use-api-names.ts'
import { useLoaded } from '../../client/use-call.ts'
import { Button } from '../../parts/button.tsx'
import { Filters, SelectFilter } from '../../parts/filters.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader, Section } from '../../parts/page.tsx'
import { PickFilter } from '../../parts/picker.tsx'
import { Count } from '../../parts/small.tsx'
import { useCredentialSource, useUserSource } from '../../parts/sources.ts'
import { Empty, Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { Chart, LineSample } from './chart.tsx'
import { Name, useDescriptions } from './descriptions.tsx'
import { Limits } from './limits.tsx'
import type { Grouping, Series, Unit, UsageCount } from './series.ts'
import { bucketsBetween, groupings, seriesOf } from './series.ts'

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
type Asked = {
  readonly range: Range
  readonly userId: string | undefined
  readonly credential: string | undefined
  readonly api: string | undefined
}

const read = async ({ range, userId, credential, api }: Asked, signal: AbortSignal): Promise<Picture> => {
  const { length, unit } = ranges[range]
  const to = serverNow()
  const from = to - length + (unit === 'day' ? 24 * hour : hour)
  const rows: UsageCount[] = []
  let cursor: string | undefined
  for (let calls = 0; calls < mostCalls; calls += 1) {
    const query = {
      ...{ groupBy: unit, limit: rowsOfCall, from: new Date(from).toISOString(), cursor },
      credential,
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
  const asked: Asked = {
    range,
    userId: query['userId'],
    credential: query['credential'],
    api: query['api'],
  }
  const users = useUserSource()
  const credentials = useCredentialSource()
  const found = useLoaded(JSON.stringify(asked), (signal) => read(asked, signal))
  const isFiltered = [asked.userId, asked.credential, asked.api].some((value) => value !== undefined)
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
      <Filters onClear={isFiltered ? () => change({ userId: '', credential: '', api: '' }) : undefined}>
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
        <PickFilter name="userId" label={own.userId} placeholder={texts.picker.hint} source={users} />
        <PickFilter
          name="credential"
          label={own.credential}
          placeholder={texts.picker.credentialHint}
          source={credentials}
        />
      </Filters>
      <Show loaded={found}>
        {(picture) => <Pictures picture={picture} by={by} range={range} userId={asked.userId} />}
      </Show>
    </>
  )
}

const choicesOf = (named: Readonly<Record<string, string>>, without: string) =>
  Object.entries(named).flatMap(([value, text]) => (value === without ? [] : [{ value, text }]))

const Pictures = ({
  picture: { rows, buckets, unit, isPartial },
  by,
  range,
  userId,
}: {
  readonly picture: Picture
  readonly by: Grouping
  readonly range: Range
  readonly userId: string | undefined
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
      <Limits rows={rows} unit={unit} userId={userId} />
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
  const series = seriesOf(rows, by, buckets, mostLines)
  const keys = series.flatMap(({ key }) => (key === null ? [] : [key]))
  const describe = useDescriptions(by, keys, rows)
  const nameOf = ({ key, values }: Series): string => (key === null ? own.others(values) : describe(key).text)
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
                <LineSample index={one.index} />{' '}
                {one.key === null ? nameOf(one) : <Name of={describe(one.key)} />}
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

const save = (rows: readonly UsageCount[]) =>
  saveCsv(
    'usage',
    ['from', 'userId', 'credential', 'api', 'endpoint', 'reason', 'count'],
    rows.map((row) => [
      ...[row.from, row.userId, row.credential, row.api, row.endpoint, row.reason],
      row.count,
    ]),
  )
