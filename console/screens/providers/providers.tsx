import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { Count, Time } from '../../parts/small.tsx'
import { failureText, Show } from '../../parts/states.tsx'
import type { Column } from '../../parts/table.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { List } from './list-state.tsx'
import { ListState } from './list-state.tsx'
import { useRefresh } from './use-refresh.ts'

const own = texts.providers

const columns: readonly Column<List>[] = [
  {
    title: own.provider,
    cell: ({ provider }) => <a href={hrefOf(`/provider-lists/${provider}`)}>{own.names[provider]}</a>,
  },
  { title: own.state, cell: (list) => <ListState list={list} /> },
  { title: own.version, cell: ({ version }) => (version === null ? '–' : <code>{version}</code>) },
  { title: own.checked, cell: ({ checkedAt }) => <Time at={checkedAt} form="distance" /> },
  { title: own.changed, cell: ({ lastChange }) => <Time at={lastChange?.at ?? null} form="day" /> },
  { title: own.addresses, cell: ({ ipv4Addresses }) => <Count of={ipv4Addresses ?? 0} />, isNumber: true },
  { title: own.narrowings, cell: ({ narrowings }) => <Count of={narrowings} />, isNumber: true },
]

export const Screen = () => {
  const me = useMe()
  const loaded = useCall('listProviders', {})
  const { failure, refresh } = useRefresh()
  const actions = (
    <>
      <Button onClick={loaded.reload}>{own.reload}</Button>
      {holds(me, { section: 'postern-whitelist', level: 'write' }) ? (
        <Button look="primary" onClick={() => void refresh()}>
          {own.refresh}
        </Button>
      ) : null}
    </>
  )
  return (
    <>
      <PageHeader title={own.title} lead={own.lead} actions={actions} />
      {failure === null ? null : (
        <Notice look="danger" isAlert>
          <p>{failureText(failure)}</p>
        </Notice>
      )}
      <Show loaded={loaded}>
        {({ providers }) => (
          <Table caption={own.title} columns={columns} rows={providers} keyOf={({ provider }) => provider} />
        )}
      </Show>
    </>
  )
}
