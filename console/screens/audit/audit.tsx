import { auditActions } from 'postern:operations'
import { useEffect, useRef, useState } from 'preact/hooks'
import { callForFile } from '../../client/call.ts'
import type { CallFailure } from '../../client/failure.ts'
import { asFailure } from '../../client/failure.ts'
import type { Input } from '../../client/operations.ts'
import { saveCsv, saveFile } from '../../client/save-file.ts'
import { useCall } from '../../client/use-call.ts'
import type { AuditRow } from '../../parts/audit-rows.tsx'
import { AuditRows, actionText } from '../../parts/audit-rows.tsx'
import { Button } from '../../parts/button.tsx'
import { DayFilter, Filters, SelectFilter } from '../../parts/filters.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { PickFilter } from '../../parts/picker.tsx'
import { useTargetSource, useUserSource } from '../../parts/sources.ts'
import { Empty, Failed, Show } from '../../parts/states.tsx'
import { Pages } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { readExport } from './read-export.ts'

const own = texts.audit
const filters = ['action', 'actor', 'target', 'from', 'to'] as const

type Query = NonNullable<Input<'exportAudit'>['query']>

/** The filters of the address. Days are those of the reader; `to` is included. */
const filterOf = (query: Readonly<Record<string, string>>): Query => ({
  action: auditActions.find((action) => action === query['action']) as Query['action'],
  actor: query['actor'],
  target: query['target'],
  from: startOf(query['from'], 0),
  to: startOf(query['to'], 1),
})

const startOf = (day: string | undefined, later: number): string | undefined => {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? '') ?? []
  if (year === undefined) return undefined
  return new Date(Number(year), Number(month) - 1, Number(date) + later).toISOString()
}

export const Screen = () => {
  const [query, change] = useQuery()
  const filter = filterOf(query)
  const users = useUserSource()
  const targets = useTargetSource()
  const found = useCall('listAudit', { query: { ...filter, limit: 50, cursor: query['cursor'] } })
  const isFiltered = filters.some((name) => query[name] !== undefined)
  const cleared = Object.fromEntries([...filters, 'cursor'].map((name) => [name, '']))
  return (
    <>
      <PageHeader title={own.title} lead={own.lead} actions={<Export filter={filter} />} />
      <Filters onClear={isFiltered ? () => change(cleared) : undefined}>
        <SelectFilter
          name="action"
          label={own.action}
          any={own.anyAction}
          choices={auditActions.map((action) => ({ value: action, text: actionText(action) }))}
        />
        <DayFilter name="from" label={own.from} />
        <DayFilter name="to" label={own.to} />
        <PickFilter name="actor" label={own.actor} placeholder={texts.picker.hint} source={users} />
        <PickFilter name="target" label={own.target} placeholder={own.targetHint} source={targets} />
      </Filters>
      <Show loaded={found}>
        {({ rows, nextCursor }) => (
          <>
            {rows.length === 0 ? (
              <Empty title={own.noMatchTitle}>
                <p>{nextCursor === null ? own.noMatch : own.searchOn}</p>
              </Empty>
            ) : (
              <AuditRows caption={own.caption} rows={rows} />
            )}
            <Pages label={own.pages} nextCursor={nextCursor} />
          </>
        )}
      </Show>
    </>
  )
}

const Export = ({ filter }: { readonly filter: Query }) => {
  /** Null = no export is under way. */
  const [read, setRead] = useState<number | null>(null)
  const [failure, setFailure] = useState<CallFailure | null>(null)
  const [cutAt, setCutAt] = useState<number | null>(null)
  const abort = useRef<AbortController | null>(null)
  const start = (): AbortController => {
    abort.current = new AbortController()
    return abort.current
  }
  // An export ends with its page.
  useEffect(() => () => abort.current?.abort(), [])
  const save = async (write: (lines: readonly string[]) => void) => {
    const { signal } = start()
    setRead(0)
    setFailure(null)
    setCutAt(null)
    try {
      const { lines, isWhole } = await readExport(
        (cursor) => callForFile('exportAudit', { query: { ...filter, cursor } }, { signal }),
        setRead,
        signal,
      )
      write(lines)
      if (!isWhole) setCutAt(lines.length)
      toast(own.saved(lines.length))
    } catch (error) {
      if (!signal.aborted) setFailure(asFailure(error))
    } finally {
      if (!signal.aborted) setRead(null)
    }
  }
  const cancel = () => {
    abort.current?.abort()
    setRead(null)
  }
  if (read !== null)
    return (
      <>
        <span role="status">{own.exported(read)}</span>
        <Button onClick={cancel}>{own.stop}</Button>
      </>
    )
  return (
    <>
      <Button
        onClick={() =>
          void save((lines) =>
            saveCsv(
              'audit',
              titles,
              lines.map((line) => cells(JSON.parse(line) as AuditRow)),
            ),
          )
        }
      >
        {own.csv}
      </Button>
      <Button
        onClick={() =>
          void save((lines) => saveFile('audit.ndjson', 'application/x-ndjson', `${lines.join('\n')}\n`))
        }
      >
        {own.ndjson}
      </Button>
      {failure === null ? null : <Failed failure={failure} />}
      {cutAt === null ? null : (
        <Notice look="warning" isAlert>
          <p>{own.incomplete(cutAt)}</p>
        </Notice>
      )}
    </>
  )
}

const titles = [
  ...['auditId', 'at', 'action', 'outcome', 'reason', 'actorKind', 'actorUserId', 'actorUsername'],
  ...[
    'keyId',
    'actingUserId',
    'integrationVendor',
    'address',
    'targetUserId',
    'targetId',
    'apiId',
    'request',
    'requestId',
    'changes',
  ],
]

const cells = (row: AuditRow) => [
  ...[row.auditId, row.at, row.action, row.outcome, row.reason ?? null],
  ...[row.actor.kind, row.actor.userId, row.actor.username ?? null, row.actor.keyId, row.actor.actingUserId],
  row.actor.integrationVendor,
  ...[row.address, row.targetUserId, row.targetId, row.apiId ?? null, row.request ?? null, row.requestId],
  JSON.stringify(row.changes),
]
