import type { Answer } from '../client/operations.ts'
import { hrefOf } from '../router.ts'
import { texts } from '../texts/en.ts'
import type { Names } from './change-lines.ts'
import { AsJson, Changes, useChangeNames } from './changes.tsx'
import { Tag, Time } from './small.tsx'
import { Table } from './table.tsx'

const own = texts.auditRows

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
              {reason === undefined ? null : <span class="second">{reason}</span>}
              {count === undefined ? null : <span class="second">{own.more(count)}</span>}
            </>
          ),
        },
        { title: own.actor, cell: ({ actor }) => <Actor actor={actor} vendorOf={names.vendor} /> },
        ...(isOfOneUser ? [] : [{ title: own.target, cell: (row: AuditRow) => <Target row={row} /> }]),
        { title: own.address, cell: ({ address }) => (address === null ? '–' : <code>{address}</code>) },
        {
          title: own.changes,
          cell: (row) => <Done row={row} names={names} />,
        },
      ]}
    />
  )
}

const Target = ({ row: { targetUserId, targetId } }: { readonly row: AuditRow }) => (
  <>
    {targetUserId === null ? null : (
      <a href={hrefOf(`/users/${targetUserId}`)}>
        <code>{targetUserId}</code>
      </a>
    )}
    {targetId === null ? null : <code class="second">{targetId}</code>}
    {targetUserId === null && targetId === null ? '–' : null}
  </>
)

const Actor = ({
  actor,
  vendorOf,
}: {
  readonly actor: AuditRow['actor']
  readonly vendorOf: (vendorId: string) => string
}) => {
  const name = actor.username ?? actor.userId ?? own.kinds[actor.kind]
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
