import { useState } from 'preact/hooks'
import type { Answer } from '../../client/operations.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { Count, Tag, Time } from '../../parts/small.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import type { Column } from '../../parts/table.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf, open } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { RegisterApi } from './register-api.tsx'

const own = texts.apis

type Api = Answer<'getApi'>['api']

export const Screen = () => {
  const me = useMe()
  const [isAdding, setIsAdding] = useState(false)
  const loaded = useCall('listApis', {})
  const isOwn = ({ organizationId }: Api) => organizationId === me.organization.organizationId
  const columns: readonly Column<Api>[] = [
    { title: own.name, cell: ({ apiId, name }) => <a href={hrefOf(`/apis/${apiId}`)}>{name}</a> },
    { title: own.owner, cell: (api) => (isOwn(api) ? own.own : <Tag>{own.shared}</Tag>) },
    { title: own.audience, cell: ({ audience }) => <code>{audience}</code> },
    { title: own.sections, cell: ({ sections }) => <Count of={sections.length} />, isNumber: true },
    {
      title: own.gateways,
      cell: (api) => (isOwn(api) ? <Count of={api.gateways.length} /> : '–'),
      isNumber: true,
    },
    {
      title: own.sharedWith,
      cell: (api) => (isOwn(api) ? <Count of={api.sharedWith.length} /> : '–'),
      isNumber: true,
    },
    { title: own.registered, cell: ({ createdAt }) => <Time at={createdAt} form="day" /> },
  ]
  const add = holds(me, { section: 'postern-apis', level: 'write' }) ? (
    <Button look="primary" icon="add" onClick={() => setIsAdding(true)}>
      {own.register}
    </Button>
  ) : undefined
  return (
    <>
      <PageHeader title={own.title} lead={own.lead} actions={add} />
      <Show loaded={loaded}>
        {({ apis }) =>
          apis.length === 0 ? (
            <Empty title={own.noneTitle} action={add}>
              <p>{own.none}</p>
            </Empty>
          ) : (
            <Table caption={own.title} columns={columns} rows={apis} keyOf={({ apiId }) => apiId} />
          )
        }
      </Show>
      {isAdding ? (
        <RegisterApi onClose={() => setIsAdding(false)} onMade={(apiId) => open(hrefOf(`/apis/${apiId}`))} />
      ) : null}
    </>
  )
}
