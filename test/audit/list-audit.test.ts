import { beforeAll, describe, expect, it } from 'vitest'
import { systemActor } from '../../lib/audit/actor.ts'
import type { AuditListQuery } from '../../lib/audit/audit-endpoints.ts'
import type { AuditAction, AuditEntry } from '../../lib/audit/audit-row.ts'
import { writeAuditRow } from '../../lib/audit/audit-store.ts'
import { exportAudit, listAudit } from '../../lib/audit/list-audit.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { timelineNames } from '../../lib/table/schema.ts'
import { freshTable } from '../fresh-table.ts'
import { makeOrganization } from '../organizations/organization.ts'
import { otherOrganization, readingOf } from '../refusals/refusal-notes.ts'

let table: Table
let admin: Caller
let stranger: Caller

const now = Date.parse('2026-05-10T12:00:00.000Z')
const farAway = Math.floor(now / 1000) + 1_000_000

/** The organization as if it had existed since January, so that there are months to walk through. */
const since = (caller: Caller, createdAt: string): Caller => {
  const { organization } = caller.snapshot
  if (organization === null) throw new Error('a caller has an organization')
  return { ...caller, snapshot: { ...caller.snapshot, organization: { ...organization, createdAt } } }
}

const entry = (caller: Caller, action: AuditAction, fields: Partial<AuditEntry> = {}): AuditEntry => ({
  organizationId: caller.subject.organization.organizationId,
  action,
  actor: systemActor,
  targetUserId: null,
  targetId: null,
  address: '203.0.113.1',
  requestId: 'request',
  changes: [],
  ...fields,
})

const write = (row: AuditEntry, at: string, auditId: string, auditExpiresAtSeconds = farAway) =>
  writeAuditRow(table, row, { at, auditId, auditExpiresAtSeconds })

beforeAll(async () => {
  table = await freshTable(timelineNames)
  admin = since((await makeOrganization(table)).admin, '2026-01-05T00:00:00.000Z')
  stranger = since((await otherOrganization(table)).admin, '2026-01-05T00:00:00.000Z')
  const byOther = { ...systemActor, kind: 'user', userId: 'usr_b', actingUserId: 'usr_c' } as const
  await write(entry(admin, 'user.created', { targetUserId: 'usr_1' }), '2026-01-31T23:59:59.999Z', 'a1')
  await write(entry(admin, 'user.changed', { targetUserId: 'usr_1' }), '2026-02-01T00:00:00.000Z', 'a2')
  await write(entry(admin, 'credential.created', { targetId: 'key_1' }), '2026-02-01T00:00:00.000Z', 'a3')
  await write(entry(admin, 'user.changed', { actor: byOther }), '2026-05-01T08:00:00.000Z', 'a4')
  await write(entry(admin, 'user.deleted', { targetUserId: 'usr_2' }), '2026-05-10T11:59:59.000Z', 'a5')
  const over = Math.floor(now / 1000)
  await write(entry(admin, 'user.changed'), '2026-05-02T08:00:00.000Z', 'expired', over)
  await write(entry(stranger, 'user.changed', { targetUserId: 'usr_1' }), '2026-02-01T00:00:00.000Z', 's1')
})

const list = (query: AuditListQuery, caller = admin) =>
  listAudit(
    readingOf(table, () => now),
    caller,
    query,
  )

const ids = async (query: AuditListQuery, caller = admin): Promise<string[]> =>
  (await list(query, caller)).rows.map(({ auditId }) => auditId)

