import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { Button } from '../../parts/button.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Section } from '../../parts/page.tsx'
import { Empty } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { GatewayFields } from '../apis/gateway-fields.tsx'
import type { Api, ApiProps } from './shown-api.ts'

const own = texts.api.gateways

type Gateway = Api['gateways'][number]

export const Gateways = ({ api, onChanged, mayWrite }: ApiProps & { readonly mayWrite: boolean }) => {
  const [isBinding, setIsBinding] = useState(false)
  const [leaving, setLeaving] = useState<Gateway | null>(null)
  const bind = mayWrite ? (
    <Button icon="add" onClick={() => setIsBinding(true)}>
      {own.bind}
    </Button>
  ) : undefined
  return (
    <Section title={own.tab} lead={own.lead} actions={bind}>
      {api.gateways.length === 0 ? (
        <Empty title={own.noneTitle}>
          <p>{own.none}</p>
        </Empty>
      ) : (
        <Table
          caption={own.tab}
          rows={api.gateways}
          keyOf={({ bindingId }) => bindingId}
          columns={[
            { title: texts.apis.gatewayId, cell: ({ gatewayId }) => <code>{gatewayId}</code> },
            { title: texts.apis.stage, cell: ({ stage }) => <code>{stage}</code> },
            { title: texts.apis.basePath, cell: ({ basePath }) => <code>{basePath}</code> },
            ...(mayWrite
              ? [
                  {
                    title: own.deeds,
                    isUntitled: true,
                    cell: (gateway: Gateway) => (
                      <Button label={own.releaseOne(nameOf(gateway))} onClick={() => setLeaving(gateway)}>
                        {own.release}
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {isBinding ? <Bind api={api} onChanged={onChanged} onClose={() => setIsBinding(false)} /> : null}
      {leaving === null ? null : (
        <FormDialog
          look="danger"
          title={own.releaseOne(nameOf(leaving))}
          submit={own.release}
          nameToType={leaving.gatewayId}
          onClose={() => setLeaving(null)}
          onSubmit={async () => {
            await call('releaseGateway', { params: { api: api.apiId, bindingId: leaving.bindingId } })
            toast(own.released(nameOf(leaving)))
            setLeaving(null)
            onChanged()
          }}
        >
          <p>{own.releaseEffect}</p>
        </FormDialog>
      )}
    </Section>
  )
}

const nameOf = ({ gatewayId, stage, basePath }: Gateway): string => `${gatewayId} ${stage} ${basePath}`

const Bind = ({ api, onChanged, onClose }: ApiProps & { readonly onClose: () => void }) => {
  const [gateway, setGateway] = useState({ gatewayId: '', stage: '$default', basePath: '/' })
  return (
    <FormDialog
      title={own.bindTitle(api.name)}
      onClose={onClose}
      submit={own.bind}
      onSubmit={async () => {
        await call('bindGateway', { params: { api: api.apiId }, body: gateway })
        toast(own.bound(gateway.gatewayId))
        onClose()
        onChanged()
      }}
    >
      <GatewayFields prefix="" gateway={gateway} onChange={setGateway} />
    </FormDialog>
  )
}
