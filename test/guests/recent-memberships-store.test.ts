import { beforeAll, expect, it } from 'vitest'
import { systemActor } from '../../lib/audit/actor.ts'
import { auditItem } from '../../lib/audit/audit-row.ts'
import { readDirectoryNow } from '../../lib/guests/recent-memberships-store.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { type Key, keys } from '../../lib/table/keys.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { newMember } from '../../lib/users/new-user.ts'
import { freshTable } from '../fresh-table.ts'
import { storedOrganization } from '../identity/sample-membership.ts'
import { putAnything } from '../table/put-anything.ts'

const organizationId = 'org_0000000001'
/** Ten seconds into a month. */
const now = Date.parse('2026-12-01T00:00:10.000Z')
let table: Table

beforeAll(async () => {
  table = await freshTable(['directory'])
  // Its audit is spread, and each row is in another shard.
  const organization = storedOrganization({ ...keys.organization(organizationId), auditShards: 16 })
  await writeTransaction(table, [putAnything('organization', organization)])
})

const put = (items: readonly Key[]) =>
  writeTransaction(
    table,
    items.map((item) => putAnything('item', { ...item })),
  )

const hidden = { directoryPk: 'not in the index yet' }
/** A membership that the index of the directory does not show yet, and the row of the change that made it. */
const lagging = async (name: string, secondsAgo: number, index: object = hidden) => {
  const userId = `usr_${name}` as const
  const { membership } = newMember({
    ...{ userId, organizationId, username: name, membershipId: `mem_${name.padEnd(12, '0')}` },
    at: new Date(now).toISOString(),
  })
  await put([{ ...membership, ...index }, rowAbout(userId, secondsAgo)])
}
let rows = 0
const rowAbout = (targetUserId: UserId | null, secondsAgo: number) => {
  rows += 1
  const entry = { organizationId, action: 'user.changed', actor: systemActor, targetUserId } as const
  return auditItem(
    { ...entry, targetId: null, address: null, requestId: null, changes: [] },
    {
      at: new Date(now - secondsAgo * 1000).toISOString(),
      auditId: String(rows).padStart(16, '0'),
      auditExpiresAtSeconds: 0,
      shard: { organizationId, index: rows % 16 },
    },
  )
}
const names = async () =>
  (await readDirectoryNow(table, organizationId, now)).map(({ directorySk }) => directorySk)

it('the current memberships are those that the index lists and those of the audit of the last minute, by username', async () => {
  await lagging('this-month', 5)
  await lagging('last-month', 59)
  await lagging('long-ago', 61)
  await lagging('changed', 7, {})
  await lagging('unchanged', 3600, {})
  await put([rowAbout(null, 3), rowAbout('usr_gone', 3)])
  expect(await names()).toEqual(['changed', 'last-month', 'this-month', 'unchanged'])
})

it('however much was done in that minute', async () => {
  await lagging('before-the-crowd', 9)
  for (let from = 0; from < 600; from += 100)
    await put(Array.from({ length: 100 }, () => rowAbout('usr_this-month', 4)))
  expect(await names()).toEqual(['before-the-crowd', 'changed', 'last-month', 'this-month', 'unchanged'])
})
