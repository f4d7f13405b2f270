import { auditActions } from 'postern:operations'
import { useState } from 'preact/hooks'
import { callForFile } from '../../client/call.ts'
import type { CallFailure } from '../../client/failure.ts'
import { asFailure } from '../../client/failure.ts'
import type { Input } from '../../client/operations.ts'
import { saveCsv, saveFile } from '../../client/save-file.ts'
import { useCall } from '../../client/use-call.ts'
import type { AuditRow } from '../../parts/audit-rows.tsx'
import { AuditRows } from '../../parts/audit-rows.tsx'
import { Button } from '../../parts/button.tsx'
import { DayFilter, Filters, SearchFilter, SelectFilter } from '../../parts/filters.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { Empty, Failed, Show } from '../../parts/states.tsx'
import { Pages } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'

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
          choices={auditActions.map((action) => ({ value: action, text: action }))}
        />
        <DayFilter name="from" label={own.from} />
        <DayFilter name="to" label={own.to} />
        <SearchFilter name="actor" label={own.actor} placeholder="usr_…" />
        <SearchFilter name="target" label={own.target} placeholder="usr_…, key_…, api_…" />
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

/** Every row of the filter, from as many answers as there are. */
const exported = async (filter: Query): Promise<string> => {
  let text = ''
  let cursor: string | undefined
  do {
    const response = await callForFile('exportAudit', { query: { ...filter, cursor } })
    text += await response.text()
    cursor = response.headers.get('postern-next-cursor') ?? undefined
  } while (cursor !== undefined)
  return text
}

const Export = ({ filter }: { readonly filter: Query }) => {
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<CallFailure | null>(null)
  const save = async (write: (text: string, rows: readonly AuditRow[]) => void) => {
    setIsBusy(true)
    setFailure(null)
    try {
      const text = await exported(filter)
      const rows = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as AuditRow]))
      write(text, rows)
      toast(own.saved(rows.length))
    } catch (error) {
      setFailure(asFailure(error))
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <>
      <Button
        isBusy={isBusy}
        onClick={() => void save((_text, rows) => saveCsv('audit', titles, rows.map(cells)))}
      >
        {own.csv}
      </Button>
      <Button
        isBusy={isBusy}
        onClick={() => void save((text) => saveFile('audit.ndjson', 'application/x-ndjson', text))}
      >
        {own.ndjson}
      </Button>
      {failure === null ? null : <Failed failure={failure} />}
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
