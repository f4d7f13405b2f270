import { beforeEach, describe, expect, it } from 'vitest'
import type { Decision, DenialReason } from '../../lib/decision/decide.ts'
import type { DecisionRequest } from '../../lib/decision/decision-request.ts'
import {
  decisionsPerWriteUnit,
  longestUnwrittenSeconds,
  makeUsageCounts,
  secondsBetweenChecks,
} from '../../lib/usage/count-usage.ts'
import { readUsage } from '../../lib/usage/read-usage.ts'
import type { UsageRow } from '../../lib/usage/stored-usage.ts'
import type { UsageCount, UsageQuery } from '../../lib/usage/usage-endpoints.ts'
import type { HourlyCount } from '../../lib/usage/usage-parts.ts'
import { readUsageDay, writeUsage } from '../../lib/usage/usage-store.ts'
import { workBehind } from '../behind.ts'
import { shop, subject } from '../decision/sample-subject.ts'
import { allItems } from '../fresh-table.ts'
import { meteredTable } from '../metered-table.ts'

const start = Date.parse('2026-11-21T09:00:00Z')
const clock = { now: start }
let metered: Awaited<ReturnType<typeof meteredTable>>
let made = 0

beforeEach(async () => {
  clock.now = start
  metered = await meteredTable()
})

type Settings = { readonly write?: (row: UsageRow) => Promise<void> }

/** A container over the common table and clock. */
const container = ({ write = (row) => writeUsage(metered.table, row) }: Settings = {}) => {
  const faults: unknown[] = []
  const work = workBehind()
  const note = makeUsageCounts({
    write,
    behind: work.behind,
    now: () => clock.now,
    newId: () => `container-${made++}`,
    onFault: (fault) => faults.push(fault),
  })
  return { note, faults, settled: work.settled }
}

const request = (path = '/orders/17'): DecisionRequest => ({
  address: '203.0.113.7',
  method: 'GET',
  path,
  aid: null,
  target: { kind: 'protected', api: shop },
})
const allowed = (userId: `usr_${string}`): Decision => ({
  allow: true,
  subject: subject({ userId }),
  aid: null,
  by: 'a role',
})
const denied = (userId: `usr_${string}`, reason: DenialReason): Decision => ({
  allow: false,
  subject: subject({ userId }),
  reason,
})

/** Numbers that are the same in each run. */
const random = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}

