import { beforeAll, describe, expect, it } from 'vitest'
import type { AuditListQuery, AuditRow } from '../../lib/audit/audit-endpoints.ts'
import type { AuditAction, AuditEntry } from '../../lib/audit/audit-row.ts'
import { auditItem } from '../../lib/audit/audit-row.ts'
import { exportAudit, listAudit } from '../../lib/audit/list-audit.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { timelineNames } from '../../lib/table/schema.ts'
import { freshTable, putItems } from '../fresh-table.ts'
import { makeOrganization } from '../organizations/organization.ts'
import { otherOrganization, readingOf } from '../refusals/refusal-notes.ts'
import type { Consumption } from '../table/consumption.ts'
import { countConsumption } from '../table/consumption.ts'

/** Thousands of rows of others, and a few that are sought among them. */
const others = 3000
const end = Date.parse('2026-05-10T12:00:00.000Z')
const minute = 60_000

type Written = AuditEntry & { readonly at: string; readonly auditId: string }

let table: Table
let admin: Caller
let stranger: Caller
let consumed: ReturnType<typeof countConsumption>
const written: Written[] = []

const userOf = (number: number): UserId => `usr_${String(number % 40).padStart(16, '0')}`
const sought = 'usr_soughtsoughtsoug'

const entryOf = (organizationId: OrganizationId, index: number, isSought: boolean): AuditEntry => ({
  organizationId,
  action:
    isSought && index % 2 === 0
      ? 'role.deleted'
      : (['user.changed', 'token.issued'] as const)[index % 2 ? 1 : 0],
  actor: {
    kind: 'user',
    userId: isSought && index % 3 === 0 ? sought : userOf(index),
    keyId: null,
    actingUserId: isSought && index % 3 === 1 ? sought : null,
    integrationVendor: null,
  },
  targetUserId: isSought && index % 3 === 2 ? sought : userOf(index + 1),
  targetId: isSought ? `key_${index % 5}` : `ses_${index}`,
  address: '203.0.113.1',
  requestId: `request-${index}`,
  changes: [],
})

const put = (rows: readonly Written[]): Promise<void> =>
  putItems(
    table,
    rows.map((row) => auditItem(row, { at: row.at, auditId: row.auditId, auditExpiresAtSeconds: 4e9 })),
  )

const rowsFor = (caller: Caller, count: number, every: number): Written[] =>
  Array.from({ length: count }, (_, index) => ({
    ...entryOf(caller.subject.organization.organizationId, index, index % every === 0),
    // Over three months, and two rows in each minute.
    at: new Date(end - Math.floor(index / 2) * 60 * minute).toISOString(),
    auditId: `row${String(index).padStart(6, '0')}`,
  }))

const since = (caller: Caller): Caller => {
  const { organization } = caller.snapshot
  if (organization === null) throw new Error('a caller has an organization')
  const createdAt = '2026-01-05T00:00:00.000Z'
  return { ...caller, snapshot: { ...caller.snapshot, organization: { ...organization, createdAt } } }
}

beforeAll(async () => {
  table = await freshTable(timelineNames)
  admin = since((await makeOrganization(table)).admin)
  stranger = since((await otherOrganization(table)).admin)
  written.push(...rowsFor(admin, others, 60))
  await put(written)
  await put(rowsFor(stranger, 100, 2))
  consumed = countConsumption(table)
})

const reading = () => readingOf(table, () => end)

/** The plain reading of a filter, over what was written. */
const expected = ({ target, actor, action, from, to }: AuditListQuery): string[] =>
  written
    .filter((row) => target === undefined || row.targetUserId === target || row.targetId === target)
    .filter((row) => actor === undefined || row.actor.userId === actor || row.actor.actingUserId === actor)
    .filter((row) => action === undefined || row.action === action)
    .filter(({ at }) => (from === undefined || at >= from) && (to === undefined || at < to))
    .toSorted((one, other) => (`${one.at}#${one.auditId}` < `${other.at}#${other.auditId}` ? 1 : -1))
    .map(({ auditId }) => auditId)

type Page = { readonly ids: readonly string[] } & Consumption

