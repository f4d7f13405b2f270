import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { keyIdIn, namedBy } from '../../client/pasted-id.ts'
import { holds } from '../../client/rights.ts'
import { useLoaded } from '../../client/use-call.ts'
import { useAccountGroupChoices, useRoleChoices, useVendorChoices } from '../../client/use-choices.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { Filters, SearchFilter, SelectFilter } from '../../parts/filters.tsx'
import { PageHeader } from '../../parts/page.tsx'
import { Email, Tag, Time } from '../../parts/small.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import type { Column } from '../../parts/table.tsx'
import { Pages, Table } from '../../parts/table.tsx'
import { hrefOf, useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { User } from '../user/shown-user.ts'
import { lastUseOf } from '../user/shown-user.ts'
import { AddUser } from './add-user.tsx'
import type { Deed } from './bulk.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import type { UserFilter } from './find-users.ts'
import { findUsers } from './find-users.ts'

const own = texts.users
const filters = [
  'q',
  'status',
  'accessLevel',
  'membership',
  'role',
  'accountGroup',
  'integrationVendor',
  'hasOwnGrants',
] as const

export const Screen = () => {
  const me = useMe()
  const [query, change] = useQuery()
  const [round, setRound] = useState(0)
  const mayAdd = holds(me, { section: 'postern-users', level: 'write' })
  const filter: UserFilter = {
    ...Object.fromEntries([...filters, 'cursor'].map((name) => [name, query[name]])),
    order: query['order'] === 'descending' ? 'descending' : undefined,
  }
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [deed, setDeed] = useState<Deed['is'] | null>(null)
  const found = useLoaded(`${round} ${JSON.stringify(filter)}`, (signal) => findUsers(filter, signal))
  const isFiltered = filters.some((name) => query[name] !== undefined)
  const keyId = keyIdIn(filter.q ?? '')
  const isDescending = filter.order === 'descending'
  // What is no longer shown is not chosen.
  const chosenUsers = (found.data?.users ?? []).filter(({ userId }) => chosen.has(userId))

  const columns: readonly Column<User>[] = [
    {
      title: own.username,
      cell: (user) => <Name user={user} keyId={keyId} />,
      sort: {
        isDescending,
        onSort: () => change({ order: isDescending ? '' : 'descending', cursor: '' }),
      },
    },
    { title: own.status, cell: (user) => <Status user={user} /> },
    { title: own.accessLevel, cell: ({ accessLevel }) => own.accessLevels[accessLevel] },
    { title: own.roles, cell: (user) => <Roles user={user} /> },
    {
      title: own.whitelist,
      cell: ({ whitelist }) =>
        whitelist.length === 0 ? <None text={own.anyAddress} /> : own.entries(whitelist.length),
    },
    {
      title: own.email,
      cell: ({ email }) => (email === null ? <None text={own.noEmail} /> : <Email address={email} />),
    },
    {
      title: own.lastUse,
      cell: (user) => {
        const at = lastUseOf(user)
        if (user.membership !== 'home') return <None text={own.unknownUse} />
        return at === null ? <None text={own.never} /> : <Time at={at} form="distance" />
      },
    },
    { title: own.created, cell: ({ createdAt }) => <Time at={createdAt} form="day" /> },
  ]

  const add = mayAdd ? (
    <Button look="primary" icon="add" onClick={() => change({ add: 'user' })}>
      {own.add}
    </Button>
  ) : undefined

  return (
    <>
      <PageHeader title={own.title} lead={own.lead} actions={add} />
      <UserFilters isFiltered={isFiltered} />
      <Show loaded={found}>
        {({ users, nextCursor }) =>
          users.length === 0 ? (
            <NoUsers isFiltered={isFiltered} keyId={keyId} nextCursor={nextCursor} add={add} />
          ) : (
            <>
              <p class="muted" role="status">
                {own.shown(users.length, nextCursor === null && filter.cursor === undefined)}
              </p>
              {chosenUsers.length === 0 ? null : (
                <Chosen count={chosenUsers.length} onDeed={setDeed} onClear={() => setChosen(new Set())} />
              )}
              <Table
                caption={own.caption}
                columns={columns}
                rows={users}
                keyOf={({ userId }) => userId}
                selection={
                  mayAdd
                    ? {
                        chosen,
                        onChoose: setChosen,
                        all: own.bulk.selectAll,
                        labelOf: ({ username }) => own.bulk.selectOne(username),
                      }
                    : undefined
                }
              />
              <Pages label={own.pages} nextCursor={nextCursor} />
            </>
          )
        }
      </Show>
      {deed === null ? null : (
        <BulkDialog
          what={deed}
          users={chosenUsers}
          onClose={(isChanged) => {
            setDeed(null)
            if (isChanged) setRound((before) => before + 1)
          }}
        />
      )}
      {query['add'] === 'user' && mayAdd ? (
        <AddUser
          onClose={() => change({ add: '' }, { replace: true, isSaved: true })}
          onMade={() => setRound((before) => before + 1)}
        />
      ) : null}
    </>
  )
}

/** What can be done to the users that are chosen. */
const Chosen = ({
  count,
  onDeed,
  onClear,
}: {
  readonly count: number
  readonly onDeed: (deed: Deed['is']) => void
  readonly onClear: () => void
}) => {
  const maySeeRoles = holds(useMe(), { section: 'postern-access', level: 'read' })
  return (
    <div class="chosen-bar">
      <strong role="status">{own.bulk.chosen(count)}</strong>
      <Button look="quiet" onClick={onClear}>
        {own.bulk.clear}
      </Button>
      <Button onClick={() => onDeed('disable')}>{own.bulk.disable}</Button>
      <Button onClick={() => onDeed('enable')}>{own.bulk.enable}</Button>
      {maySeeRoles ? <Button onClick={() => onDeed('role')}>{own.bulk.role}</Button> : null}
    </div>
  )
}

const None = ({ text }: { readonly text: string }) => <span class="muted">{text}</span>

/** @param keyId the key id that found the user: leads to this credential */
const Name = ({
  user: { userId, username, name },
  keyId,
}: {
  readonly user: User
  readonly keyId: string | null
}) => (
  <>
    <a href={hrefOf(`/users/${userId}`, keyId === null ? {} : { tab: 'credentials', key: keyId })}>
      <Email address={username} />
    </a>
    {name === username || name === '' ? null : <span class="second">{name}</span>}
  </>
)

const Status = ({ user: { status, membership } }: { readonly user: User }) => (
  <>
    <Tag look={status === 'active' ? 'good' : 'danger'}>
      {status === 'active' ? own.active : own.disabled}
    </Tag>{' '}
    {membership === 'home' ? null : <Tag look="warning">{own.memberships[membership]}</Tag>}
  </>
)

const Roles = ({ user }: { readonly user: User }) => {
  const names = roleNames(user).join(', ')
  if (names !== '') return <>{names}</>
  const isGranted = Object.keys(user.permissions).length > 0 || user.endpoints.length > 0
  return isGranted ? <None text={own.noRoles} /> : <Tag look="warning">{own.noRights}</Tag>
}

const roleNames = ({ roles, accountGroupRoles }: User): string[] => [
  ...new Set([
    ...roles,
    ...accountGroupRoles.flatMap((group) =>
      group.roles.map(({ roleName }) => `${roleName} (${group.accountGroupName})`),
    ),
  ]),
]

const UserFilters = ({ isFiltered }: { readonly isFiltered: boolean }) => {
  const me = useMe()
  const [, change] = useQuery()
  const maySeeAccess = holds(me, { section: 'postern-access', level: 'read' })
  const vendors = useVendorChoices()
  const [roles, groups] = [useRoleChoices(), useAccountGroupChoices()]
  return (
    <Filters
      onClear={
        isFiltered
          ? () => change(Object.fromEntries([...filters, 'cursor'].map((name) => [name, ''])))
          : undefined
      }
    >
      <SearchFilter name="q" label={own.search} placeholder={own.searchHint} />
      <SelectFilter
        name="status"
        label={own.status}
        any={own.anyStatus}
        choices={[
          { value: 'active', text: own.active },
          { value: 'disabled', text: own.disabled },
        ]}
      />
      <SelectFilter
        name="accessLevel"
        label={own.accessLevel}
        any={own.anyAccessLevel}
        choices={Object.entries(own.accessLevels).map(([value, text]) => ({ value, text }))}
      />
      <SelectFilter
        name="membership"
        label={own.membership}
        any={own.anyMembership}
        choices={Object.entries(own.memberships).map(([value, text]) => ({ value, text }))}
      />
      <SelectFilter
        name="hasOwnGrants"
        label={own.ownGrants}
        any={own.anyOwnGrants}
        choices={Object.entries(own.ownGrantsChoices).map(([value, text]) => ({ value, text }))}
      />
      {maySeeAccess ? (
        <>
          <SelectFilter name="role" label={own.role} any={own.anyRole} choices={roles} />
          <SelectFilter
            name="accountGroup"
            label={own.accountGroup}
            any={own.anyAccountGroup}
            choices={groups}
          />
          {vendors.length === 0 ? null : (
            <SelectFilter name="integrationVendor" label={own.vendor} any={own.anyVendor} choices={vendors} />
          )}
        </>
      ) : null}
    </Filters>
  )
}

const NoUsers = ({
  isFiltered,
  keyId,
  nextCursor,
  add,
}: {
  readonly isFiltered: boolean
  readonly keyId: string | null
  readonly nextCursor: string | null
  readonly add: ComponentChildren
}) => {
  const [, change] = useQuery()
  if (nextCursor !== null)
    return (
      <Empty
        title={own.noMatchTitle}
        action={<Button onClick={() => change({ cursor: nextCursor })}>{own.searchOn}</Button>}
      >
        <p>{own.noMatchYet(10_000)}</p>
      </Empty>
    )
  const named = namedBy(keyId ?? '')
  return isFiltered ? (
    <Empty title={own.noMatchTitle}>
      <p>{named === null ? own.noMatch : own.noKey}</p>
      {named === null ? null : (
        <p>
          <a href={hrefOf(named.path, named.query)}>{own.userOfKey}</a>
        </p>
      )}
    </Empty>
  ) : (
    <Empty title={own.noneTitle} action={add}>
      <p>{own.none}</p>
    </Empty>
  )
}
