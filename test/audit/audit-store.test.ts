import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { systemActor } from '../../lib/audit/actor.ts'
import type { AuditEntry } from '../../lib/audit/audit-row.ts'
import { addToAuditRow, writeAuditRow } from '../../lib/audit/audit-store.ts'
import { occasionElsewhere, occasionOf } from '../../lib/audit/occasion.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { timelineNames } from '../../lib/table/schema.ts'
import { freshTable } from '../fresh-table.ts'

const now = Date.parse('2026-11-21T12:00:00.999Z')
const entry: AuditEntry = {
  organizationId: 'org_1',
  action: 'refusals.counted',
  actor: systemActor,
  targetUserId: null,
  targetId: null,
  address: null,
  requestId: null,
  changes: [],
}
const occasion = (auditRetentionDays: number | null) =>
  occasionOf(
    { now: () => now, randomBytes: (size) => randomBytes(size) },
    auditRetentionDays === null ? null : { auditRetentionDays },
  )
const seconds = Math.floor(now / 1000)

describe('the end of an audit row', () => {
  it('is as far away as its organization says, or else a year, in whole seconds', () => {
    expect(occasion(40).auditExpiresAtSeconds).toBe(seconds + 40 * 86_400)
    expect(occasion(null).auditExpiresAtSeconds).toBe(seconds + 366 * 86_400)
  })

  it("is not for one organization to say in another's audit", () => {
    const here = occasion(40)
    expect(occasionElsewhere(here)).toEqual({ ...here, auditExpiresAtSeconds: seconds + 366 * 86_400 })
  })

  it('comes with an id that no other row has', () => {
    const ids = Array.from({ length: 100 }, () => occasion(40).auditId)
    expect(new Set(ids).size).toBe(100)
    expect(ids[0]).toMatch(/^[0-9a-z]{16}$/)
  })
})

describe('a row', () => {
  let table: Table
  beforeAll(async () => {
    table = await freshTable(timelineNames)
  })
  const rowAt = (auditId: string) =>
    readItem(table, keys.audit('org_1', new Date(now).toISOString(), auditId, 0))

  it('stays as it was first written', async () => {
    const first = { ...occasion(40), auditId: 'written' }
    await writeAuditRow(table, entry, first)
    await writeAuditRow(table, { ...entry, address: '203.0.113.9' }, { ...occasion(400), auditId: 'written' })
    expect(await rowAt('written')).toMatchObject({
      address: null,
      expiresAtSeconds: first.auditExpiresAtSeconds,
    })
  })

  it('that counts adds up, and keeps the end that it was first written with', async () => {
    const first = { ...occasion(40), auditId: 'counted' }
    await addToAuditRow(table, entry, first, 2)
    await addToAuditRow(table, entry, { ...occasion(400), auditId: 'counted' }, 3)
    expect(await rowAt('counted')).toMatchObject({
      count: 5,
      expiresAtSeconds: first.auditExpiresAtSeconds,
    })
  })
})
