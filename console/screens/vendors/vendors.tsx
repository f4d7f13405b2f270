import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Answer } from '../../client/operations.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useIdempotencyKey } from '../../client/use-idempotency-key.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { HistoryLink, maySeeHistory } from '../../parts/history-link.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'

const own = texts.vendors

type Vendor = Answer<'listIntegrationVendors'>['integrationVendors'][number]

type Done = (text: string) => void

export const Screen = () => {
  const loaded = useCall('listIntegrationVendors', {})
  const [isAdding, setIsAdding] = useState(false)
  const [leaving, setLeaving] = useState<Vendor | null>(null)
  const me = useMe()
  const mayWrite = holds(me, { section: 'postern-access', level: 'write' })
  const done: Done = (text) => {
    toast(text)
    setIsAdding(false)
    setLeaving(null)
    loaded.reload()
  }
  const add = mayWrite ? (
    <Button look="primary" icon="add" onClick={() => setIsAdding(true)}>
      {own.add}
    </Button>
  ) : undefined
  return (
    <>
      <PageHeader title={own.title} lead={own.lead} actions={add} />
      <Show loaded={loaded}>
        {({ integrationVendors }) =>
          integrationVendors.length === 0 ? (
            <Empty title={own.none}>
              <p>{own.noneText}</p>
            </Empty>
          ) : (
            <Table
              caption={own.title}
              rows={integrationVendors}
              keyOf={({ vendorId }) => vendorId}
              columns={[
                { title: own.name, cell: ({ name }) => name },
                { title: own.id, cell: ({ vendorId }) => <code>{vendorId}</code> },
                {
                  title: own.users,
                  cell: ({ vendorId }) => (
                    <a href={hrefOf('/users', { integrationVendor: vendorId })}>{own.showUsers}</a>
                  ),
                },
                ...(maySeeHistory(me)
                  ? [
                      {
                        title: texts.parts.history,
                        cell: ({ vendorId }: Vendor) => <HistoryLink target={vendorId} />,
                      },
                    ]
                  : []),
                ...(mayWrite
                  ? [
                      {
                        title: texts.parts.actions,
                        isUntitled: true,
                        cell: (vendor: Vendor) => (
                          <Button label={own.deleteOne(vendor.name)} onClick={() => setLeaving(vendor)}>
                            {own.delete}
                          </Button>
                        ),
                      },
                    ]
                  : []),
              ]}
            />
          )
        }
      </Show>
      {isAdding ? <AddVendor onClose={() => setIsAdding(false)} onDone={done} /> : null}
      {leaving === null ? null : (
        <FormDialog
          look="danger"
          title={own.deleteAsk(leaving.name)}
          submit={own.delete}
          onClose={() => setLeaving(null)}
          onSubmit={async () => {
            await call('deleteIntegrationVendor', { params: { vendorId: leaving.vendorId } })
            done(own.deleted(leaving.name))
          }}
        >
          <p>{own.deleteText}</p>
        </FormDialog>
      )}
    </>
  )
}

const AddVendor = ({ onClose, onDone }: { readonly onClose: () => void; readonly onDone: Done }) => {
  const [name, setName] = useState('')
  const keyFor = useIdempotencyKey()
  return (
    <FormDialog
      title={own.add}
      onClose={onClose}
      submit={own.add}
      onSubmit={async () => {
        await call('createIntegrationVendor', { body: { name } }, { idempotencyKey: keyFor({ name }) })
        onDone(own.added(name))
      }}
    >
      <TextField label={own.name} name="name" value={name} onInput={setName} isRequired isFirst />
    </FormDialog>
  )
}
