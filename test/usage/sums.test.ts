import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { readUsage } from '../../lib/usage/read-usage.ts'
import type { UsageRow } from '../../lib/usage/stored-usage.ts'
import type { UsageGrouping, UsagePage, UsageSums } from '../../lib/usage/usage-endpoints.ts'
import { UsageQuery, usageGroupings } from '../../lib/usage/usage-endpoints.ts'
import type { ReadUsageDay } from '../../lib/usage/usage-parts.ts'
import { readUsageDay, writeUsage } from '../../lib/usage/usage-store.ts'
import { subject } from '../decision/sample-subject.ts'
import { freshTable } from '../fresh-table.ts'
import { answerInParts } from '../table/strict-reads.ts'

const hour = 3_600_000
const day = 24 * hour
const start = Date.parse('2026-11-19T00:00:00Z')
const now = start + 2.7 * day

/** Numbers that are the same in each run. */
const random = (seed: number) => (below: number) => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return Math.floor((seed / 2_147_483_648) * below)
}
const chance = random(11)

type Raw = UsageRow['counts'][number] & { readonly at: number }
const raw: Raw[] = []
let table: Table

beforeAll(async () => {
  table = await freshTable()
  for (let row = 0; row < 60; row += 1) {
    const at = start + chance(65) * hour
    const counts = Array.from({ length: 1 + chance(12) }, () => {
      const user = chance(9)
      return {
        userId: `usr_${user}`,
        credential: `key_${user}_${chance(2)}`,
        api: ['postern', 'api_1', 'api_2', 'unknown'][chance(4)] ?? '',
        endpoint: ['GET /orders', 'POST /orders', '*'][chance(3)] ?? '',
        reason: (['allowed', 'allowed', 'rate_limited', 'user_disabled'] as const)[chance(4)] ?? 'allowed',
        count: 1 + chance(50) ** 2,
      }
    })
    raw.push(...counts.map((count) => ({ ...count, at })))
    await writeUsage(table, {
      organizationId: 'org_1' as OrganizationId,
      id: `${chance(1_000_000)}`,
      hour: new Date(at).toISOString().slice(0, 13),
      decisions: counts.reduce((sum, { count }) => sum + count, 0),
      counts,
    })
  }
  // So that a day comes in many parts.
  answerInParts(table.client)
})

type Given = { readonly mostCounts?: number; readonly readUsageDay?: ReadUsageDay }

const page = (query: UsageQuery, given: Given = {}): Promise<UsagePage> => {
  const caller = { subject: subject() } as Parameters<typeof readUsage>[1]
  return readUsage(
    { now: () => now, readUsageDay: (...of) => readUsageDay(table, ...of), ...given },
    caller,
    query,
  )
}

/** Days without requests, and those that were read. */
const readDays: string[] = []
const nothing = {
  async *readUsageDay(_: string, firstHour: string) {
    readDays.push(firstHour)
    yield { counts: [], until: Date.parse(firstHour.slice(0, 10)) + day }
  },
}

const total = (of: readonly { readonly count: number }[]): number =>
  of.reduce((sum, { count }) => sum + count, 0)
const valueIn = (one: Raw, by: UsageGrouping): string => (by === 'user' ? one.userId : one[by])
const busiestHour = (of: readonly Raw[]): number => {
  const counted = of.filter(({ api, reason }) => api !== 'postern' && reason === 'allowed')
  return Math.max(0, ...[...Map.groupBy(counted, ({ at }) => at).values()].map(total))
}