const pagesOf = async (query: AuditListQuery, caller = admin): Promise<Page[]> => {
  const pages: Page[] = []
  let cursor: string | undefined
  do {
    let rows: readonly AuditRow[] = []
    const cost = await consumed(async () => {
      const page = await listAudit(reading(), caller, {
        ...query,
        ...(cursor === undefined ? {} : { cursor }),
      })
      rows = page.rows
      cursor = page.nextCursor ?? undefined
    })
    pages.push({ ids: rows.map(({ auditId }) => auditId), ...cost })
  } while (cursor !== undefined)
  return pages
}

const range = { from: '2026-03-20T00:00:00.000Z', to: '2026-04-20T00:00:00.000Z' }
const rare: AuditAction = 'role.deleted'

describe('by one thing', () => {
  it.each<[string, AuditListQuery]>([
    ['the user that it was done to', { target: sought }],
    ['the key that it was done to', { target: 'key_0' }],
    ['who did it, and who acted as another', { actor: sought }],
    ['the action', { action: rare }],
    ['a common action', { action: 'token.issued', to: '2026-03-15T00:00:00.000Z' }],
    ['a target in a time', { target: 'key_0', ...range }],
    ['an actor in a time', { actor: sought, ...range }],
    ['an action in a time', { action: rare, ...range }],
    ['a session of which there is one row', { target: 'ses_1234' }],
    ['what nobody did', { actor: 'usr_nobody' }],
  ])(
    '%s: each row once, newest first, for what is returned and not for what is there',
    async (_name, query) => {
      const limit = 5
      const pages = await pagesOf({ ...query, limit })
      expect(pages.flatMap(({ ids }) => ids)).toEqual(expected(query))
      expect(pages.slice(0, -1).every(({ ids }) => ids.length === limit)).toBe(true)
      for (const { ids, evaluated, readUnits, requests } of pages) {
        // Two indexes at most, in each the page, what it began behind, and one that tells whether there is more.
        expect(evaluated).toBeLessThanOrEqual(2 * (limit + 2))
        expect(readUnits).toBeLessThanOrEqual(ids.length + 4)
        expect(requests).toBeLessThanOrEqual(3)
      }
    },
  )

  it('exports the same rows', async () => {
    const { rows, nextCursor } = await exportAudit(reading(), admin, { actor: sought })
    expect([rows.map(({ auditId }) => auditId), nextCursor]).toEqual([expected({ actor: sought }), null])
  })
})

describe('by several', () => {
  it.each<[string, AuditListQuery]>([
    ['target and action', { target: 'key_0', action: rare }],
    ['actor and action', { actor: sought, action: rare }],
    ['target and actor', { target: sought, actor: userOf(2) }],
    ['all, in a time', { target: userOf(21), actor: userOf(20), action: 'user.changed', ...range }],
    ['an action that this actor never did', { actor: userOf(0), action: 'credential.deleted' }],
  ])('%s: each row once; no page looks at more than a thousand entries of an index', async (_name, query) => {
    const pages = await pagesOf({ ...query, limit: 5 })
    expect(pages.flatMap(({ ids }) => ids)).toEqual(expected(query))
    for (const { evaluated } of pages) expect(evaluated).toBeLessThanOrEqual(2000)
  })

  it('ends a page that finds nothing for a long while, and goes on from its cursor', async () => {
    const query = { actor: userOf(0), action: rare } as const
    const busy = rowsFor(admin, 1500, 1e9).map((row, index) => ({
      ...row,
      action: 'user.changed' as const,
      actor: { ...row.actor, userId: 'usr_busy' as const },
      auditId: `busy${index}`,
    }))
    const oldest = { ...busy[0], action: rare, at: '2026-01-06T00:00:00.000Z', auditId: 'oldest' } as Written
    await put([...busy, oldest])
    const pages = await pagesOf({ ...query, actor: 'usr_busy' })
    expect(pages.map(({ ids }) => ids)).toEqual([[], ['oldest']])
    expect(pages[0]?.evaluated).toBe(1000)
  })
})

it('lists nothing of another organization, whatever is asked for', async () => {
  const own = new Set((await pagesOf({}, stranger)).flatMap(({ ids }) => ids))
  for (const query of [
    { target: sought },
    { target: 'key_0' },
    { actor: sought },
    { action: rare },
  ] as const) {
    const pages = await pagesOf(query, stranger)
    const rows = (await listAudit(reading(), stranger, { ...query, limit: 100 })).rows
    expect(pages.flatMap(({ ids }) => ids).every((id) => own.has(id))).toBe(true)
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.length).toBeLessThan(51)
  }
})
