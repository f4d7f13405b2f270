import { useEffect, useRef, useState } from 'preact/hooks'
import { useUnsaved } from '../../client/unsaved.ts'
import { useAccountGroupChoices, useRoleChoices } from '../../client/use-choices.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { SelectField } from '../../parts/fields.tsx'
import { Form } from '../../parts/form.tsx'
import { Tag } from '../../parts/small.tsx'
import { Table } from '../../parts/table.tsx'
import { texts } from '../../texts/en.ts'
import type { User } from '../user/shown-user.ts'
import type { Deed, Outcome } from './bulk.ts'
import { carryOutEach } from './bulk.ts'

const own = texts.users.bulk

type Outcomes = Readonly<Record<string, Outcome>>

/** Does the same to several users, one call after the other, and says of each what came of it. */
export const BulkDialog = ({
  what,
  users,
  onClose,
}: {
  readonly what: Deed['is']
  readonly users: readonly User[]
  readonly onClose: (isChanged: boolean) => void
}) => {
  const [role, setRole] = useState('')
  const [group, setGroup] = useState('')
  const [outcomes, setOutcomes] = useState<Outcomes>({})
  const [isRunning, setIsRunning] = useState(false)
  const isStopped = useRef(false)
  useUnsaved(isRunning)
  useEffect(
    () => () => {
      isStopped.current = true
    },
    [],
  )
  const left = users.filter(({ userId }) => !['done', 'unchanged'].includes(outcomes[userId]?.is ?? ''))
  const count = Object.keys(outcomes).length
  const isBegun = isRunning || count > 0
  const deed: Deed =
    what === 'role'
      ? { is: what, roleId: Number(role), aid: group === '' ? null : Number(group) }
      : { is: what }

  const run = async () => {
    isStopped.current = false
    setIsRunning(true)
    setOutcomes((now) => Object.fromEntries(Object.entries(now).filter(([, { is }]) => is !== 'failed')))
    const report = (userId: string, outcome: Outcome) => setOutcomes((now) => ({ ...now, [userId]: outcome }))
    await carryOutEach(deed, left, report, { isStopped: () => isStopped.current })
    setIsRunning(false)
  }
  return (
    <Dialog
      title={own.title[what](users.length)}
      onClose={isRunning ? undefined : () => onClose(count > 0)}
      size="large"
    >
      {isBegun ? (
        <>
          <p role="status">{own.progress(count, users.length)}</p>
          <progress aria-label={own.title[what](users.length)} value={count} max={users.length} />
          <Table
            caption={own.results}
            rows={users}
            keyOf={({ userId }) => userId}
            columns={[
              { title: texts.users.username, cell: ({ username }) => username },
              { title: own.result, cell: ({ userId }) => <Result outcome={outcomes[userId]} /> },
            ]}
          />
          <div class="actions">
            {isRunning ? (
              <Button
                onClick={() => {
                  isStopped.current = true
                }}
              >
                {own.stop}
              </Button>
            ) : (
              <>
                <Button look="primary" onClick={() => onClose(true)}>
                  {texts.parts.close}
                </Button>
                {left.length === 0 ? null : (
                  <Button onClick={() => void run()}>{own.goOn(left.length)}</Button>
                )}
              </>
            )}
          </div>
        </>
      ) : (
        <Form
          submit={own[what]}
          look={what === 'disable' ? 'danger' : 'primary'}
          isDisabled={what === 'role' && role === ''}
          onSubmit={run}
          onCancel={() => onClose(false)}
        >
          <p>{own.effect[what]}</p>
          <p class="muted">{users.map(({ username }) => username).join(', ')}</p>
          {what === 'role' ? (
            <RoleFields role={role} group={group} onRole={setRole} onGroup={setGroup} />
          ) : null}
        </Form>
      )}
    </Dialog>
  )
}

const RoleFields = ({
  role,
  group,
  onRole,
  onGroup,
}: {
  readonly role: string
  readonly group: string
  readonly onRole: (role: string) => void
  readonly onGroup: (group: string) => void
}) => {
  const [roles, groups] = [useRoleChoices(), useAccountGroupChoices()]
  return (
    <>
      <SelectField
        label={texts.users.role}
        name="roleId"
        value={role}
        onChange={onRole}
        choices={[{ value: '', text: own.chooseRole }, ...roles]}
        isRequired
      />
      <SelectField
        label={texts.users.accountGroup}
        name="aid"
        value={group}
        onChange={onGroup}
        choices={[{ value: '', text: texts.user.access.everywhere }, ...groups]}
        isRequired
      />
    </>
  )
}

const Result = ({ outcome }: { readonly outcome: Outcome | undefined }) => {
  if (outcome === undefined) return <span class="muted">{own.waits}</span>
  if (outcome.is === 'failed')
    return (
      <>
        <Tag look="danger">{own.failed}</Tag> {outcome.why}
      </>
    )
  return <Tag look={outcome.is === 'done' ? 'good' : 'plain'}>{own.outcomes[outcome.is]}</Tag>
}
