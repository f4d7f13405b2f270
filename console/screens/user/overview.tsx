import { useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Facts, Section } from '../../parts/page.tsx'
import { Email, Tag, Time } from '../../parts/small.tsx'
import { toast } from '../../parts/toast.tsx'
import { hrefOf, open } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { EditUser } from './edit-user.tsx'
import { RateLimit } from './rate-limit.tsx'
import { ResetLink } from './reset-link.tsx'
import type { User, UserProps } from './shown-user.ts'

const own = texts.user.overview

type Doing = 'edit' | 'limit' | 'disable' | 'enable' | 'delete' | 'link' | 'confirm'

export const Overview = ({ user, onChanged }: UserProps) => {
  const me = useMe()
  const [doing, setDoing] = useState<Doing | null>(null)
  const close = () => setDoing(null)
  const done = () => {
    close()
    onChanged()
  }
  const mayWrite = holds(me, { section: 'postern-users', level: 'write' })
  const isHome = user.membership === 'home'
  const mayLink = isHome && holds(me, { section: 'postern-credentials', level: 'write' })
  const isMe = user.userId === me.user.userId
  const mayLimit = holds(me, { section: 'postern-organization', level: 'write' })
  return (
    <>
      <Section
        title={own.tab}
        actions={
          mayWrite && isHome ? <Button onClick={() => setDoing('edit')}>{own.edit}</Button> : undefined
        }
      >
        <Facts facts={factsOf(user)} />
      </Section>
      <Section
        title={own.limitTitle}
        lead={own.limitLead}
        actions={mayLimit ? <Button onClick={() => setDoing('limit')}>{own.limitEdit}</Button> : undefined}
      >
        <p>{user.rateLimitPerMinute === null ? own.noLimit : own.limit(user.rateLimitPerMinute)}</p>
      </Section>
      {mayWrite || mayLink ? (
        <Section title={own.deeds}>
          <ul class="deeds">
            {mayLink && !isMe ? (
              <Deed text={own.linkText} verb={own.link} onClick={() => setDoing('link')} />
            ) : null}
            {mayWrite && user.membership === 'suspended' ? (
              <Deed text={own.confirmText} verb={own.confirm} onClick={() => setDoing('confirm')} />
            ) : null}
            {mayWrite && isHome && !isMe ? (
              user.status === 'active' ? (
                <Deed text={own.disableText} verb={own.disable} onClick={() => setDoing('disable')} />
              ) : (
                <Deed text={own.enableText} verb={own.enable} onClick={() => setDoing('enable')} />
              )
            ) : null}
            {mayWrite && !isMe ? (
              <Deed
                text={isHome ? own.deleteText : own.removeText}
                verb={isHome ? own.delete : own.remove}
                onClick={() => setDoing('delete')}
                look="danger"
              />
            ) : null}
          </ul>
        </Section>
      ) : null}
      {doing === 'edit' ? <EditUser user={user} onClose={close} onChanged={onChanged} /> : null}
      {doing === 'limit' ? <RateLimit user={user} onClose={close} onChanged={onChanged} /> : null}
      {doing === 'link' ? <ResetLink user={user} onClose={close} /> : null}
      {doing === 'delete' ? <Delete user={user} onClose={close} /> : null}
      {doing === 'disable' || doing === 'enable' || doing === 'confirm' ? (
        <FormDialog
          title={own.ask[doing](user.username)}
          submit={own[doing]}
          look={doing === 'disable' ? 'danger' : 'primary'}
          onClose={close}
          onSubmit={async () => {
            const params = { userId: user.userId }
            if (doing === 'confirm') await call('confirmMembership', { params })
            else
              await call('changeUser', {
                params,
                body: { status: doing === 'disable' ? 'disabled' : 'active', version: user.version },
              })
            toast(own.did[doing](user.username))
            done()
          }}
        >
          <p>{own.effect[doing]}</p>
        </FormDialog>
      ) : null}
    </>
  )
}

const factsOf = (user: User) =>
  [
    [texts.users.username, <code key="u">{user.username}</code>],
    [own.userId, <code key="i">{user.userId}</code>],
    [own.name, user.name],
    [
      texts.users.email,
      user.email === null ? null : (
        <>
          <Email address={user.email} />{' '}
          {user.emailVerified ? null : <Tag look="warning">{own.unverified}</Tag>}
        </>
      ),
    ],
    [own.description, user.description],
    [own.location, user.location],
    [own.timezone, user.timezone],
    [own.vendor, user.integrationVendorName],
    [own.guestMemberships, user.guestMemberships === 0 ? null : user.guestMemberships],
    [texts.users.created, <Time key="c" at={user.createdAt} />],
    [own.changed, <Time key="t" at={user.updatedAt} />],
    ...(user.membership === 'home'
      ? ([
          [own.lastUse, user.lastUsedAt === null ? texts.users.never : <Time at={user.lastUsedAt} />],
          [own.lastLogin, user.lastLoginAt === null ? texts.users.never : <Time at={user.lastLoginAt} />],
        ] as const)
      : []),
  ] as const

const Deed = ({
  text,
  verb,
  onClick,
  look = 'plain',
}: {
  readonly text: string
  readonly verb: string
  readonly onClick: () => void
  readonly look?: 'plain' | 'danger'
}) => (
  <li>
    <p>{text}</p>
    <Button look={look} onClick={onClick}>
      {verb}
    </Button>
  </li>
)

/** Says what goes with the user, and asks for its name, since nothing brings it back. */
const Delete = ({ user, onClose }: { readonly user: User; readonly onClose: () => void }) => {
  const me = useMe()
  const isHome = user.membership === 'home'
  const maySee = isHome && holds(me, { section: 'postern-credentials', level: 'read' })
  const params = { userId: user.userId }
  const credentials = useCall('listCredentials', maySee ? { params } : null).data?.credentials
  return (
    <FormDialog
      look="danger"
      title={own.ask[isHome ? 'delete' : 'remove'](user.username)}
      submit={isHome ? own.delete : own.remove}
      nameToType={user.username}
      onClose={onClose}
      onSubmit={async () => {
        await call('deleteUser', { params })
        toast(own.did[isHome ? 'delete' : 'remove'](user.username))
        open(hrefOf('/users'))
      }}
    >
      <ul>
        {(isHome ? own.deleteEffects : own.removeEffects).map((effect) => (
          <li key={effect}>{effect}</li>
        ))}
        {credentials === undefined ? null : <li>{own.credentialsEnd(credentials.length)}</li>}
        {user.guestMemberships === 0 ? null : <li>{own.membershipsEnd(user.guestMemberships)}</li>}
      </ul>
    </FormDialog>
  )
}
