import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { Answer } from '../../client/operations.ts'
import { useCall } from '../../client/use-call.ts'
import { Button } from '../../parts/button.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Facts, Section } from '../../parts/page.tsx'
import { Tag, Time } from '../../parts/small.tsx'
import { Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.provider.refused

type RefusedList = Answer<'getRefusedProviderList'>['refused']
type Accepting = { readonly onAccepted: () => void }

/** A list that was not put in force: why, what it would change, and a way to accept it. */
export const Refused = ({
  provider,
  onAccepted,
}: Accepting & { readonly provider: RefusedList['provider'] }) => {
  const loaded = useCall('getRefusedProviderList', { params: { provider } })
  return (
    <Section title={own.title} lead={own.lead}>
      <Show loaded={loaded}>{({ refused }) => <Waiting refused={refused} onAccepted={onAccepted} />}</Show>
    </Section>
  )
}

const Waiting = ({ refused, onAccepted }: Accepting & { readonly refused: RefusedList }) => {
  const [isAsking, setIsAsking] = useState(false)
  const { provider, hash, losses, added, removed } = refused
  const name = texts.providers.names[provider]
  return (
    <>
      <Notice look="warning">
        <p>{refused.detail}</p>
      </Notice>
      <Facts
        facts={[
          [own.reason, <code key="reason">{refused.reason}</code>],
          [own.downloaded, <Time key="at" at={refused.at} />],
          [texts.providers.version, <code key="version">{refused.version}</code>],
          [own.adds, own.space(added.ipv4Addresses, added.blockCount)],
          [own.removes, own.space(removed.ipv4Addresses, removed.blockCount)],
        ]}
      />
      {losses.count === 0 ? null : (
        <>
          <h3>{own.losses(losses.count)}</h3>
          <Table
            caption={own.losses(losses.count)}
            rows={losses.narrowings}
            keyOf={(row) => row.name}
            columns={[
              { title: own.narrowing, cell: (row) => <code>{row.name}</code> },
              { title: own.keeps, cell: ({ keptPercent }) => own.percent(keptPercent), isNumber: true },
              {
                title: own.used,
                cell: ({ held }) => (held ? <Tag look="warning">{own.isUsed}</Tag> : own.isUnused),
              },
            ]}
          />
        </>
      )}
      <div class="actions">
        <Button look="danger" onClick={() => setIsAsking(true)}>
          {own.accept}
        </Button>
      </div>
      {isAsking ? (
        <FormDialog
          look="danger"
          title={own.acceptTitle(name)}
          submit={own.accept}
          onClose={() => setIsAsking(false)}
          onSubmit={async () => {
            await call('acceptProviderList', { params: { provider }, body: { hash } })
            toast(own.accepted(name))
            setIsAsking(false)
            onAccepted()
          }}
        >
          <p>{own.effect}</p>
        </FormDialog>
      ) : null}
    </>
  )
}
