import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useIdempotencyKey } from '../../client/use-idempotency-key.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { HistoryLink, maySeeHistory } from '../../parts/history-link.tsx'
import { Menu } from '../../parts/menu.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import type { Column } from '../../parts/table.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { Group } from '../user/shown-user.ts'

const own = texts.accountGroups

type Doing = { readonly what: 'add' } | { readonly what: 'rename' | 'delete'; readonly group: Group }

type Done = (text: string) => void

export const Screen = () => {
  const me = useMe()
  const loaded = useCall('listAccountGroups', {})
  const [doing, setDoing] = useState<Doing | null>(null)
  const mayWrite = holds(me, { section: 'postern-access', level: 'write' })
  const close = () => setDoing(null)
  const done: Done = (text) => {
    toast(text)
    close()
    loaded.reload()
  }
  /** Somebody else can change it while it is edited here. */
  const newest = (group: Group): Group =>
    loaded.data?.accountGroups.find(({ aid }) => aid === group.aid) ?? group
  const add = mayWrite ? (
    <Button look="primary" icon="add" onClick={() => setDoing({ what: 'add' })}>
      {own.add}
    </Button>
  ) : undefined
  return (
    <>
      <PageHeader title={own.title} lead={own.lead} actions={add} />
      <Show loaded={loaded}>
        {({ accountGroups }) =>
          accountGroups.length === 0 ? (
            <Empty title={own.none} />
          ) : (
            <Table
              caption={own.title}
              columns={columnsOf(mayWrite ? setDoing : null, maySeeHistory(me))}
              rows={accountGroups}
              keyOf={({ aid }) => String(aid)}
            />
          )
        }
      </Show>
      {doing?.what === 'add' ? <AddGroup onClose={close} onDone={done} /> : null}
      {doing?.what === 'rename' ? (
        <RenameGroup group={newest(doing.group)} onClose={close} onDone={done} onConflict={loaded.reload} />
      ) : null}
      {doing?.what === 'delete' ? (
        <FormDialog
          look="danger"
          title={own.deleteAsk(doing.group.accountGroupName)}
          submit={own.delete}
          onClose={close}
          onSubmit={async () => {
            await call('deleteAccountGroup', { params: { aid: doing.group.aid } })
            done(own.deleted(doing.group.accountGroupName))
          }}
        >
          <p>{own.deleteText}</p>
        </FormDialog>
      ) : null}
    </>
  )
}

const columnsOf = (
  choose: ((doing: Doing) => void) | null,
  hasHistory: boolean,
): readonly Column<Group>[] => [
  { title: own.name, cell: ({ accountGroupName }) => accountGroupName },
  { title: own.number, cell: ({ aid }) => aid, isNumber: true },
  {
    title: own.users,
    cell: ({ aid }) => <a href={hrefOf('/users', { accountGroup: String(aid) })}>{own.showUsers}</a>,
  },
  ...(hasHistory
    ? [{ title: texts.parts.history, cell: ({ aid }: Group) => <HistoryLink target={String(aid)} /> }]
    : []),
  ...(choose === null
    ? []
    : [
        {
          title: texts.parts.actions,
          isUntitled: true,
          cell: (group: Group) => (
            <Menu
              label={texts.parts.actionsFor(group.accountGroupName)}
              deeds={[
                { text: own.rename, onChoose: () => choose({ what: 'rename', group }) },
                {
                  text: own.delete,
                  look: 'danger' as const,
                  onChoose: () => choose({ what: 'delete', group }),
                },
              ]}
            />
          ),
        },
      ]),
]

type Props = { readonly onClose: () => void; readonly onDone: Done }

const AddGroup = ({ onClose, onDone }: Props) => {
  const [name, setName] = useState('')
  const [number, setNumber] = useState('')
  const keyFor = useIdempotencyKey()
  return (
    <FormDialog
      title={own.add}
      onClose={onClose}
      submit={own.add}
      onSubmit={async () => {
        const body = { accountGroupName: name, ...(number === '' ? {} : { aid: Number(number) }) }
        await call('createAccountGroup', { body }, { idempotencyKey: keyFor(body) })
        onDone(own.added(name))
      }}
    >
      <TextField label={own.name} name="accountGroupName" value={name} onInput={setName} isRequired isFirst />
      <TextField
        label={own.number}
        name="aid"
        type="number"
        hint={own.numberHint}
        value={number}
        onInput={setNumber}
      />
    </FormDialog>
  )
}

const RenameGroup = ({
  group,
  onClose,
  onDone,
  onConflict,
}: Props & { readonly group: Group; readonly onConflict: () => void }) => {
  const [name, setName] = useState(group.accountGroupName)
  return (
    <FormDialog
      title={own.renameTitle(group.accountGroupName)}
      onClose={onClose}
      submit={own.rename}
      isDisabled={name === group.accountGroupName}
      onSubmit={async () => {
        const { aid, version } = group
        await call('renameAccountGroup', { params: { aid }, body: { accountGroupName: name, version } })
        onDone(own.renamed(name))
      }}
      onConflict={onConflict}
    >
      <TextField label={own.name} name="accountGroupName" value={name} onInput={setName} isRequired isFirst />
    </FormDialog>
  )
}
