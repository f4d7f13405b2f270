import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb'
import type * as fc from 'fast-check'
import { identify } from '../../lib/admission/identify.ts'
import { readCallerSnapshot } from '../../lib/admission/snapshot-store.ts'
import type { ManagementSection } from '../../lib/contract/endpoint.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { decide } from '../../lib/decision/decide.ts'
import { reachOf } from '../../lib/identity/account-group-reach.ts'
import { admittedSnapshot } from '../../lib/identity/caller-snapshot.ts'
import { epochOf } from '../../lib/identity/member.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { PasswordHash, PasswordText } from '../../lib/secrets/password-text.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { allItems } from '../fresh-table.ts'
import { dependenciesOf, origin } from '../organizations/organization.ts'

export type Item = Readonly<Record<string, unknown>>

/** Start of every run: in the future, so that the database's TTL deletes nothing. */
export const startedAt = Date.parse('2031-11-21T12:00:00.000Z')

const keyText = ({ pk, sk }: Item): string => `${pk} ${sk}`

/** Restores the table to `saved`. */
export const restore = async ({ client, tableName }: Table, saved: readonly Item[]): Promise<void> => {
  const kept = new Set(saved.map(keyText))
  const present = await allItems({ client, tableName, chance: Math.random })
  const requests = [
    ...present
      .filter((item) => !kept.has(keyText(item)))
      .map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
    ...saved.map((item) => ({ PutRequest: { Item: item } })),
  ]
  const mostAtOnce = 25
  for (let from = 0; from < requests.length; from += mostAtOnce)
    await client.send(
      new BatchWriteCommand({ RequestItems: { [tableName]: requests.slice(from, from + mostAtOnce) } }),
    )
}

/** The same table; its requests run one at a time, in the order that the scheduler chooses. */
export const scheduledTable = (table: Table, scheduler: fc.Scheduler): Table => {
  const send = (...asked: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      scheduler.scheduleSequence([
        {
          label: 'a request to the table',
          builder: () =>
            Promise.resolve(Reflect.apply(table.client.send, table.client, asked)).then(resolve, reject),
        },
      ])
    })
  const client = new Proxy(table.client, {
    get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)),
  })
  return { ...table, client }
}

/** Dependencies with the test's clock and cheap hashes. */
export const modelDependencies = (table: Table, now: () => number) => ({
  ...dependenciesOf(table),
  now,
  hasher: {
    hash: (password: PasswordText) => Promise.resolve(`hash of ${password}` as PasswordHash),
    verify: (hash: PasswordHash, password: PasswordText) => Promise.resolve(hash === `hash of ${password}`),
    isOutdated: () => false,
    decoy: () => Promise.resolve('hash of nothing' as PasswordHash),
  },
})

/** A user in its own session, as it is admitted now. */
export const admittedIn = async (
  table: Table,
  { userId, organizationId }: { readonly userId: UserId; readonly organizationId: OrganizationId },
  section: ManagementSection,
  now: number,
): Promise<Caller> => {
  const lookUp = { userId, organizationId, keyId: null, sessionId: 'ses_1' as const, actor: null }
  const snapshot = await readCallerSnapshot(table, lookUp)
  const { user, membership } = snapshot
  if (user === null || membership === null)
    throw new Error(`${userId} has no membership in ${organizationId}`)
  const session = {
    ...{ userId, organizationId, sessionId: 'ses_1' as const, keyId: null, actor: null, audience: null },
    ...{ epoch: epochOf({ user, membership }), expiresAt: now + 60_000 },
  }
  const identified = identify({ lookUp, proof: { kind: 'session', session } }, snapshot, now)
  return callerOf(identified, snapshot, section)
}

export const callerOf = (
  identified: ReturnType<typeof identify>,
  snapshot: Awaited<ReturnType<typeof readCallerSnapshot>>,
  section: ManagementSection,
): Caller => {
  const decision = decide(
    identified,
    {
      ...{ address: origin.address, method: 'GET', path: '/v1/users/me', aid: null },
      target: { kind: 'self', endsSession: false },
    },
    { ranges: noProviderRanges, withinRateLimit: () => true },
  )
  const admitted = admittedSnapshot(snapshot)
  if (!decision.allow) throw new Error(`not admitted: ${decision.reason}`)
  if (admitted === undefined) throw new Error('an admitted caller is a member')
  const { subject, aid } = decision
  return { subject, snapshot: admitted, aid, reach: reachOf(subject, section, 'write') }
}
