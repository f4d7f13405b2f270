import { describe, expect, it } from 'vitest'
import type { AuditEntry, Occasion } from '../../lib/audit/audit-row.ts'
import { makeRefusalTally } from '../../lib/refusals/refusal-tally.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'

/** The first millisecond of a minute. */
const start = Date.parse('2026-11-21T12:00:00.000Z')
const tallying = () => {
  const clock = { now: start }
  const rows = new Map<string, { entry: AuditEntry; occasion: Occasion; count: number; writes: number }>()
  const tally = makeRefusalTally({
    now: () => clock.now,
    addToRow: (entry, occasion, count) => {
      const name = `${entry.organizationId} ${occasion.at} ${occasion.auditId}`
      const before = rows.get(name) ?? { count: 0, writes: 0 }
      rows.set(name, { entry, occasion, count: before.count + count, writes: before.writes + 1 })
      return Promise.resolve()
    },
  })
  const times = async (count: number, organizationId: OrganizationId = 'org_1') => {
    for (let index = 0; index < count; index += 1) await tally(organizationId, { auditRetentionDays: 40 })
  }
  return { clock, times, rows: () => [...rows.values()] }
}

describe('refusals without a row of their own', () => {
  it('are counted in one row for an organization and a minute, kept as long as its audit', async () => {
    const { times, rows, clock } = tallying()
    await times(1)
    clock.now += 59_999
    await times(1)
    await times(1, 'org_2')
    expect(rows().map(({ entry, count }) => [entry.organizationId, count])).toEqual([
      ['org_1', 2],
      ['org_2', 1],
    ])
    for (const { entry, occasion } of rows()) {
      expect(entry).toMatchObject({ action: 'refusals.counted', outcome: 'refused' })
      expect(occasion.at).toBe(new Date(start).toISOString())
      expect(occasion.auditExpiresAtSeconds).toBe(start / 1000 + 40 * 86_400)
    }
  })

  it('say "at least" more than half of what there were, in as few writes as it doubles', async () => {
    const { times, rows } = tallying()
    for (let made = 1; made <= 1000; made += 1) {
      await times(1)
      const [row] = rows()
      expect(row?.count).toBeLessThanOrEqual(made)
      expect(row?.count).toBeGreaterThan(made / 2)
    }
    expect(rows().map(({ writes }) => writes)).toEqual([10])
  })

  it('of a minute that is over are told with the first of the next', async () => {
    const { times, rows, clock } = tallying()
    await times(7)
    clock.now += 60_000
    await times(1)
    expect(rows().map(({ occasion, count }) => [occasion.at, count])).toEqual([
      [new Date(start).toISOString(), 7],
      [new Date(start + 60_000).toISOString(), 1],
    ])
    expect(new Set(rows().map(({ occasion }) => occasion.auditId)).size).toBe(2)
  })
})