/** Each number again, from the rows as they were written. */
const expectWhole = (sums: UsageSums, query: UsageQuery & { readonly by: UsageGrouping[] }): void => {
  const { groupBy = 'day', top = 100, by } = query
  const unit = groupBy === 'hour' ? hour : day
  const [from, until] = [Date.parse(sums.from), Date.parse(sums.wholeUntil)]
  const own = raw.filter(
    ({ at, userId, credential, api }) =>
      at >= from &&
      at < until &&
      userId === (query.userId ?? userId) &&
      credential === (query.credential ?? credential) &&
      api === (query.api ?? api),
  )
  const times: number[] = []
  for (let at = Math.floor(from / unit) * unit; at < until; at += unit) times.push(at)
  expect(sums.times.map((time) => Date.parse(time))).toEqual(times)
  expect(sums.busiestHour).toBe(busiestHour(own))
  for (const grouping of by) {
    const groups = [...Map.groupBy(own, (one) => valueIn(one, grouping)).values()]
    const lines = sums.lines.filter((line) => line.by === grouping)
    const listed = new Set(lines.map(({ value }) => value))
    expect(lines.length).toBe(Math.min(groups.length, top + 1))
    const sizes = groups.map(total).toSorted((one, other) => other - one)
    const named = lines.filter(({ value }) => value !== null)
    expect(named.map(({ count }) => count)).toEqual(sizes.slice(0, top))
    for (const line of lines) {
      const rows = own.filter((one) => {
        const value = valueIn(one, grouping)
        return line.value === null ? !listed.has(value) : value === line.value
      })
      expect(line).toEqual({
        by: grouping,
        value: line.value,
        values: new Set(rows.map((one) => valueIn(one, grouping))).size,
        count: total(rows),
        refused: total(rows.filter(({ reason }) => reason !== 'allowed')),
        counts: times.map((time) => total(rows.filter(({ at }) => at >= time && at < time + unit))),
        busiestHour: line.value === null ? null : busiestHour(rows),
      })
    }
  }
}

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString()

