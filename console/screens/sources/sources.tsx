import { call } from '../../client/call.ts'
import type { Input } from '../../client/operations.ts'
import { saveCsv } from '../../client/save-file.ts'
import { useLoaded } from '../../client/use-call.ts'
import { Button } from '../../parts/button.tsx'
import { Filters } from '../../parts/filters.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PageHeader, Section } from '../../parts/page.tsx'
import { PickFilter } from '../../parts/picker.tsx'
import { Count, Tag, Time } from '../../parts/small.tsx'
import { useUserSource } from '../../parts/sources.ts'
import { Empty, Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf, useQuery } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import { NetworkMap } from './map.tsx'
import type { Network, Source } from './networks.ts'
import { groupOf, networksOf } from './networks.ts'

const own = texts.sources
const usersOnPage = 50
/** Each reads the sightings of its users; a thousand users make a picture that can still be read. */
const mostCalls = 20

type Found = { readonly sources: readonly Source[]; readonly isPartial: boolean }

const read = async (userId: string | undefined, signal: AbortSignal): Promise<Found> => {
  const sources: Source[] = []
  let cursor: string | undefined
  for (let calls = 0; calls < mostCalls; calls += 1) {
    // The API checks the form of the id.
    const input = { query: { userId, cursor, limit: usersOnPage } } as Input<'listSources'>
    const answer = await call('listSources', input, { signal })
    sources.push(...answer.sources)
    if (answer.nextCursor === null) return { sources, isPartial: false }
    cursor = answer.nextCursor
  }
  return { sources, isPartial: true }
}

export const Screen = () => {
  const [{ userId, network }, change] = useQuery()
  const users = useUserSource()
  const found = useLoaded(`sources ${userId ?? ''}`, (signal) => read(userId, signal))
  const isFiltered = userId !== undefined || network !== undefined
  return (
    <>
      <PageHeader
        title={own.title}
        lead={own.lead}
        actions={
          found.data === undefined ? undefined : (
            <Button onClick={() => save(found.data?.sources ?? [])}>{own.csv}</Button>
          )
        }
      />
      <Filters onClear={isFiltered ? () => change({ userId: '', network: '' }) : undefined}>
        <PickFilter name="userId" label={own.user} placeholder={texts.picker.hint} source={users} />
      </Filters>
      <Show loaded={found}>{(shown) => <Sources found={shown} chosen={network} />}</Show>
    </>
  )
}

const Sources = ({
  found: { sources, isPartial },
  chosen,
}: {
  readonly found: Found
  readonly chosen: string | undefined
}) => {
  const networks = networksOf(sources)
  const one = networks.find(({ network }) => network === chosen)
  if (networks.length === 0)
    return (
      <Empty title={own.noneTitle}>
        <p>{own.none}</p>
      </Empty>
    )
  return (
    <>
      {isPartial ? (
        <Notice look="warning">
          <p>{own.partial}</p>
        </Notice>
      ) : null}
      <Section title={own.table}>
        <NetworkMap networks={networks} chosen={chosen} />
      </Section>
      {one === undefined ? <Networks networks={networks} /> : <Addresses network={one} />}
    </>
  )
}

const Networks = ({ networks }: { readonly networks: readonly Network[] }) => {
  const [query] = useQuery()
  return (
    <Table
      caption={own.table}
      rows={networks.toSorted((one, other) => other.count - one.count)}
      keyOf={({ network }) => network}
      columns={[
        {
          title: own.network,
          cell: ({ network }) => <a href={hrefOf('/sources', { ...query, network })}>{network}</a>,
        },
        { title: own.cloud, cell: (network) => own.groups[groupOf(network)] },
        { title: own.users, cell: ({ sources }) => <Users sources={sources} /> },
        { title: own.count, cell: ({ count }) => <Count of={count} />, isNumber: true },
        { title: own.refused, cell: ({ refused }) => <Refused of={refused} />, isNumber: true },
        { title: own.whitelisted, cell: ({ letIn }) => <LetIn is={letIn} /> },
        { title: own.last, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} form="distance" /> },
      ]}
    />
  )
}

const Addresses = ({ network: { network, sources } }: { readonly network: Network }) => {
  const [query] = useQuery()
  return (
    <Section
      title={own.addresses(network)}
      actions={<a href={hrefOf('/sources', { ...query, network: '' })}>{own.all}</a>}
    >
      <Table
        caption={own.addresses(network)}
        rows={sources}
        keyOf={({ userId, address }) => `${userId} ${address}`}
        columns={[
          { title: own.address, cell: ({ address }) => <code>{address}</code> },
          { title: own.user, cell: (source) => <Users sources={[source]} /> },
          { title: own.count, cell: ({ count }) => <Count of={count} />, isNumber: true },
          { title: own.refused, cell: ({ refused }) => <Refused of={refused} />, isNumber: true },
          {
            title: own.whitelisted,
            cell: ({ whitelisted }) => (
              <LetIn is={whitelisted === null ? 'unknown' : whitelisted ? 'all' : 'none'} />
            ),
          },
          { title: own.first, cell: ({ firstSeenAt }) => <Time at={firstSeenAt} form="day" /> },
          { title: own.last, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} form="distance" /> },
        ]}
      />
    </Section>
  )
}

const mostNames = 3

const Users = ({ sources }: { readonly sources: readonly Source[] }) => {
  const users = [...new Map(sources.map(({ userId, username }) => [userId, username]))]
  return (
    <>
      {users.slice(0, mostNames).map(([userId, username], index) => (
        <span key={userId}>
          {index === 0 ? '' : ', '}
          <a href={hrefOf(`/users/${userId}`, { tab: 'whitelist' })}>{username}</a>
        </span>
      ))}
      {users.length > mostNames ? ` ${texts.usage.others(users.length - mostNames)}` : null}
    </>
  )
}

const Refused = ({ of }: { readonly of: number }) =>
  of === 0 ? (
    <>0</>
  ) : (
    <Tag look="warning">
      <Count of={of} />
    </Tag>
  )

const LetIn = ({ is }: { readonly is: Network['letIn'] }) => (
  <Tag look={is === 'all' ? 'good' : is === 'unknown' ? 'plain' : 'warning'}>{own.letIn[is]}</Tag>
)

const save = (sources: readonly Source[]): void => {
  const fields = [
    ...(['network', 'cloud', 'address', 'userId', 'username', 'whitelisted'] as const),
    ...(['count', 'refused', 'firstSeenAt', 'lastSeenAt'] as const),
  ]
  const cellOf = (value: Source[keyof Source]) => (typeof value === 'boolean' ? String(value) : value)
  saveCsv(
    'sources',
    fields,
    sources.map((source) => fields.map((field) => cellOf(source[field]))),
  )
}
