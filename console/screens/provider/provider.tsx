import { useState } from 'preact/hooks'
import type { Answer } from '../../client/operations.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useMe } from '../../client/use-me.ts'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/fields.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Facts, PageHeader, Section } from '../../parts/page.tsx'
import { Count, Time } from '../../parts/small.tsx'
import { Empty, failureText, Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import type { Params } from '../../router.ts'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { List } from '../providers/list-state.tsx'
import { ListState } from '../providers/list-state.tsx'
import { useRefresh } from '../providers/use-refresh.ts'
import { Refused } from './refused.tsx'

const own = texts.provider
const ofLists = texts.providers

type Details = Answer<'getProvider'>['provider']

export const Screen = ({ params }: { readonly params: Params }) => {
  // A path with another word is refused by the API.
  const provider = params['provider'] as List['provider']
  const loaded = useCall('getProvider', { params: { provider } })
  const { failure, refresh } = useRefresh(provider)
  const mayWrite = holds(useMe(), { section: 'postern-whitelist', level: 'write' })
  return (
    <>
      <PageHeader
        title={ofLists.names[provider] ?? provider}
        back={{ href: hrefOf('/provider-lists'), text: ofLists.title }}
        actions={mayWrite ? <Button onClick={() => void refresh()}>{own.refresh}</Button> : undefined}
      />
      {failure === null ? null : (
        <Notice look="danger" isAlert>
          <p>{failureText(failure)}</p>
        </Notice>
      )}
      <Show loaded={loaded}>
        {({ provider: list }) => (
          <>
            <Section title={ofLists.state}>
              <Facts facts={factsOf(list)} />
            </Section>
            {list.waiting ? <Refused provider={list.provider} onAccepted={loaded.reload} /> : null}
            <Changes list={list} />
            <Names list={list} />
          </>
        )}
      </Show>
    </>
  )
}

const factsOf = (list: Details) =>
  [
    [ofLists.state, <ListState key="state" list={list} />],
    [own.lastError, list.lastError?.detail],
    [ofLists.version, list.version],
    [own.published, <Time key="published" at={list.publishedAt} />],
    [own.accepted, <Time key="accepted" at={list.acceptedAt} />],
    [ofLists.checked, <Time key="checked" at={list.checkedAt} form="distance" />],
    [own.maximumAge, own.days(Math.round(list.maximumAgeSeconds / 86_400))],
    [own.prefixes, list.prefixes === null ? null : own.perFamily(list.prefixes.ipv4, list.prefixes.ipv6)],
    [ofLists.addresses, list.ipv4Addresses === null ? null : <Count key="n" of={list.ipv4Addresses} />],
  ] as const

const Changes = ({ list: { changes } }: { readonly list: Details }) => (
  <Section title={own.changes}>
    {changes.length === 0 ? (
      <p class="muted">{own.noChanges}</p>
    ) : (
      <Table
        caption={own.changes}
        rows={changes}
        keyOf={({ at, toVersion }) => `${at} ${toVersion}`}
        columns={[
          { title: own.at, cell: ({ at }) => <Time at={at} /> },
          { title: ofLists.version, cell: ({ toVersion }) => <code>{toVersion}</code> },
          { title: own.added, cell: ({ added }) => <Count of={added.ipv4Addresses} />, isNumber: true },
          { title: own.removed, cell: ({ removed }) => <Count of={removed.ipv4Addresses} />, isNumber: true },
          { title: own.losses, cell: ({ losses }) => <Count of={losses.count} />, isNumber: true },
        ]}
      />
    )}
  </Section>
)

const mostNames = 50

const Names = ({ list: { provider, names, version } }: { readonly list: Details }) => {
  const [text, setText] = useState('')
  const found = names.filter((name) => name.toLowerCase().includes(text.trim().toLowerCase()))
  return (
    <Section title={own.names} lead={own.namesLead}>
      {names.length === 0 ? (
        <Empty title={version === null ? own.notLoaded : own.noNames} />
      ) : (
        <>
          <TextField
            label={own.search}
            name="search"
            type="search"
            value={text}
            onInput={setText}
            isRequired
          />
          <p role="status">{own.found(found.length, names.length)}</p>
          <ul class="bare-list">
            {found.slice(0, mostNames).map((name) => (
              <li key={name}>
                <code>{`${provider}:${name}`}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  )
}
