import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { serverNow } from '../../client/server-time.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Menu } from '../../parts/menu.tsx'
import { PageHeader, Section } from '../../parts/page.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import type { Column } from '../../parts/table.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { texts } from '../../texts/en.ts'
import { AddFactor, RecoveryCodes } from './add-factor.tsx'
import type { Factor } from './factor-columns.tsx'
import { factorColumns } from './factor-columns.tsx'
import type { Proof } from './prove.tsx'
import { Prove } from './prove.tsx'
import { Rule } from './rule.tsx'

const own = texts.secondFactors

type Proven =
  | { readonly what: 'add' }
  | { readonly what: 'codes' }
  | { readonly what: 'remove'; readonly factor: Factor }
type Doing = Proven | { readonly what: 'rename'; readonly factor: Factor }

export const Screen = () => {
  const me = useMe()
  const loaded = useCall('listOwnSecondFactors', {})
  const [doing, setDoing] = useState<Doing | null>(null)
  const [proof, setProof] = useState<Proof | null>(null)
  const close = () => setDoing(null)
  const done = () => {
    close()
    loaded.reload()
  }
  const isAlive = proof !== null && proof.endsAt > serverNow() + 10_000
  return (
    <>
      <PageHeader title={own.title} lead={own.lead} />
      <Show loaded={loaded}>
        {({ secondFactors, recoveryCodesLeft, demanded }) => (
          <>
            <Section
              title={own.yours}
              lead={demanded ? own.demanded : undefined}
              actions={
                <Button icon="add" look="primary" onClick={() => setDoing({ what: 'add' })}>
                  {own.addOne}
                </Button>
              }
            >
              {secondFactors.length === 0 ? (
                <Empty title={own.noneTitle}>
                  <p>{own.none}</p>
                </Empty>
              ) : (
                <Table
                  caption={own.yours}
                  columns={columnsOf(setDoing)}
                  rows={secondFactors}
                  keyOf={({ factorId }) => factorId}
                />
              )}
            </Section>
            {secondFactors.length === 0 ? null : (
              <Section
                title={own.codes}
                lead={own.codesLeft(recoveryCodesLeft)}
                actions={<Button onClick={() => setDoing({ what: 'codes' })}>{own.makeCodes}</Button>}
              >
                <p>{own.codesAbout}</p>
              </Section>
            )}
            {doing === null ? null : doing.what === 'rename' ? (
              <Rename factor={doing.factor} onClose={close} onDone={done} />
            ) : isAlive && (proof.tookFactor || secondFactors.length === 0) ? (
              <Change doing={doing} proof={proof.text} onClose={close} onDone={done} />
            ) : (
              <Prove factors={secondFactors} onProven={setProof} onClose={close} />
            )}
          </>
        )}
      </Show>
      {holds(me, { section: 'postern-organization', level: 'write' }) ? <Rule /> : null}
    </>
  )
}

type ChangeProps = {
  readonly doing: Proven
  readonly proof: string
  readonly onClose: () => void
  readonly onDone: () => void
}

const Change = ({ doing, proof, onClose, onDone }: ChangeProps) => {
  const [canClose, setCanClose] = useState(true)
  if (doing.what === 'add')
    return (
      <Dialog title={own.addOne} onClose={canClose ? onClose : undefined}>
        <AddFactor
          begin={(kind) => call('beginSecondFactor', { body: { kind } }, { proof })}
          confirm={(body) => call('addSecondFactor', { body })}
          onDone={onDone}
          onCancel={onClose}
          onCodes={() => setCanClose(false)}
        />
      </Dialog>
    )
  if (doing.what === 'codes') return <NewCodes proof={proof} onClose={onClose} onDone={onDone} />
  const { factorId, name } = doing.factor
  const remove = async () => {
    await call('removeSecondFactor', { params: { factorId } }, { proof })
    toast(own.removed(name))
    onDone()
  }
  return (
    <FormDialog
      look="danger"
      title={own.removeTitle(name)}
      submit={own.remove}
      onSubmit={remove}
      onClose={onClose}
    >
      <p>{own.removeText}</p>
    </FormDialog>
  )
}

const NewCodes = ({ proof, onClose, onDone }: Omit<ChangeProps, 'doing'>) => {
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const make = async () => setCodes((await call('makeRecoveryCodes', {}, { proof })).recoveryCodes)
  return codes === null ? (
    <FormDialog title={own.makeCodes} submit={own.makeCodes} onSubmit={make} onClose={onClose}>
      <p>{own.makeCodesText}</p>
    </FormDialog>
  ) : (
    <Dialog title={own.codes}>
      <RecoveryCodes codes={codes} onDone={onDone} />
    </Dialog>
  )
}

const Rename = ({
  factor: { factorId, name: before },
  onClose,
  onDone,
}: {
  readonly factor: Factor
  readonly onClose: () => void
  readonly onDone: () => void
}) => {
  const [name, setName] = useState(before)
  const send = async () => {
    await call('renameSecondFactor', { params: { factorId }, body: { name } })
    onDone()
  }
  return (
    <FormDialog title={own.renameTitle(before)} onClose={onClose} submit={own.rename} onSubmit={send}>
      <TextField label={own.name} name="name" value={name} onInput={setName} isRequired isFirst />
    </FormDialog>
  )
}

const columnsOf = (choose: (doing: Doing) => void): readonly Column<Factor>[] => [
  ...factorColumns,
  {
    title: own.actions,
    isUntitled: true,
    cell: (factor) => (
      <Menu
        label={own.actionsOf(factor.name)}
        deeds={[
          { text: own.rename, onChoose: () => choose({ what: 'rename', factor }) },
          { text: own.remove, onChoose: () => choose({ what: 'remove', factor }), look: 'danger' },
        ]}
      />
    ),
  },
]