describe('sums of usage', () => {
  it('are those of all rows up to the time until which they are whole, page by page to the end', async () => {
    let pages = 0
    for (let round = 0; round < 15; round += 1) {
      const from = start + chance(50) * hour + chance(60) * 60_000
      const query = {
        ...(chance(9) === 0 ? {} : { from: instant(from) }),
        ...(chance(2) === 0 ? {} : { to: instant(from + (1 + chance(40)) * hour + chance(60) * 60_000) }),
        groupBy: chance(2) === 0 ? 'hour' : 'day',
        by: usageGroupings.filter(() => chance(3) === 0),
        top: 1 + chance(8),
        ...(chance(4) === 0 ? { userId: `usr_${chance(9)}` } : {}),
        ...(chance(6) === 0 ? { api: 'api_1' } : {}),
      } as const satisfies UsageQuery
      const mostCounts = 1 + chance(150)
      const asked = query.from === undefined ? null : Math.floor(from / hour) * hour
      let reached = asked
      let cursor: string | undefined
      do {
        const { rows, sums, nextCursor } = await page({ ...query, ...(cursor && { cursor }) }, { mostCounts })
        expect(rows).toEqual([])
        if (sums === null) throw new Error('no sums')
        expectWhole(sums, query)
        // Each page begins where the one before ended, and goes on.
        expect(Date.parse(sums.from)).toBe(reached ?? Date.parse(sums.from))
        expect(Date.parse(sums.wholeUntil)).toBeGreaterThan(Date.parse(sums.from))
        reached = Date.parse(sums.wholeUntil)
        cursor = nextCursor ?? undefined
        pages += 1
      } while (cursor !== undefined)
      const latest = Math.ceil(now / hour) * hour
      const end = query.to === undefined ? latest : Math.ceil(Date.parse(query.to) / hour) * hour
      expect(reached).toBe(Math.min(end, latest))
    }
    expect(pages).toBeGreaterThan(30)
  })

  it('of a page end with the hour in which enough was read, never within one', async () => {
    const { sums, nextCursor } = await page(
      { by: ['user'], from: instant(start), groupBy: 'hour' },
      { mostCounts: 1 },
    )
    const first = Math.min(...raw.map(({ at }) => at))
    expect(Date.parse(sums?.wholeUntil ?? '')).toBeGreaterThan(first)
    expect(nextCursor).toBe(sums?.wholeUntil.slice(0, 13))
    const whole = await page({ by: ['user'], from: instant(start) })
    expect(whole.nextCursor).toBeNull()
    expect(whole.sums?.lines.reduce((sum, { count }) => sum + count, 0)).toBe(total(raw))
  })

  it('of a page are at most so many that an answer holds them', async () => {
    const query = { groupBy: 'hour', from: instant(now - 89 * day), top: 1000 } as const
    const one = await page({ ...query, by: ['user'] }, nothing)
    expect(readDays.at(-1)).toBe('2026-09-10T00')
    expect([one.sums?.times.length, one.nextCursor]).toEqual([399, '2026-09-10T07'])
    const all = await page({ ...query, by: [...usageGroupings] }, nothing)
    expect(all.sums?.times).toHaveLength(79)
    expect((await page({ ...query, by: ['user'], top: 1 }, nothing)).sums?.times).toHaveLength(744)
    expect((await page({ ...query, by: ['user'], groupBy: 'day' }, nothing)).nextCursor).toBeNull()
  })

  it('of 60,000 credentials late in a month take less memory than the function has', async () => {
    const code = `
      import { readUsage } from ${JSON.stringify(import.meta.resolve('../../lib/usage/read-usage.ts'))}
      const one = { hour: '2026-11-30T20', userId: '', api: 'api_1', endpoint: '*', reason: 'allowed', count: 1 }
      const counts = Array.from({ length: 60_000 }, (_, i) => ({ ...one, credential: 'key_' + i }))
      async function* readUsageDay(_, hour) {
        yield { counts: hour < '2026-11-30' ? [] : counts, until: Date.parse(hour.slice(0, 10)) + ${day} }
      }
      const now = () => Date.parse('2026-11-30T23:59:00Z')
      const query = { from: '2026-11-01T00:00:00Z', groupBy: 'hour', by: ['credential'], top: 1 }
      const { sums } = await readUsage({ now, readUsageDay }, { subject: { organization: {} } }, query)
      console.log(sums.lines.map(({ counts }) => counts.at(-4)).join())`
    const limits = ['--max-old-space-size=200', '--input-type=module-typescript']
    const { stdout } = await promisify(execFile)(process.execPath, [...limits, '--eval', code])
    expect(stdout.trim()).toBe('1,59999')
  })

  it('have no hour of which rows can be gone', async () => {
    const { sums } = await page({ by: ['user'], groupBy: 'hour', from: '2020-01-01T00:00:00Z' }, nothing)
    expect(Date.parse(sums?.from ?? '') + 90 * day).toBeGreaterThan(now)
    expect(Date.parse(sums?.from ?? '') - hour + 90 * day).toBeLessThanOrEqual(now)
  })
})

it('what a query cannot mean is refused with the name of its field', async () => {
  const refused = (path: string) => ({ code: 'invalid_request', errors: [{ path }] })
  await expect(page({ top: 7 })).rejects.toMatchObject(refused('top'))
  await expect(page({ by: ['user'], limit: 7 })).rejects.toMatchObject(refused('limit'))
  const read = (by: string) => UsageQuery.safeParse({ by })
  expect(read('user,reason').data).toEqual({ by: ['user', 'reason'] })
  for (const by of ['', 'planet', 'user,', 'user,user', 'user, reason'])
    expect(
      read(by).error?.issues.map(({ path }) => path),
      by,
    ).toEqual([['by']])
})

describe('rows of usage', () => {
  it('end with the hour or the day in which enough was read, and are all there page by page', async () => {
    for (const groupBy of ['hour', 'day'] as const) {
      let [cursor, pages, sum]: [string | undefined, number, number] = [undefined, 0, 0]
      do {
        const found = await page(
          { groupBy, from: instant(start), ...(cursor && { cursor }) },
          { mostCounts: 20 },
        )
        sum += total(found.rows)
        pages += 1
        cursor = found.nextCursor ?? undefined
      } while (cursor !== undefined)
      expect(sum).toBe(total(raw))
      expect(pages, groupBy).toBeGreaterThan(groupBy === 'hour' ? 10 : 2)
    }
  })
})
