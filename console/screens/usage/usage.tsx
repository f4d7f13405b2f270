import { saveCsv } from '../../client/save-file.ts'
import { serverNow } from '../../client/server-time.ts'
import { useApiNames } from '../../client/use-api-names.ts'
import { Button } from '../../parts/button.tsx'
import { Filters, instantOf, SelectFilter, TimeFilter } from '../../parts/filters.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader, Section } from '../../parts/page.tsx'
import { PickFilter } from '../../parts/picker.tsx'
import { useCredentialSource, useUserSource } from '../../parts/sources.ts'
import { Empty, Show } from '../../parts/states.tsx'
import { useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { Limits } from './limits.tsx'
import { Lines } from './lines.tsx'
import type { Grouping, Picture, Series } from './series.ts'
import { groupings, hasUnknown, seriesOf } from './series.ts'
import { spanOf } from './span.ts'
import { instantText } from './time-text.ts'
import type { Asked, Shown } from './use-picture.ts'
import { usePicture } from './use-picture.ts'

const own = texts.usage

/** More lines than this cannot be told apart. */
const mostLines = 7

const oneOf = <T extends string>(names: readonly T[], text: string | undefined, fallback: T): T =>
  names.find((name) => name === text) ?? fallback

/** The lines of all requests, and those of the refused ones by reason. */
const linesOf = (picture: Picture, by: Grouping) => ({
  requests: seriesOf(picture, by, mostLines),
  refused: seriesOf(picture, 'reason', mostLines, (reason) => reason !== 'allowed'),
})

export const Screen = () => {
  const [query, change] = useQuery()
  const { apis } = useApiNames()
  const asked: Asked = {
    span: spanOf(
      { range: query['range'], from: instantOf(query['from']), to: instantOf(query['to']) },
      serverNow(),
    ),
    by: oneOf(groupings, query['by'], 'reason'),
    userId: query['userId'],
    credential: query['credential'],
    api: query['api'],
  }
  const users = useUserSource()
  const credentials = useCredentialSource()
  const found = usePicture(asked)
  const filters = ['userId', 'credential', 'api', 'from', 'to']
  const isFiltered = filters.some((name) => query[name] !== undefined)
  const hasOwnTime = asked.span.range === null
  return (
    <>
      <PageHeader
        title={own.title}
        lead={own.lead}
        actions={
          found.data === undefined ? undefined : (
            <Button onClick={() => found.data && save(found.data)}>{own.csv}</Button>
          )
        }
      />
      <Filters
        onClear={isFiltered ? () => change(Object.fromEntries(filters.map((name) => [name, '']))) : undefined}
      >
        {hasOwnTime ? null : (
          <SelectFilter
            name="range"
            label={own.range}
            any={own.ranges.day}
            choices={choicesOf(own.ranges, 'day')}
          />
        )}
        <TimeFilter name="from" label={own.from} />
        <TimeFilter name="to" label={own.to} />
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
      <Show loaded={found}>{(shown) => <Pictures {...shown} />}</Show>
    </>
  )
}

const choicesOf = (named: Readonly<Record<string, string>>, without: string) =>
  Object.entries(named).flatMap(([value, text]) => (value === without ? [] : [{ value, text }]))

const Pictures = ({ picture, asked }: Shown) => {
  const { by } = asked
  const { requests, refused } = linesOf(picture, by)
  return (
    <>
      <Remarks picture={picture} />
      {requests.length > 0 ? (
        <Section title={own.requestsTitle}>
          <Lines caption={own.table} picture={picture} asked={asked} by={by} series={requests} />
        </Section>
      ) : picture.isWhole ? (
        <Empty title={own.noneTitle}>
          <p>{own.none}</p>
        </Empty>
      ) : null}
      {refused.length === 0 ? null : (
        <Section title={own.refusedTitle}>
          <Lines caption={own.tableRefused} picture={picture} asked={asked} by="reason" series={refused} />
        </Section>
      )}
      <Limits picture={picture} asked={asked} />
    </>
  )
}

/** What the picture does not show. */
const Remarks = ({ picture }: { readonly picture: Picture }) => {
  const { span, wholeUntil, isWhole } = picture
  return (
    <>
      <div role="status">
        {isWhole ? null : (
          <Notice look="warning">
            <p>{own.partial(instantText(wholeUntil))}</p>
          </Notice>
        )}
      </div>
      {span.isCut ? (
        <Notice look="warning">
          <p>{own.cut}</p>
        </Notice>
      ) : null}
      {hasUnknown(picture) ? (
        <Notice look="warning">
          <p>{own.unknown}</p>
        </Notice>
      ) : null}
    </>
  )
}

/** The numbers of both pictures; a time that is not read has none. */
const save = ({ picture, asked: { by } }: Shown) => {
  const { requests, refused } = linesOf(picture, by)
  const rowsOf = (table: string, grouping: Grouping, series: readonly Series[]) =>
    series.flatMap(({ key, counts }) =>
      counts.flatMap((count, place) => {
        const from = new Date(picture.buckets[place] ?? 0).toISOString()
        return count === null ? [] : [[table, from, grouping, key ?? own.othersInFile, count]]
      }),
    )
  saveCsv(
    'usage',
    ['table', 'from', 'by', 'value', 'count'],
    [...rowsOf('requests', by, requests), ...rowsOf('refused', 'reason', refused)],
  )
}
