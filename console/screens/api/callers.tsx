import type { ComponentChildren } from 'preact'
import type { Level } from '../../client/granted-rights.ts'
import { endpointsOfRole, levelOfRole, levelOfShare } from '../../client/granting.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { useSections } from '../../client/use-sections.ts'
import { Notice } from '../../parts/notice.tsx'
import { Section as PagePart } from '../../parts/page.tsx'
import { Tag } from '../../parts/small.tsx'
import { NoRight, Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { Role } from '../user/shown-user.ts'
import type { Api, Section } from './shown-api.ts'

const own = texts.api.callers

/** Which roles grant each section, and which organizations can give it to their users. */
export const Callers = ({ api }: { readonly api: Api }) => {
  const maySee = holds(useMe(), { section: 'postern-access', level: 'read' })
  const roles = useCall('listRoles', maySee ? {} : null)
  const sections = useSections(maySee)
  // Its owner alone sees what is shared with whom, others their own share.
  const isOwn = api.organizationId === useMe().organization.organizationId
  return (
    <PagePart title={own.tab} lead={isOwn ? own.leadOfOwner : own.lead}>
      {maySee ? (
        <Show loaded={sections}>
          {(known) => (
            <Show loaded={roles}>
              {(listed) => (
                <Grants
                  api={api}
                  sections={known.sections.filter((section) => section.api === api.name)}
                  roles={listed.roles}
                  plainApi={known.plainApi}
                  isOwn={isOwn}
                />
              )}
            </Show>
          )}
        </Show>
      ) : (
        <NoRight needs="postern-access: read" />
      )}
    </PagePart>
  )
}

type Granting = { readonly key: string; readonly name: ComponentChildren; readonly what: string }

const Grants = ({
  api,
  sections,
  roles,
  plainApi,
  isOwn,
}: {
  readonly api: Api
  readonly sections: readonly Pick<Section, 'name' | 'dashboard'>[]
  readonly roles: readonly Role[]
  readonly plainApi: string | null
  readonly isOwn: boolean
}) => {
  const rows = [null, ...sections]
  const shares = {
    title: own.organizations,
    cell: (section: (typeof rows)[number]) => (
      <List
        granting={api.sharedWith.flatMap((share) => {
          const level = levelOfShare(share, section?.name ?? null)
          const { organizationId } = share
          return level === null
            ? []
            : [{ key: organizationId, name: <code>{organizationId}</code>, what: wordOf(level) }]
        })}
      />
    ),
  }
  const most = isOwn ? null : (api.sharedWith[0] ?? null)
  const withEndpoints = roles.flatMap((role) => {
    const what = endpointsOfRole(role, api.name, plainApi).join(', ')
    return what === '' ? [] : [grantOf(role, what)]
  })
  return (
    <div class="stack">
      <Notice>
        <p>
          {own.ofUsers} <a href={hrefOf('/users', { hasOwnGrants: 'true' })}>{own.usersWithOwn}</a>
        </p>
        {isOwn ? null : <p>{own.withinShare}</p>}
      </Notice>
      <Table
        caption={own.tab}
        rows={rows}
        keyOf={(section) => section?.name ?? ''}
        columns={[
          {
            title: own.section,
            cell: (section) => (section === null ? own.everySection : <code>{section.name}</code>),
          },
          {
            title: own.roles,
            cell: (section) => (
              <List
                granting={roles.flatMap((role) => {
                  const level = levelOfRole(role, api.name, section, plainApi, most)
                  return level === null ? [] : [grantOf(role, wordOf(level))]
                })}
              />
            ),
          },
          ...(isOwn ? [shares] : []),
        ]}
      />
      {withEndpoints.length === 0 ? null : <h3>{own.endpoints}</h3>}
      {withEndpoints.length === 0 ? null : <List granting={withEndpoints} />}
    </div>
  )
}

const wordOf = (level: Level): string => texts.permissions[level]

const grantOf = ({ roleId, roleName }: Role, what: string): Granting => ({
  key: String(roleId),
  name: (
    <a href={hrefOf('/users', { role: String(roleId) })} aria-label={own.usersWith(roleName)}>
      {roleName}
    </a>
  ),
  what,
})

const List = ({ granting }: { readonly granting: readonly Granting[] }) =>
  granting.length === 0 ? (
    <>–</>
  ) : (
    <ul class="bare-list">
      {granting.map(({ key, name, what }) => (
        <li key={key}>
          {name} <Tag>{what}</Tag>
        </li>
      ))}
    </ul>
  )
