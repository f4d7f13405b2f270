import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { systemActor } from '../../lib/audit/actor.ts'
import type { AuditAction } from '../../lib/audit/audit-row.ts'
import { auditItem } from '../../lib/audit/audit-row.ts'
import { rowBySystem } from '../../lib/audit/audited.ts'
import { exportAudit, listAudit } from '../../lib/audit/list-audit.ts'
import { occasionOf } from '../../lib/audit/occasion.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import type { StoredOrganization } from '../../lib/identity/stored-organization.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { timelineNames } from '../../lib/table/schema.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { allItems, freshTable, putItems } from '../fresh-table.ts'
import { callerWith, dependenciesOf, makeOrganization } from '../organizations/organization.ts'
import { readingOf } from '../refusals/refusal-notes.ts'

let table: Table
let admin: Caller
let token: string
/** The commands that were sent. */
const sent: string[] = []
beforeAll(async () => {
  table = await freshTable(timelineNames)
  const made = await makeOrganization(table)
  admin = made.admin
  token = made.token
  table.client.middlewareStack.add(
    (next, context) => (args) => {
      sent.push(context.commandName ?? '')
      return next(args)
    },
    { step: 'initialize', name: 'count' },
  )
})

/** Noon of the second day of a month: histories reach into the month before. */
const end = Date.parse('2026-11-02T12:00:00.000Z')
const users: readonly UserId[] = ['usr_aaaaaaaaaaaaaaaa', 'usr_bbbbbbbbbbbbbbbb']
const actions: readonly AuditAction[] = ['login.succeeded', 'token.issued']
const shards = fc.constantFrom(1, 1, 1, 2, 16)
const row = fc.record({
  hoursAgo: fc.nat(60),
  user: fc.constantFrom(...users, null),
  action: fc.constantFrom(...actions),
  // How far its organization was spread when it was written: mostly not, so that one shard has more than its share.
  shards,
})
type Row = typeof row extends fc.Arbitrary<infer Of> ? Of : never
const filters = fc.oneof(
  fc.record({ hoursBack: fc.nat(60) }, { requiredKeys: [] }),
  fc.record(
    { target: fc.constantFrom(...users), action: fc.constantFrom(...actions), hoursBack: fc.nat(60) },
    { requiredKeys: [] },
  ),
)

type Filter = { readonly target?: UserId; readonly action?: AuditAction; readonly hoursBack?: number }

let histories = 0
/** As the caller sees an organization that is spread over so many shards. */
const spreadOver = (
  auditShards: number,
  organizationId = admin.snapshot.organization.organizationId,
): Caller => {
  const organization: StoredOrganization = {
    ...admin.snapshot.organization,
    ...{ organizationId, auditShards, createdAt: '2026-10-01T00:00:00.000Z' },
  }
  return { ...admin, snapshot: { ...admin.snapshot, organization } }
}

const write = async (history: readonly Row[], organizationId: `org_${string}`) => {
  const written = history.map(({ hoursAgo, user, action, shards: auditShards }, index) => {
    const { randomBytes } = dependenciesOf(table)
    // Of a few instants, so that some rows have the same.
    const now = () => end - hoursAgo * 3_600_000
    const occasion = occasionOf(
      { now, randomBytes },
      { auditRetentionDays: 400, organizationId, auditShards },
    )
    const auditId = String(index).padStart(16, '0')
    const entry = { organizationId, action, actor: systemActor, targetUserId: user, targetId: null }
    return auditItem({ ...entry, address: null, requestId: null, changes: [] }, { ...occasion, auditId })
  })
  await putItems(table, written)
  return written
}

