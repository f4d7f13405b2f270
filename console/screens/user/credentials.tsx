import { useState } from 'preact/hooks'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { Menu } from '../../parts/menu.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Section } from '../../parts/page.tsx'
import { Tag, Time } from '../../parts/small.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import type { Column } from '../../parts/table.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf, useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { ChangeStatus, EditCredential, isExpired } from './change-credential.tsx'
import { NewCredential, RotateCredential } from './new-credential.tsx'
import type { Credential, User } from './shown-user.ts'

const own = texts.user.credentials

type Doing =
  | { readonly what: 'create' }
  | { readonly what: 'rotate' | 'edit' | 'disable' | 'enable' | 'delete'; readonly credential: Credential }

/** @param isOwn by the calls with which users manage their own: to disable one is for administrators */
export const Credentials = ({
  user,
  isOwn = false,
}: {
  readonly user: Pick<User, 'userId'>
  readonly isOwn?: boolean
}) => {
  const me = useMe()
  const [{ key: searched }] = useQuery()
  const { userId } = user
  const ofAnother = useCall('listCredentials', isOwn ? null : { params: { userId } })
  const ofMine = useCall('listOwnCredentials', isOwn ? {} : null)
  const loaded = isOwn ? ofMine : ofAnother
  const [doing, setDoing] = useState<Doing | null>(null)
  const mayWrite = isOwn || holds(me, { section: 'postern-credentials', level: 'write' })
  const done = () => {
    setDoing(null)
    loaded.reload()
  }
  const create = mayWrite ? (
    <Button icon="add" look="primary" onClick={() => setDoing({ what: 'create' })}>
      {own.create}
    </Button>
  ) : undefined

  return (
    <Section title={own.tab} lead={own.lead} actions={create}>
      <Show loaded={loaded}>
        {({ credentials }) => (
          <>
            {searched === undefined || credentials.some(({ keyId }) => keyId === searched) ? null : (
              <Gone keyId={searched} />
            )}
            {credentials.length === 0 ? (
              <Empty title={own.noneTitle}>
                <p>{own.none}</p>
              </Empty>
            ) : (
              <Table
                caption={own.tab}
                columns={columnsOf(credentials, mayWrite ? setDoing : null, isOwn, searched)}
                rows={credentials.toSorted(
                  (one, other) => Number(other.keyId === searched) - Number(one.keyId === searched),
                )}
                keyOf={({ keyId }) => keyId}
              />
            )}
          </>
        )}
      </Show>
      {doing?.what === 'create' ? (
        <NewCredential userId={userId} isOwn={isOwn} onClose={() => setDoing(null)} onMade={loaded.reload} />
      ) : null}
      {doing?.what === 'rotate' ? (
        <RotateCredential
          userId={userId}
          isOwn={isOwn}
          credential={doing.credential}
          onClose={() => setDoing(null)}
          onMade={loaded.reload}
        />
      ) : null}
      {doing?.what === 'edit' ? (
        <EditCredential
          userId={userId}
          credential={doing.credential}
          onClose={() => setDoing(null)}
          onDone={done}
        />
      ) : null}
      {doing?.what === 'disable' || doing?.what === 'enable' || doing?.what === 'delete' ? (
        <ChangeStatus
          userId={userId}
          isOwn={isOwn}
          {...doing}
          what={doing.what}
          onClose={() => setDoing(null)}
          onDone={done}
        />
      ) : null}
    </Section>
  )
}

/** In place of a credential to which a search has led. */
const Gone = ({ keyId }: { readonly keyId: string }) => (
  <Notice>
    <p>{own.searchedGone(keyId)}</p>
    {holds(useMe(), { section: 'postern-audit', level: 'read' }) ? (
      <p>
        <a href={hrefOf('/audit', { target: keyId })}>{own.searchedAudit}</a>
      </p>
    ) : null}
  </Notice>
)

const columnsOf = (
  credentials: readonly Credential[],
  choose: ((doing: Doing) => void) | null,
  isOwn: boolean,
  searched: string | undefined,
): readonly Column<Credential>[] => {
  // A rotation keeps the name, so that only the ids tell the two apart. Those of one user differ at their end.
  const shownAs = (keyId: string) => {
    const found = credentials.find((each) => each.keyId === keyId)
    return found === undefined ? keyId : `${found.name} (…\u2060${keyId.slice(-4)})`
  }
  return [
    {
      title: own.name,
      cell: ({ name, keyId, clientId }) => (
        <>
          {name} {keyId === searched ? <Tag look="good">{own.searched}</Tag> : null}
          <code class="second">{clientId ?? keyId}</code>
        </>
      ),
    },
    {
      title: own.kind,
      cell: ({ kind, imported }) => (
        <>
          {own.kinds[kind]} {imported === true ? <Tag>{own.imported}</Tag> : null}
        </>
      ),
    },
    { title: own.status, cell: (credential) => <Status credential={credential} /> },
    {
      title: own.replaces,
      cell: ({ replaces, replacedBy, replacedExpiresAt }) => (
        <>
          {(replacedBy ?? replaces) ? null : <span class="muted">{own.notRotated}</span>}
          {replacedBy === undefined ? null : own.replacedByText(shownAs(replacedBy))}
          {replaces === undefined ? null : own.replacesText(shownAs(replaces))}
          {replacedExpiresAt === undefined ? null : (
            <span class="second">
              {own.oldWorksUntil} <Time at={replacedExpiresAt} />
            </span>
          )}
        </>
      ),
    },
    {
      title: own.lastUse,
      cell: ({ lastUsedAt }) =>
        lastUsedAt === null ? (
          <span class="muted">{own.neverUsed}</span>
        ) : (
          <Time at={lastUsedAt} form="distance" />
        ),
    },
    {
      title: own.expires,
      cell: ({ expiresAt }) =>
        expiresAt === null ? <span class="muted">{own.neverExpires}</span> : <Time at={expiresAt} />,
    },
    { title: own.created, cell: ({ createdAt }) => <Time at={createdAt} form="day" /> },
    ...(choose === null
      ? []
      : [
          {
            title: texts.parts.actions,
            isUntitled: true,
            cell: (credential: Credential) => (
              <Menu
                label={texts.parts.actionsFor(credential.name)}
                deeds={[
                  { text: own.rotate, onChoose: () => choose({ what: 'rotate', credential }) },
                  ...(isOwn
                    ? []
                    : [
                        { text: own.edit, onChoose: () => choose({ what: 'edit' as const, credential }) },
                        credential.status === 'active'
                          ? { text: own.disable, onChoose: () => choose({ what: 'disable', credential }) }
                          : { text: own.enable, onChoose: () => choose({ what: 'enable', credential }) },
                      ]),
                  {
                    text: own.delete,
                    look: 'danger' as const,
                    onChoose: () => choose({ what: 'delete', credential }),
                  },
                ]}
              />
            ),
          },
        ]),
  ]
}

const Status = ({ credential }: { readonly credential: Credential }) => {
  if (credential.status === 'disabled') return <Tag look="danger">{own.disabled}</Tag>
  if (isExpired(credential)) return <Tag look="danger">{own.expired}</Tag>
  if (credential.replacedBy !== undefined) return <Tag look="warning">{own.overlaps}</Tag>
  return <Tag look="good">{own.active}</Tag>
}
