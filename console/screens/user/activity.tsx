import type { Answer } from '../../client/operations.ts'
import { holds } from '../../client/rights.ts'
import { useCall } from '../../client/use-call.ts'
import { useCredentialNames } from '../../client/use-credential-names.ts'
import { useMe } from '../../client/use-me.ts'
import { AuditRows } from '../../parts/audit-rows.tsx'
import { Section } from '../../parts/page.tsx'
import { Tag, Time } from '../../parts/small.tsx'
import { Empty, Show } from '../../parts/states.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router.ts'
import { texts } from '../../texts/en.ts'
import type { User } from './shown-user.ts'
import { TimeLine } from './time-line.tsx'

const own = texts.user.activity

/** What the user did, and what was done to it. */
export const Activity = ({ user: { userId } }: { readonly user: User }) => {
  const me = useMe()
  const nameOf = useCredentialNames(userId)
  const sightings = useCall('getSightings', { params: { userId } })
  const mayAudit = holds(me, { section: 'postern-audit', level: 'read' })
  const mayExplain = holds(me, { section: 'postern-access', level: 'read' })
  const audit = useCall('listAudit', mayAudit ? { query: { target: userId, limit: 50 } } : null)
  return (
    <>
      <Section
        title={own.seenTitle}
        lead={own.seenLead}
        actions={
          <>
            {mayExplain ? <a href={hrefOf('/denials', { userId })}>{own.denials}</a> : null}
            {mayExplain ? <a href={hrefOf('/explain', { userId })}>{own.explain}</a> : null}
            {mayAudit ? <a href={hrefOf('/usage', { userId, by: 'credential' })}>{own.usage}</a> : null}
            <a href={hrefOf('/sources', { userId })}>{own.sources}</a>
          </>
        }
      >
        <Show loaded={sightings}>{(seen) => <Seen seen={seen} nameOf={nameOf} />}</Show>
      </Section>
      {mayAudit ? (
        <Section
          title={own.auditTitle}
          lead={own.auditLead}
          actions={<a href={hrefOf('/audit', { target: userId })}>{own.auditAll}</a>}
        >
          <Show loaded={audit}>
            {({ rows }) =>
              rows.length === 0 ? (
                <Empty title={own.auditNone} />
              ) : (
                <AuditRows isOfOneUser caption={own.auditTitle} rows={rows} />
              )
            }
          </Show>
        </Section>
      ) : null}
    </>
  )
}

const Seen = ({
  seen: { addresses, endpoints },
  nameOf,
}: {
  readonly seen: Answer<'getSightings'>
  readonly nameOf: (credential: string) => string
}) => {
  if (addresses.length + endpoints.length === 0)
    return (
      <Empty title={own.noneTitle}>
        <p>{own.none}</p>
      </Empty>
    )
  return (
    <div class="stack">
      <TimeLine
        label={own.timeLine}
        rows={[
          ...addresses.map((each) => ({ ...each, text: each.address })),
          ...endpoints.map((each) => ({ ...each, text: each.endpoint, refused: 0 })),
        ]}
      />
      <h3>{own.addresses}</h3>
      <Table
        caption={own.addresses}
        rows={addresses}
        keyOf={({ credential, address }) => `${credential} ${address}`}
        columns={[
          { title: own.address, cell: ({ address }) => <code>{address}</code> },
          { title: own.credential, cell: ({ credential }) => nameOf(credential) },
          { title: own.calls, cell: ({ count }) => count, isNumber: true },
          {
            title: own.refused,
            cell: ({ refused }) => (refused === 0 ? 0 : <Tag look="warning">{refused}</Tag>),
            isNumber: true,
          },
          { title: own.first, cell: ({ firstSeenAt }) => <Time at={firstSeenAt} form="day" /> },
          { title: own.last, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} form="distance" /> },
        ]}
      />
      <h3>{own.endpoints}</h3>
      <Table
        caption={own.endpoints}
        rows={endpoints}
        keyOf={({ credential, api, endpoint, aid }) => `${credential} ${api} ${endpoint} ${aid}`}
        columns={[
          { title: own.endpoint, cell: ({ endpoint }) => <code>{endpoint}</code> },
          { title: own.api, cell: ({ api }) => <code>{api}</code> },
          { title: own.credential, cell: ({ credential }) => nameOf(credential) },
          { title: own.calls, cell: ({ count }) => count, isNumber: true },
          { title: own.first, cell: ({ firstSeenAt }) => <Time at={firstSeenAt} form="day" /> },
          { title: own.last, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} form="distance" /> },
        ]}
      />
    </div>
  )
}