describe('an audit that is spread over shards', () => {
  it('shows what one in a single list would: each row once, newest first, whatever the pages and filters', async () => {
    const history = fc.array(row, { minLength: 50, maxLength: 90, size: 'max' })
    await fc.assert(
      fc.asyncProperty(history, filters, fc.constantFrom(1, 7, 60), async (rows, filter, limit) => {
        histories += 1
        const organizationId = `org_${String(histories).padStart(10, '0')}` as const
        const written = await write(rows, organizationId)
        const { hoursBack, ...asked }: Filter = filter
        const from = hoursBack === undefined ? undefined : new Date(end - hoursBack * 3_600_000).toISOString()
        const expected = written
          .filter(({ action }) => asked.action === undefined || action === asked.action)
          .filter(({ targetUserId }) => asked.target === undefined || targetUserId === asked.target)
          .filter(({ at }) => from === undefined || at >= from)
          .map(({ at, auditId }) => `${at}#${auditId}`)
          .sort()
          .reverse()
        const caller = spreadOver(Math.max(...rows.map((one) => one.shards)), organizationId)
        const query = { ...asked, ...(from === undefined ? {} : { from }) }
        const seen: string[] = []
        let cursor: string | undefined
        do {
          const reading = readingOf(table, () => end)
          const page = await listAudit(reading, caller, { ...query, limit, ...(cursor ? { cursor } : {}) })
          expect(page.rows.length).toBeLessThanOrEqual(limit)
          seen.push(...page.rows.map(({ at, auditId }) => `${at}#${auditId}`))
          cursor = page.nextCursor ?? undefined
        } while (cursor !== undefined)
        expect(seen).toEqual(expected)
        const whole = await exportAudit(
          readingOf(table, () => end),
          caller,
          query,
        )
        expect(whole.rows.map(({ at, auditId }) => `${at}#${auditId}`)).toEqual(expected)
      }),
      { numRuns: 8 },
    )
  })

  it('shows no row before a newer one that another shard still has', async () => {
    const organizationId = 'org_uneven0000'
    const rowsAt = (count: number, hoursAgo: number, auditShards: Row['shards']): Row[] =>
      Array.from({ length: count }, () => ({
        hoursAgo,
        user: null,
        action: 'token.issued',
        shards: auditShards,
      }))
    const written = await write([...rowsAt(10, 30, 16), ...rowsAt(40, 1, 1)], organizationId)
    const reading = readingOf(table, () => end)
    const { rows } = await listAudit(reading, spreadOver(16, organizationId), { limit: 60 })
    expect(rows.map(({ auditId }) => auditId)).toEqual(written.map(({ auditId }) => auditId).reverse())
  })

  it('has the rows that a change in another organization leaves in the first shard: its own number is not known there', () => {
    const organizationId = 'org_here000000'
    const occasion = occasionOf(
      { now: () => end, randomBytes: (size) => new Uint8Array(size).fill(7) },
      { auditRetentionDays: 400, organizationId, auditShards: 16 },
    )
    const keyOf = (of: OrganizationId) => rowBySystem(of, {}, occasion, { action: 'guest.removed' })
    expect(keyOf(organizationId)).toMatchObject({
      put: keys.audit(organizationId, occasion.at, occasion.auditId, 7),
    })
    expect(keyOf('org_there00000')).toMatchObject({
      put: keys.audit('org_there00000', occasion.at, occasion.auditId, 0),
    })
  })

  it('costs one query a month while it is not spread', async () => {
    const organizationId = 'org_small00000'
    await write(
      [1, 2, 3].map((hoursAgo) => ({ hoursAgo, user: null, action: 'token.issued', shards: 1 })),
      organizationId,
    )
    sent.length = 0
    const from = '2026-11-01T00:00:00.000Z'
    const page = await listAudit(
      readingOf(table, () => end),
      spreadOver(1, organizationId),
      { from },
    )
    expect(page.rows).toHaveLength(3)
    expect(sent).toEqual(['QueryCommand'])
  })
})

describe('an organization whose rows are throttled', () => {
  const partitionsOf = async () =>
    new Set(
      (await allItems(table))
        .filter(({ requestId }) => requestId === 'a flood')
        .map(({ pk, byAction }) => `${pk} ${byAction}`),
    )
  const writeRow = (caller: Caller) => {
    const { organization } = caller.snapshot
    const deed = { action: 'token.issued' } as const
    const occasion = occasionOf(dependenciesOf(table), organization)
    const source = { requestId: 'a flood' }
    return writeTransaction(table, [rowBySystem(organization.organizationId, source, occasion, deed)])
  }

  it('is spread from then on: whoever reads it next writes to all shards and reads them', async () => {
    const { organizationId } = admin.snapshot.organization
    const shardsNow = async () => (await readItem(table, keys.organization(organizationId)))?.['auditShards']
    for (let index = 0; index < 8; index += 1) await writeRow(await callerWith(table, token))
    expect(await shardsNow()).toBe(1)
    expect((await partitionsOf()).size).toBe(1)

    let throttled = 1
    table.client.middlewareStack.add(
      (next) => (args) => {
        if (!('TransactItems' in args.input) || throttled === 0) return next(args)
        throttled -= 1
        const CancellationReasons = [{ Code: 'ThrottlingError' }]
        throw new TransactionCanceledException({ message: 'hot', $metadata: {}, CancellationReasons })
      },
      { step: 'initialize', name: 'throttle' },
    )
    expect(await writeRow(await callerWith(table, token))).toEqual({ committed: true })
    expect(await shardsNow()).toBe(16)

    for (let index = 0; index < 30; index += 1) await writeRow(await callerWith(table, token))
    expect((await partitionsOf()).size).toBeGreaterThan(8)

    // Throttled again, it has as many shards as there are: nobody writes its item, which every login reads.
    throttled = 1
    const spread = await callerWith(table, token)
    sent.length = 0
    expect(await writeRow(spread)).toEqual({ committed: true })
    expect(new Set(sent)).toEqual(new Set(['TransactWriteItemsCommand']))
    expect(throttled).toBe(0)
    const { rows } = await listAudit(readingOf(table), await callerWith(table, token), {
      action: 'token.issued',
      limit: 200,
    })
    expect(rows).toHaveLength(40)
  })
})
