import type { Foreseen } from '../client/operations.ts'
import { serverNow } from '../client/server-time.ts'
import { useCredentialNames } from '../client/use-credential-names.ts'
import { texts } from '../texts/en.ts'
import { Notice } from './notice.tsx'
import { Time } from './small.tsx'
import { Table } from './table.tsx'

const own = texts.impact
const week = 7 * 24 * 3600 * 1000

/** Which recent calls of a user a change would refuse, by its dry run. Nothing if the dry run says nothing of calls. */
export const Impact = ({
  foreseen: { dryRun },
  userId,
}: {
  readonly foreseen: Foreseen
  readonly userId: string
}) => {
  const nameOf = useCredentialNames(userId)
  const { seen, refusedAddresses = [], refusedEndpoints = [] } = dryRun
  if (seen === undefined) return null
  const refused = [...refusedAddresses, ...refusedEndpoints]
  if (refused.length === 0)
    return (
      <Notice look="good">
        <p>{seen.addresses + seen.endpoints === 0 ? own.nothingSeen : own.nothingRefused}</p>
      </Notice>
    )
  const recent = refused.filter(({ lastSeenAt }) => serverNow() - Date.parse(lastSeenAt) < week)
  return (
    <Notice look="warning">
      <p>{own.refused(recent.length, refused.length)}</p>
      {refusedAddresses.length === 0 ? null : (
        <Table
          caption={own.addresses}
          rows={refusedAddresses}
          keyOf={({ credential, address }) => `${credential} ${address}`}
          columns={[
            { title: own.address, cell: ({ address }) => <code>{address}</code> },
            { title: own.credential, cell: ({ credential }) => nameOf(credential) },
            { title: own.lastSeen, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} form="distance" /> },
            { title: own.calls, cell: ({ count }) => count, isNumber: true },
          ]}
        />
      )}
      {refusedEndpoints.length === 0 ? null : (
        <Table
          caption={own.endpoints}
          rows={refusedEndpoints}
          keyOf={({ credential, api, endpoint, aid }) => `${credential} ${api} ${endpoint} ${aid}`}
          columns={[
            { title: own.endpoint, cell: ({ endpoint }) => <code>{endpoint}</code> },
            { title: own.credential, cell: ({ credential }) => nameOf(credential) },
            { title: own.lastSeen, cell: ({ lastSeenAt }) => <Time at={lastSeenAt} form="distance" /> },
            { title: own.calls, cell: ({ count }) => count, isNumber: true },
          ]}
        />
      )}
    </Notice>
  )
}
