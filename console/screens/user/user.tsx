import { holds } from '../../client/rights.ts'
import type { Loaded } from '../../client/use-call.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { Tag } from '../../parts/small.tsx'
import { Show } from '../../parts/states.tsx'
import { Tabs, useTab } from '../../parts/tabs.tsx'
import type { Params } from '../../router.ts'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { Access } from './access.tsx'
import { Activity } from './activity.tsx'
import { Credentials } from './credentials.tsx'
import { Factors } from './factors.tsx'
import { Overview } from './overview.tsx'
import type { User } from './shown-user.ts'
import { Whitelist } from './whitelist.tsx'

const own = texts.user
const names = ['overview', 'access', 'credentials', 'whitelist', 'activity'] as const

export const Screen = ({ params: { userId = '' } }: { readonly params: Params }) => {
  const loaded = useCall('getUser', { params: { userId } })
  const user = loaded.data?.user
  return (
    <>
      <PageHeader
        title={user?.username ?? own.title}
        lead={user === undefined ? undefined : <Lead user={user} />}
        back={{ href: hrefOf('/users'), text: texts.users.title }}
      />
      <Show loaded={loaded}>{({ user: shown }) => <Body user={shown} loaded={loaded} />}</Show>
    </>
  )
}

const Lead = ({ user: { name, username, status, accessLevel, membership } }: { readonly user: User }) => (
  <>
    {name === username ? null : (
      <>
        <bdi>{name}</bdi>
        {' · '}
      </>
    )}
    {texts.users.accessLevels[accessLevel]}{' '}
    <Tag look={status === 'active' ? 'good' : 'danger'}>
      {status === 'active' ? texts.users.active : texts.users.disabled}
    </Tag>{' '}
    {membership === 'home' ? null : <Tag look="warning">{texts.users.memberships[membership]}</Tag>}
  </>
)

const Body = ({
  user,
  loaded: { reload },
}: {
  readonly user: User
  readonly loaded: Pick<Loaded<unknown>, 'reload'>
}) => {
  const me = useMe()
  // The home organization of a guest alone sees these.
  const isHome = user.membership === 'home'
  const isShown = {
    overview: true,
    access: true,
    credentials: isHome && holds(me, { section: 'postern-credentials', level: 'read' }),
    whitelist: isHome && holds(me, { section: 'postern-whitelist', level: 'read' }),
    activity: true,
  }
  const tabs = names.filter((name) => isShown[name])
  const tab = useTab(tabs)
  return (
    <>
      {isHome ? null : (
        <Notice>
          <p>{own.guest[user.membership]}</p>
        </Notice>
      )}
      <Tabs label={own.tabs} tabs={tabs.map((name) => ({ name, text: own[name].tab }))} />
      {tab === 'overview' ? <Overview user={user} onChanged={reload} /> : null}
      {tab === 'access' ? <Access user={user} onChanged={reload} /> : null}
      {tab === 'credentials' ? (
        <>
          <Credentials user={user} />
          <Factors user={user} />
        </>
      ) : null}
      {tab === 'whitelist' ? <Whitelist user={user} onChanged={reload} /> : null}
      {tab === 'activity' ? <Activity user={user} /> : null}
    </>
  )
}
