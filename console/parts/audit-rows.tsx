import type { Answer } from '../client/operations.ts'
import { hrefOf } from '../router.ts'
import { texts } from '../texts/en.ts'
import { Tag, Time } from './small.tsx'
import { Table } from './table.tsx'

const own = texts.auditRows

export type AuditRow = Answer<'listAudit'>['rows'][number]

/** What was done or refused, newest first. */
export const AuditRows = ({
  caption,
  rows,
}: {
  readonly caption: string
  readonly rows: readonly AuditRow[]
}) => (
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
            <code>{action}</code> {outcome === 'refused' ? <Tag look="danger">{own.refused}</Tag> : null}
            {reason === undefined ? null : <span class="second">{reason}</span>}
            {count === undefined ? null : <span class="second">{own.more(count)}</span>}
          </>
        ),
      },
      { title: own.actor, cell: ({ actor }) => <Actor actor={actor} /> },
      { title: own.address, cell: ({ address }) => (address === null ? '–' : <code>{address}</code>) },
      { title: own.changes, cell: ({ changes, request }) => <Changes changes={changes} request={request} /> },
    ]}
  />
)

const Actor = ({ actor }: { readonly actor: AuditRow['actor'] }) => {
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
    </>
  )
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '–')

const Changes = ({ changes, request }: Pick<AuditRow, 'changes' | 'request'>) => (
  <>
    {request === undefined ? null : <code>{request}</code>}
    {changes.map(({ field, before, after }) => (
      <span class="change" key={field}>
        <code>{field}</code>: {textOf(before)} → {textOf(after)}
      </span>
    ))}
  </>
)
