import { describe, expect, it } from 'vitest'
import { readUsage } from '../../lib/usage/read-usage.ts'
import type { UsageQuery } from '../../lib/usage/usage-endpoints.ts'
import type { UsagePart } from '../../lib/usage/usage-parts.ts'
import { subject } from '../decision/sample-subject.ts'

const now = Date.parse('2026-11-21T09:30:00Z')
const counted = {
  userId: 'usr_1',
  credential: 'key_1',
  api: 'postern',
  endpoint: '*',
  reason: 'allowed',
} as const

/** What is answered where each of these hours has one request, and the days that are read for it. */
const read = async (
  query: Partial<UsageQuery>,
  hours: readonly string[] = [],
  endpointOf: (index: number) => string = () => '*',
) => {
  const days: string[] = []
  const caller = { subject: subject() } as Parameters<typeof readUsage>[1]
  async function* readUsageDay(_: string, firstHour: string): AsyncGenerator<UsagePart> {
    const day = firstHour.slice(0, 10)
    days.push(day)
    const counts = hours.flatMap((hour, index) =>
      hour.startsWith(day) && hour >= firstHour
        ? [{ ...counted, endpoint: endpointOf(index), hour, count: 1 }]
        : [],
    )
    yield { counts, until: Date.parse(day) + 86_400_000 }
  }
  const { rows, nextCursor } = await readUsage({ readUsageDay, now: () => now }, caller, query)
  return { days, from: rows.map((row) => [row.from, row.count]), nextCursor }
}

describe('the counts that are read', () => {
  it('are by day, of the last seven days and the current hour, where nothing else is asked for', async () => {
    const { days, from } = await read({}, ['2026-11-21T08', '2026-11-21T09'])
    expect([days.at(0), days.at(-1), days.length]).toEqual(['2026-11-14', '2026-11-21', 8])
    expect(from).toEqual([['2026-11-21T00:00:00.000Z', 2]])
  })

  it('are those of each hour that the time shares a moment with', async () => {
    const hours = ['2026-11-20T07', '2026-11-20T08', '2026-11-20T09', '2026-11-20T10']
    const asked = { groupBy: 'hour', from: '2026-11-20T08:00:00Z', to: '2026-11-20T10:00:00Z' } as const
    expect((await read(asked, hours)).from).toEqual([
      ['2026-11-20T08:00:00.000Z', 1],
      ['2026-11-20T09:00:00.000Z', 1],
    ])
  })

  it('are of 31 days for a page, and go on with the next one', async () => {
    const query = { from: '2026-09-01T00:00:00Z' }
    const page = await read(query)
    expect([page.days.length, page.nextCursor]).toEqual([31, '2026-10-02T00'])
    expect((await read({ ...query, cursor: '2026-10-02T00' })).days.at(0)).toBe('2026-10-02')
  })

  it('are of no time that is gone, or has not come', async () => {
    const { days } = await read({ from: '2020-01-01T00:00:00Z' })
    expect(days.at(0)).toBe('2026-08-23')
    expect((await read({ to: '2030-01-01T00:00:00Z' })).days.at(-1)).toBe('2026-11-21')
  })

  it('are a thousand at most, where no other number is asked for', async () => {
    const hours = Array<string>(1001).fill('2026-11-21T08')
    const { from, nextCursor } = await read({}, hours, (index) => `GET /${index}`)
    expect(from).toHaveLength(1000)
    expect(nextCursor).not.toBeNull()
  })
})