describe('listAudit', () => {
  it('shows every row of the organization newest first, over all months, and none whose time is over', async () => {
    expect(await list({})).toMatchObject({ nextCursor: null })
    expect(await ids({})).toEqual(['a5', 'a4', 'a3', 'a2', 'a1'])
  })

  it('shows nothing of another organization', async () => {
    expect(await ids({}, stranger)).toEqual(['s1'])
    expect(await ids({ target: 'usr_1' }, stranger)).toEqual(['s1'])
  })

  it('filters by time: at or after from, before to, whatever the offset', async () => {
    expect(await ids({ from: '2026-02-01T00:00:00Z', to: '2026-05-01T08:00:00Z' })).toEqual(['a3', 'a2'])
    expect(await ids({ from: '2026-05-01T10:00:00+02:00' })).toEqual(['a5', 'a4'])
    expect(await ids({ to: '2026-02-01T00:00:00.000Z' })).toEqual(['a1'])
    expect(await ids({ from: '2026-05-11T00:00:00Z', to: '2026-05-01T00:00:00Z' })).toEqual([])
    expect(await ids({ from: '0001-01-01T00:00:00+14:00', to: '9999-12-31T23:59:59-14:00' })).toHaveLength(5)
  })

  it('filters by actor, the one behind an impersonation included, by target and by action', async () => {
    expect(await ids({ actor: 'usr_b' })).toEqual(['a4'])
    expect(await ids({ actor: 'usr_c' })).toEqual(['a4'])
    expect(await ids({ target: 'usr_1' })).toEqual(['a2', 'a1'])
    expect(await ids({ target: 'key_1' })).toEqual(['a3'])
    expect(await ids({ action: 'user.changed' })).toEqual(['a4', 'a2'])
    expect(await ids({ action: 'user.changed', target: 'usr_1' })).toEqual(['a2'])
  })

  it.each([1, 2, 3, 5])('pages through all rows once, %i at a time', async (limit) => {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await list({ limit, ...(cursor === undefined ? {} : { cursor }) })
      expect(page.rows.length).toBeLessThanOrEqual(limit)
      seen.push(...page.rows.map(({ auditId }) => auditId))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual(['a5', 'a4', 'a3', 'a2', 'a1'])
  })

  it('ends a page after ten reads and says where to go on', async () => {
    const old = since(admin, '2024-01-01T00:00:00.000Z')
    const first = await list({ to: '2026-01-01T00:00:00Z' }, old)
    expect(first.rows).toEqual([])
    expect(first.nextCursor).not.toBeNull()
    const cursor = first.nextCursor ?? ''
    const second = await list({ to: '2026-01-01T00:00:00Z', cursor }, old)
    const third = await list({ to: '2026-01-01T00:00:00Z', cursor: second.nextCursor ?? '' }, old)
    expect([second.nextCursor === null, third.nextCursor]).toEqual([false, null])
  })
})

describe('exportAudit', () => {
  it('gives all rows of the filter, as the list does', async () => {
    const reading = readingOf(table, () => now)
    const exported = await exportAudit(reading, admin, { from: '2026-02-01T00:00:00Z' })
    expect(exported).toEqual(await list({ from: '2026-02-01T00:00:00Z' }))
  })

  it('stays below what a Lambda can answer, however large the rows, and loses none', async () => {
    const caller = since(admin, '2025-06-01T00:00:00.000Z')
    const changes = [{ field: 'description', before: '"'.repeat(150_000), after: null }]
    for (let index = 0; index < 12; index += 1)
      await write(
        entry(admin, 'user.changed', { changes }),
        `2025-06-0${(index % 9) + 1}T00:00:00.000Z`,
        `big${index}`,
      )
    const seen: string[] = []
    let pages = 0
    let cursor: string | undefined
    do {
      const page = await exportAudit(
        readingOf(table, () => now),
        caller,
        {
          to: '2025-07-01T00:00:00Z',
          ...(cursor === undefined ? {} : { cursor }),
        },
      )
      const body = page.rows.map((row) => `${JSON.stringify(row)}\n`).join('')
      expect(Buffer.byteLength(JSON.stringify({ statusCode: 200, body }))).toBeLessThan(6_000_000)
      seen.push(...page.rows.map(({ auditId }) => auditId))
      cursor = page.nextCursor ?? undefined
      pages += 1
    } while (cursor !== undefined)
    expect(pages).toBeGreaterThan(1)
    expect(seen.toSorted()).toEqual(Array.from({ length: 12 }, (_, index) => `big${index}`).toSorted())
  })
})