/** All rows, page by page. */
const readAll = async (query: Partial<UsageQuery> = {}): Promise<UsageCount[]> => {
  const caller = { subject: subject() } as Parameters<typeof readUsage>[1]
  const rows: UsageCount[] = []
  let cursor: string | undefined
  do {
    const page = await readUsage(
      { now: () => clock.now, readUsageDay: (...of) => readUsageDay(metered.table, ...of) },
      caller,
      { limit: 7, ...query, ...(cursor === undefined ? {} : { cursor }) },
    )
    expect(page.rows.length).toBeLessThanOrEqual(7)
    rows.push(...page.rows)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return rows
}
/** Of the day of `start`. */
const countsOfDay = async (organizationId: `org_${string}`) => {
  const found: HourlyCount[] = []
  for await (const { counts } of readUsageDay(metered.table, organizationId, '2026-11-21T00'))
    found.push(...counts)
  return found
}
const nameOf = ({ from, userId, api, endpoint, reason }: Omit<UsageCount, 'count' | 'credential'>): string =>
  [from, userId, api, endpoint, reason].join(' ')

describe('usage counts', () => {
  it('are those of all decisions, over containers and hours, however often a write is repeated or comes late', async () => {
    const chance = random(7)
    const late: UsageRow[] = []
    const containers = Array.from({ length: 3 }, () =>
      container({
        write: async (row) => {
          if (chance() < 0.2) throw new Error('throttled')
          await writeUsage(metered.table, row)
          late.push(row)
          const again = late[Math.floor(chance() * late.length)]
          if (again !== undefined) await writeUsage(metered.table, again)
          if (chance() < 0.2) throw new Error('the answer was lost')
        },
      }),
    )
    const oracle = new Map<string, number>()
    const decide = (index: number) => {
      const userId = `usr_${Math.floor(chance() * 4)}` as const
      const path = ['/orders/1', '/orders/2', '/nowhere'][Math.floor(chance() * 3)] ?? ''
      const reason =
        path === '/nowhere' ? 'permission_not_granted' : chance() < 0.3 ? 'rate_limited' : 'allowed'
      const decision = reason === 'allowed' ? allowed(userId) : denied(userId, reason)
      containers[index]?.note(decision, request(path))
      const from = `${new Date(clock.now).toISOString().slice(0, 13)}:00:00.000Z`
      const endpoint = path === '/nowhere' ? '*' : 'GET /orders/{id}'
      const name = nameOf({ from, userId, api: shop.apiId, endpoint, reason })
      oracle.set(name, (oracle.get(name) ?? 0) + 1)
    }
    for (let round = 0; round < 400; round += 1) {
      decide(Math.floor(chance() * 3))
      clock.now += Math.floor(chance() * 60_000)
      await Promise.all(containers.map(({ settled }) => settled()))
    }
    // Each container is invoked until it has nothing left to write.
    for (let round = 0; round < 12; round += 1) {
      clock.now += longestUnwrittenSeconds * 1000
      for (const index of containers.keys()) decide(index)
      await Promise.all(containers.map(({ settled }) => settled()))
    }
    const last = `${new Date(clock.now).toISOString().slice(0, 13)}:00:00.000Z`
    const finished = ([name]: [string, number]): boolean => !name.startsWith(last)
    const stored = (await readAll({ groupBy: 'hour' })).map((row): [string, number] => [
      nameOf(row),
      row.count,
    ])
    expect(stored.filter(finished)).toEqual([...oracle].filter(finished).sort(([a], [b]) => (a < b ? -1 : 1)))
    expect(stored.filter(finished).length).toBeGreaterThan(30)
    const byDay = await readAll({ groupBy: 'day' })
    const sum = (rows: readonly (readonly [string, number])[]) =>
      rows.reduce((all, [, count]) => all + count, 0)
    expect(byDay.reduce((all, { count }) => all + count, 0)).toBe(sum(stored))
  })

  it('take at most 0.01 write units a decision under load, as DynamoDB reports them', async () => {
    const { note, settled, faults } = container()
    const paths = ['/orders/1', '/nowhere']
    const decisions = 40_000
    for (let index = 0; index < decisions; index += 1) {
      const userId = `usr_${String(index % 100).padStart(16, '0')}` as const
      const path = paths[index % 2] ?? ''
      note(path === '/nowhere' ? denied(userId, 'permission_not_granted') : allowed(userId), request(path))
      clock.now += 90
      if (index % 200 === 0) await settled()
    }
    await settled()
    expect(faults).toEqual([])
    expect(metered.used.writeUnits / decisions).toBeLessThan(0.01)
    expect(metered.used.writes).toBeGreaterThan(5)
    const stored = (await readAll({ limit: 7 })).reduce((sum, { count }) => sum + count, 0)
    expect(stored).toBeGreaterThan(decisions * 0.9)
  })

  it('of a busy container are written when they are worth a write', async () => {
    const { note, settled } = container()
    for (let index = 0; index < decisionsPerWriteUnit; index += 1) note(allowed('usr_1'), request())
    clock.now += secondsBetweenChecks * 1000
    note(allowed('usr_1'), request())
    await settled()
    expect(metered.used).toMatchObject({ writes: 1, writeUnits: 1 })
  })

  it('are filtered by time, user, credential and API, and belong to one organization', async () => {
    const { note, settled } = container()
    for (const userId of ['usr_1', 'usr_2'] as const) note(allowed(userId), request())
    clock.now += 3_600_000
    note(denied('usr_1', 'rate_limited'), { ...request(), target: { kind: 'protected', api: null } })
    clock.now += 3_600_000
    note(allowed('usr_1'), request())
    await settled()
    const found = async (query: Partial<UsageQuery>) =>
      (await readAll({ groupBy: 'hour', ...query })).map(
        ({ from, userId, api }) => `${from.slice(11, 13)} ${userId} ${api}`,
      )
    const [first, second] = [`09 usr_1 ${shop.apiId}`, `09 usr_2 ${shop.apiId}`]
    expect(await found({})).toEqual([first, second, '10 usr_1 unknown'])
    expect(await found({ from: '2026-11-21T10:30:00Z' })).toEqual(['10 usr_1 unknown'])
    expect(await found({ to: '2026-11-21T10:00:00Z' })).toEqual([first, second])
    expect(await found({ userId: 'usr_2' })).toEqual([second])
    expect(await found({ api: 'postern' })).toEqual([])
    expect(await found({ credential: 'key_1' })).toHaveLength(3)
    expect(await countsOfDay('org_2')).toEqual([])
  })

  const counted = { userId: 'usr_1', api: 'postern', endpoint: '*', reason: 'allowed' } as const
  const rowOf = (id: string, counts: Readonly<Record<string, number>>): UsageRow => ({
    ...{ organizationId: 'org_1', id, hour: '2026-11-21T09' },
    decisions: Object.values(counts).reduce((sum, count) => sum + count, 0),
    counts: Object.entries(counts).map(([credential, count]) => ({ ...counted, credential, count })),
  })
  const storedCounts = async () =>
    Object.fromEntries((await countsOfDay('org_1')).map(({ credential, count }) => [credential, count]))

  it('of two credentials of a user are two, and go by themselves after ninety days', async () => {
    await writeUsage(metered.table, rowOf('a', { key_1: 2, key_2: 3 }))
    expect(await storedCounts()).toEqual({ key_1: 2, key_2: 3 })
    expect(await readAll({ credential: 'key_2' })).toMatchObject([{ credential: 'key_2', count: 3 }])
    const [item] = await allItems(metered.table)
    expect(item?.['expiresAtSeconds']).toBe(start / 1000 + 90 * 86_400)
  })

  it('are replaced by newer ones of the same container, never by older ones, and other faults are told', async () => {
    await writeUsage(metered.table, rowOf('a', { key_1: 2 }))
    await writeUsage(metered.table, rowOf('a', { key_1: 3 }))
    await writeUsage(metered.table, rowOf('a', { key_1: 2 }))
    expect(await storedCounts()).toEqual({ key_1: 3 })
    const gone = { ...metered.table, tableName: 'gone' }
    await expect(writeUsage(gone, rowOf('a', { key_1: 4 }))).rejects.toThrow()
  })

  it('of several containers are in four partitions of a day', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await writeUsage(metered.table, rowOf(id, { [id]: 1 }))
    expect(new Set((await allItems(metered.table)).map(({ pk }) => pk)).size).toBe(4)
    expect(Object.keys(await storedCounts())).toHaveLength(5)
  })
})
