import { useRef } from 'preact/hooks'
import type { Answer } from '../client/operations.ts'
import { ownSessionId } from '../client/session.ts'
import { useMe } from '../client/use-me.ts'
import { useUsers } from '../client/use-names.ts'
import { hrefOf } from '../router.ts'
import { texts } from '../texts/en.ts'
import type { Names } from './change-lines.ts'
import { AsJson, Changes, useChangeNames } from './changes.tsx'
import { formerNamesOf, targetKey } from './former-names.ts'
import { Tag, Time } from './small.tsx'
import { Loading, titleOfReason } from './states.tsx'
import { Table } from './table.tsx'

const own = texts.auditRows
const ofSignIn: Readonly<Record<string, string | undefined>> = own.reasons

export type AuditRow = Answer<'listAudit'>['rows'][number]

/** Names for what the rows are about. */
type Known = {
  readonly names: Names
  /** Of a user; undefined if it is gone or unknown. */
  readonly usernameOf: (userId: string) => string | undefined
  readonly formerNames: ReturnType<typeof formerNamesOf>
}

/** What was done or refused, newest first. Rows are shown once their names are known, so that nothing moves afterwards. */
export const AuditRows = ({
  caption,
  rows: given,
  isOfOneUser = false,
}: {
  readonly caption: string
  readonly rows: readonly AuditRow[]
  /** Leaves out to whom it was done. */
  readonly isOfOneUser?: boolean
}) => {
  const former = formerNamesOf(given)
  const keyIds = given.flatMap(({ targetId, changes }) => [targetId, ...changes.map(({ after }) => after)])
  const names = useChangeNames(keyIds.filter((id): id is string => typeof id === 'string' && !former.has(id)))
  const users = useUsers(
    given.flatMap(({ actor, targetUserId }) => [
      ...(actor.username === undefined ? [actor.userId ?? ''] : []),
      ...[actor.actingUserId ?? '', targetUserId ?? ''],
    ]),
  )
  const shown = useRef<{ readonly rows: readonly AuditRow[]; readonly formerNames: typeof former } | null>(
    null,
  )
  if (!names.isReading && !users.isReading) shown.current = { rows: given, formerNames: former }
  if (shown.current === null) return <Loading />
  const { rows, formerNames } = shown.current
  const usernameOf = (id: string): string | undefined => {
    const user = users.of(id)
    return user === 'gone' ? undefined : user?.username
  }
  const known: Known = { names, usernameOf, formerNames }
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
              {outcome === 'refused' ? <Tag look="danger">{actionText(action)}</Tag> : actionText(action)}
              {reason === undefined ? null : <span class="second">{reasonOf(reason)}</span>}
              {count === undefined ? null : <span class="second">{own.more(count)}</span>}
            </>
          ),
        },
        { title: own.actor, cell: ({ actor }) => <Actor actor={actor} known={known} /> },
        ...(isOfOneUser
          ? []
          : [{ title: own.target, cell: (row: AuditRow) => <Target row={row} known={known} /> }]),
        { title: own.address, cell: ({ address }) => (address === null ? '–' : <code>{address}</code>) },
        {
          title: own.changes,
          cell: (row) => <Done row={row} names={names} />,
        },
      ]}
    />
  )
}

/** In the reader's words; the action of a later version of the API as it is. */
export const actionText = (action: string): string =>
  (own.actions as Readonly<Record<string, string | undefined>>)[action] ?? action

const reasonOf = (reason: string): string => titleOfReason(reason) ?? ofSignIn[reason] ?? reason

/** Its name where it still has one, or had one in a row that is shown. */
const nameOf = (action: string, targetId: string, { names, formerNames }: Known): string => {
  const former = formerNames.get(targetKey(action, targetId))
  const orFormer = (name: string, otherwise = name) => (name === targetId ? (former ?? otherwise) : name)
  if (targetId.startsWith('api_')) return orFormer(names.api(targetId))
  if (targetId.startsWith('vnd_')) return orFormer(names.vendor(targetId))
  if (targetId.startsWith('key_')) return former ?? names.credential(targetId)
  if (targetId.startsWith('ses_')) return targetId === ownSessionId() ? own.thisSession : own.session
  if (action.startsWith('role.')) return orFormer(names.role(Number(targetId)), own.role(targetId))
  if (action.startsWith('account-group.')) return orFormer(names.group(Number(targetId)), own.group(targetId))
  return former ?? targetId
}

const Target = ({
  row: { action, targetUserId, targetId },
  known,
}: {
  readonly row: AuditRow
  readonly known: Known
}) => {
  const { organizationId, name } = useMe().organization
  if (targetUserId === null && targetId === null) return <>–</>
  return (
    <>
      {targetUserId === null ? null : <User id={targetUserId} known={known} />}
      {targetId === null ? null : (
        <IdOrName
          id={targetId}
          name={targetId === organizationId ? name : nameOf(action, targetId, known)}
          isSecond={targetUserId !== null}
        />
      )}
    </>
  )
}

/** Leads to a user that is still there. */
const User = ({ id, known }: { readonly id: string; readonly known: Known }) => {
  const username = known.usernameOf(id)
  const former = known.formerNames.get(id)
  if (username === undefined && former !== undefined) return <bdi title={id}>{former}</bdi>
  return (
    <a href={hrefOf(`/users/${id}`)}>{username === undefined ? <code>{id}</code> : <bdi>{username}</bdi>}</a>
  )
}

const IdOrName = ({
  id,
  name,
  isSecond,
}: {
  readonly id: string
  readonly name: string
  readonly isSecond: boolean
}) => (
  <span class={isSecond ? 'second' : undefined} title={id === name ? undefined : id}>
    {name === id || name.includes('…') ? <code>{name}</code> : <bdi>{name}</bdi>}
  </span>
)

const Actor = ({ actor, known }: { readonly actor: AuditRow['actor']; readonly known: Known }) => {
  const { userId, username, kind, actingUserId, integrationVendor } = actor
  return (
    <>
      {userId === null ? (
        own.kinds[kind]
      ) : username === undefined ? (
        <User id={userId} known={known} />
      ) : kind === 'organization' ? (
        <bdi>{username}</bdi>
      ) : (
        <a href={hrefOf(`/users/${userId}`)}>
          <bdi>{username}</bdi>
        </a>
      )}
      {kind === 'user' || userId === null ? null : <span class="second">{own.kinds[kind]}</span>}
      {actingUserId === null ? null : (
        <span class="second">
          {own.by} <User id={actingUserId} known={known} />
        </span>
      )}
      {integrationVendor === null ? null : (
        <span class="second">{own.forVendor(known.names.vendor(integrationVendor))}</span>
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
