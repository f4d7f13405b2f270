import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { LinkButton } from '../../parts/button.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { Tag } from '../../parts/small.tsx'
import { Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { Role } from '../user/shown-user.ts'

const own = texts.roles

export const Screen = () => {
  const me = useMe()
  const loaded = useCall('listRoles', {})
  const mayWrite = holds(me, { section: 'postern-access', level: 'write' })
  return (
    <>
      <PageHeader
        title={own.title}
        lead={own.lead}
        actions={
          mayWrite ? (
            <LinkButton look="primary" icon="add" href={hrefOf('/roles/new')}>
              {own.add}
            </LinkButton>
          ) : undefined
        }
      />
      <Show loaded={loaded}>
        {({ roles }) => (
          <Table
            caption={own.title}
            rows={roles}
            keyOf={({ roleId }) => String(roleId)}
            columns={[
              {
                title: own.name,
                cell: ({ roleId, roleName }) => <a href={hrefOf(`/roles/${roleId}`)}>{roleName}</a>,
              },
              { title: own.number, cell: ({ roleId }) => roleId, isNumber: true },
              {
                title: own.origin,
                cell: ({ builtin }) => (builtin ? <Tag>{own.builtIn}</Tag> : own.custom),
              },
              { title: own.grants, cell: (role) => grantsOf(role).join(', ') || own.nothing },
              {
                title: own.management,
                cell: ({ hasManagementPermissions }) =>
                  hasManagementPermissions ? <Tag look="warning">{own.manages}</Tag> : own.managesNot,
              },
              {
                title: own.holders,
                cell: ({ roleId }) => (
                  <a href={hrefOf('/users', { role: String(roleId) })}>{own.showHolders}</a>
                ),
              },
            ]}
          />
        )}
      </Show>
    </>
  )
}

/** What a role grants, in a few words. */
const grantsOf = (role: Role): string[] => [
  ...(role.everything ? [own.everything] : []),
  ...(role.everyApi === null ? [] : [own.everyApi[role.everyApi]]),
  ...role.everySection.map(({ api, level, except }) => own.everySection(api, level, except.length)),
  ...(Object.keys(role.permissions).length === 0 ? [] : [own.sections(Object.keys(role.permissions).length)]),
  ...(role.endpoints.length === 0 ? [] : [own.endpoints(role.endpoints.length)]),
  ...(role.impersonation === 'none' ? [] : [own.impersonation]),
]
