import type { Answer } from '../client/operations.ts'
import { useUsers } from '../client/use-names.ts'
import { hrefOf } from '../router.ts'
import { texts } from '../texts/en.ts'
import type { Names } from './change-lines.ts'
import { AsJson, Changes, useChangeNames } from './changes.tsx'
import { Tag, Time } from './small.tsx'
import { Table } from './table.tsx'

const own = texts.auditRows
const reasons: Readonly<Record<string, { readonly title: string } | undefined>> = texts.denials.reasons
const ofSignIn: Readonly<Record<string, string | undefined>> = own.reasons

export type AuditRow = Answer<'listAudit'>['rows'][number]

/** What was done or refused, newest first. */
export const AuditRows = ({
  caption,
  rows,
  isOfOneUser = false,
}: {
  readonly caption: string
  readonly rows: readonly AuditRow[]
  /** Leaves out to whom it was done. */
  readonly isOfOneUser?: boolean
}) => {
  const names = useChangeNames()
  const userOf = useUsers(rows.flatMap(({ targetUserId }) => targetUserId ?? []))
  const usernameOf = (id: string): string | undefined => {
    const user = userOf(id)
    return user === 'gone' ? undefined : user?.username
  }
  return (
    <Table
      caption={caption}
      rows={rows}
      keyOf={({ auditId }) => auditId}
      columns={[
        { title: own.at, cell: ({ at }) => <Time at={at} /> },
        {
          title: own.action,
          cell: ({ action, outcome, reason, count }) => (
            <>
              <code class="action">{action}</code>{' '}
              {outcome === 'refused' ? <Tag look="danger">{own.refused}</Tag> : null}
              {reason === undefined ? null : <span class="second">{reasonOf(reason)}</span>}
              {count === undefined ? null : <span class="second">{own.more(count)}</span>}
            </>
          ),
        },
        {
          title: own.actor,
          cell: ({ actor }) => <Actor actor={actor} usernameOf={usernameOf} vendorOf={names.vendor} />,
        },
        ...(isOfOneUser
          ? []
          : [
              {
                title: own.target,
                cell: (row: AuditRow) => <Target row={row} usernameOf={usernameOf} names={names} />,
              },
            ]),
        { title: own.address, cell: ({ address }) => (address === null ? '–' : <code>{address}</code>) },
        {
          title: own.changes,
          cell: (row) => <Done row={row} names={names} />,
        },
      ]}
    />
  )
}

const reasonOf = (reason: string): string => reasons[reason]?.title ?? ofSignIn[reason] ?? reason

/** Its name where it still has one. */
const nameOf = (action: string, targetId: string, names: Names): string => {
  if (targetId.startsWith('api_')) return names.api(targetId)
  if (targetId.startsWith('vnd_')) return names.vendor(targetId)
  if (action.startsWith('role.')) return names.role(Number(targetId))
  return action.startsWith('account-group.') ? names.group(Number(targetId)) : targetId
}

const Target = ({
  row: { action, targetUserId, targetId },
  usernameOf,
  names,
}: {
  readonly row: AuditRow
  readonly usernameOf: (userId: string) => string | undefined
  readonly names: Names
}) => (
  <>
    {targetUserId === null ? null : (
      <a href={hrefOf(`/users/${targetUserId}`)}>{usernameOf(targetUserId) ?? <code>{targetUserId}</code>}</a>
    )}
    {targetId === null ? null : <IdOrName id={targetId} name={nameOf(action, targetId, names)} />}
    {targetUserId === null && targetId === null ? '–' : null}
  </>
)

const IdOrName = ({ id, name }: { readonly id: string; readonly name: string }) =>
  name === id ? <code class="second">{id}</code> : <span>{name}</span>

const Actor = ({
  actor,
  usernameOf,
  vendorOf,
}: {
  readonly actor: AuditRow['actor']
  readonly usernameOf: (userId: string) => string | undefined
  readonly vendorOf: (vendorId: string) => string
}) => {
  const name = actor.username ?? usernameOf(actor.userId ?? '') ?? actor.userId ?? own.kinds[actor.kind]
  return (
    <>
      {actor.userId === null || actor.kind === 'organization' ? (
        name
      ) : (
        <a href={hrefOf(`/users/${actor.userId}`)}>{name}</a>
      )}
      {actor.kind === 'user' ? null : <span class="second">{own.kinds[actor.kind]}</span>}
      {actor.actingUserId === null ? null : (
        <span class="second">
          {own.by} <code>{actor.actingUserId}</code>
        </span>
      )}
      {actor.integrationVendor === null ? null : (
        <span class="second">{own.forVendor(vendorOf(actor.integrationVendor))}</span>
      )}
    </>
  )
}

const Done = ({
  row: { changes, request },
  names,
}: {
  readonly row: Pick<AuditRow, 'changes' | 'request'>
  readonly names: Names
}) => (
  <>
    {request === undefined ? null : <code>{request}</code>}
    {changes.length === 0 ? null : (
      <>
        <Changes changes={changes} names={names} />
        <AsJson changes={changes} />
      </>
    )}
  </>
)
