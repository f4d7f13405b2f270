import type { ComponentChildren } from 'preact'
import type { Level, SectionView } from '../../client/granted-rights.ts'
import { highest } from '../../client/granting.ts'
import { useMe } from '../../client/use-me.ts'
import type { Sections } from '../../client/use-sections.ts'
import { Notice } from '../../parts/notice.tsx'
import { Tag } from '../../parts/small.tsx'
import { Empty } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { ApiReach, Given, Source } from './reach.ts'
import { reachOf } from './reach.ts'
import type { Role, User } from './shown-user.ts'

const own = texts.user.mayCall

/** What the roles and permissions of a user add up to, and which of them gives what. */
export const MayCall = ({
  user,
  roles,
  known,
}: {
  readonly user: User
  readonly roles: readonly Role[]
  readonly known: Sections
}) => {
  const { organizationId } = useMe().organization
  const reach = reachOf(user, { ...known, roles, organizationId })
  if (reach.length === 0)
    return (
      <Empty title={own.nothingTitle}>
        <p>{own.nothing}</p>
      </Empty>
    )
  return (
    <div class="stack">
      <Standing user={user} />
      {reach.map((each) => (
        <AtApi key={each.api?.apiId ?? ''} reach={each} isOwn={each.api?.organizationId === organizationId} />
      ))}
    </div>
  )
}

/** What a reader of the table would misunderstand. */
const Standing = ({ user }: { readonly user: User }) => {
  const group = user.accountGroupRoles.find(({ aid }) => aid === user.loginAccountGroup)
  const others = user.accountGroupRoles.filter((each) => each !== group && each.roles.length > 0)
  const said = [
    ...(user.status === 'active' ? [] : [own.disabled]),
    ...(user.membership === 'invited' || user.membership === 'suspended' ? [own.inactive] : []),
    ...(others.length === 0
      ? []
      : [own.otherGroups(others.map(({ accountGroupName }) => accountGroupName).join(', '))]),
  ]
  return said.length === 0 ? null : (
    <Notice>
      {said.map((text) => (
        <p key={text}>{text}</p>
      ))}
    </Notice>
  )
}

type Row = {
  readonly key: string
  readonly what: ComponentChildren
  readonly level: Level | null
  readonly by: readonly Given[]
}

const AtApi = ({ reach, isOwn }: { readonly reach: ApiReach; readonly isOwn: boolean }) => {
  const { api, everyEndpoint, everySection, sections, endpoints } = reach
  const title = api === null ? texts.permissions.postern : api.name
  const given = (sources: readonly Source[]): Given[] => sources.map((source) => ({ source, level: 'write' }))
  const rows: Row[] = [
    ...(everyEndpoint.length === 0
      ? []
      : [{ key: '* endpoints', what: own.everyEndpoint, level: null, by: given(everyEndpoint) }]),
    ...(everySection.length === 0
      ? []
      : [
          {
            key: '* sections',
            what: own.everySection,
            level: highest(everySection.map(({ level }) => level)),
            by: everySection,
          },
        ]),
    ...sections.map((each) => ({
      key: each.section.name,
      what: <Endpoints section={each.section} level={each.level} />,
      level: each.level,
      by: each.given,
    })),
    ...endpoints.map(({ endpoint, by }) => ({
      key: endpoint,
      what: <code>{endpoint}</code>,
      level: null,
      by: given(by),
    })),
  ]
  return (
    <div class="stack">
      <h3>{title}</h3>
      {api === null || isOwn || endpoints.length === 0 ? null : <p class="muted">{own.withinShare}</p>}
      <Table
        caption={own.at(title)}
        rows={rows}
        keyOf={({ key }) => key}
        columns={[
          { title: own.what, cell: ({ what }) => what },
          { title: own.level, cell: ({ level }) => (level === null ? '–' : texts.permissions[level]) },
          { title: own.by, cell: (row) => <GivenBy {...row} /> },
        ]}
      />
    </div>
  )
}

/** A section, and those of its endpoints for which the level suffices. */
const Endpoints = ({
  section: { name, endpoints },
  level,
}: {
  readonly section: SectionView
  readonly level: Level
}) => {
  const open = endpoints.filter((each) => level === 'write' || each.level === 'read')
  return (
    <>
      <code>{name}</code>
      {open.length === 0 ? null : (
        <details>
          <summary>{texts.permissions.endpointCount(open.length)}</summary>
          <ul class="bare-list">
            {open.map(({ endpoint }) => (
              <li key={endpoint}>
                <code>{endpoint}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

const GivenBy = ({ by, level: most }: Row) => (
  <ul class="bare-list">
    {by.map(({ source, level }) => (
      <li key={source === 'own' ? source : `${source.roleId} ${source.group}`}>
        {source === 'own' ? own.own : <RoleLink {...source} />}
        {most === null || level === most ? null : (
          <>
            {' '}
            <Tag>{texts.permissions[level]}</Tag>
          </>
        )}
      </li>
    ))}
  </ul>
)

const RoleLink = ({ roleId, roleName, group }: Exclude<Source, 'own'>) => (
  <>
    <a href={hrefOf(`/roles/${roleId}`)}>{roleName}</a>
    {group === null ? null : <span class="second">{own.inGroup(group)}</span>}
  </>
)
