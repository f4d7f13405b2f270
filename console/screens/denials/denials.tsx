import { useEffect, useRef, useState } from 'preact/hooks'
import type { Answer } from '../../client/operations.ts'
import { isSomebodyHere } from '../../client/presence.ts'
import { useApiNames } from '../../client/use-api-names.ts'
import type { Loaded } from '../../client/use-call.ts'
import { useCall } from '../../client/use-call.ts'
import { Button } from '../../parts/button.tsx'
import { Filters, instantOf, SelectFilter, TimeFilter } from '../../parts/filters.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { PickFilter } from '../../parts/picker.tsx'
import { Tag, Time } from '../../parts/small.tsx'
import { useUserSource } from '../../parts/sources.ts'
import { Empty, Show } from '../../parts/states.tsx'
import type { Column } from '../../parts/table.tsx'
import { Pages, Table } from '../../parts/table.tsx'
import { hrefOf, useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { Look } from './looks.ts'
import { nextWait, shortest } from './looks.ts'
import type { Denial, Reason } from './remedy.ts'

type Page = Answer<'listDecisions'>

const own = texts.denials
const filters = ['reason', 'userId', 'apiId', 'proven', 'from', 'to'] as const

const isReason = (text: string | undefined): text is Reason => text !== undefined && text in own.reasons

/** Looks again and again, rarer while nothing comes. Returns the milliseconds to the next look. */
const useLooks = (isLive: boolean, { data, failure, reload, isLoading }: Loaded<Page>): number => {
  const [wait, setWait] = useState(shortest)
  const newest = data?.decisions[0]?.requestId
  const last = useRef(newest)
  useEffect(() => {
    if (isLoading) return
    const look: Look =
      failure !== null
        ? { is: 'failed', retryAfterSeconds: failure.retryAfterSeconds }
        : { is: newest === last.current ? 'same' : 'new' }
    last.current = newest
    setWait((before) => nextWait(before, look))
  }, [isLoading])
  useEffect(() => {
    if (!isLive || isLoading) return
    // Nobody is here: the look waits until somebody is.
    const timer = setInterval(() => {
      if (isSomebodyHere()) void reload()
    }, wait)
    return () => clearInterval(timer)
  }, [isLive, isLoading, wait, reload])
  return wait
}

export const Screen = () => {
  const [query, change] = useQuery()
  const { reason, userId, apiId, proven, cursor, paused } = query
  const [from, to] = [instantOf(query['from']), instantOf(query['to'])]
  const isFiltered = filters.some((name) => query[name] !== undefined)
  const { apis, nameOf, isReading } = useApiNames()
  const users = useUserSource()
  const found = useCall('listDecisions', {
    query: {
      limit: 50,
      userId: userId as Denial['subject']['userId'] & string,
      apiId: apiId as Denial['apiId'] & string,
      cursor,
      ...{ from, to },
      ...(proven === 'true' ? { proven } : {}),
      ...(isReason(reason) ? { reason } : {}),
    },
  })
  // Only the first page changes, and only somebody who looks needs to see it.
  const isLive = paused === undefined && cursor === undefined && to === undefined
  const wait = useLooks(isLive, found)

  const columns: readonly Column<Denial>[] = [
    {
      title: own.reason,
      cell: (denial) => (
        <a href={hrefOf(`/denials/${encodeURIComponent(denial.requestId)}`)}>
          {own.reasons[denial.reason].title}
        </a>
      ),
    },
    { title: own.at, cell: ({ at }) => <Time at={at} /> },
    { title: own.caller, cell: ({ subject }) => <Caller subject={subject} /> },
    {
      title: own.request,
      cell: ({ method, path }) => (
        <code>
          {method} {path}
        </code>
      ),
    },
    { title: own.api, cell: (denial) => nameOf(denial.apiId) },
    { title: own.address, cell: ({ address }) => (address === '' ? '–' : <code>{address}</code>) },
  ]

  return (
    <>
      <PageHeader
        title={own.title}
        lead={own.lead}
        actions={
          cursor === undefined && to === undefined ? (
            <Button onClick={() => change({ paused: isLive ? 'yes' : '' }, { replace: true })}>
              {isLive ? own.pause : own.goOn}
            </Button>
          ) : undefined
        }
      />
      <Filters
        onClear={
          isFiltered
            ? () => change(Object.fromEntries([...filters, 'cursor'].map((name) => [name, ''])))
            : undefined
        }
      >
        <SelectFilter
          name="reason"
          label={own.reason}
          any={own.anyReason}
          choices={Object.entries(own.reasons).map(([value, { title }]) => ({ value, text: title }))}
        />
        {apis.length > 0 ? (
          <SelectFilter
            name="apiId"
            label={own.api}
            any={own.anyApi}
            choices={[
              { value: 'postern', text: texts.parts.postern },
              ...apis.map((api) => ({ value: api.apiId, text: api.name })),
            ]}
          />
        ) : null}
        <SelectFilter
          name="proven"
          label={own.caller}
          any={own.anyCaller}
          choices={[{ value: 'true', text: own.provenOnly }]}
        />
        <TimeFilter name="from" label={own.from} />
        <TimeFilter name="to" label={own.to} />
        <PickFilter name="userId" label={own.userId} placeholder={texts.picker.hint} source={users} />
      </Filters>
      {isLive ? <p class="muted">{own.looks(Math.round(wait / 1000))}</p> : null}
      <Show loaded={isReading ? { ...found, data: undefined } : found}>
        {({ decisions, nextCursor }) => (
          <>
            {decisions.length === 0 ? (
              <Empty title={isFiltered ? own.noMatchTitle : own.noneTitle}>
                <p>{nextCursor === null ? own.none : own.searchOn}</p>
              </Empty>
            ) : (
              <Table
                caption={own.title}
                columns={columns}
                rows={decisions}
                keyOf={({ requestId }) => requestId}
              />
            )}
            <Pages label={own.pages} nextCursor={nextCursor} />
          </>
        )}
      </Show>
    </>
  )
}

/** Who called. A caller who proved nothing only claimed to be this user. */
export const Caller = ({ subject }: { readonly subject: Denial['subject'] }) => {
  const { proven, userId, username } = subject
  if (userId === null) return <span class="muted">{own.unknown}</span>
  return (
    <>
      <a href={hrefOf(`/users/${userId}`)}>{username ?? userId}</a>{' '}
      {proven ? null : <Tag look="warning">{own.claimed}</Tag>}
    </>
  )
}
