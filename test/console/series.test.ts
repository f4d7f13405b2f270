import { describe, expect, it } from 'vitest'
import { csvOf } from '../../console/client/save-file.ts'
import { dayOf, monthsBetween } from '../../console/screens/expiries/month.ts'
import type { UsageCount } from '../../console/screens/usage/series.ts'
import { bucketsBetween, busiestMinute, seriesOf } from '../../console/screens/usage/series.ts'

const at = (text: string) => Date.parse(text)
const row = (given: Partial<UsageCount>): UsageCount => ({
  ...{ from: '2026-11-21T09:00:00.000Z', userId: 'usr_1', credential: 'key_1', api: 'api_1' },
  ...{ endpoint: 'GET /orders', reason: 'allowed', count: 1 },
  ...given,
})

describe('the hours and days of a picture', () => {
  it('begin with the one that contains the first instant and end with the one that contains the last', () => {
    const hours = bucketsBetween(at('2026-11-21T09:59:00Z'), at('2026-11-21T12:00:00Z'), 'hour')
    expect(hours.map((start) => new Date(start).toISOString().slice(11, 16))).toEqual([
      ...['09:00', '10:00', '11:00', '12:00'],
    ])
    expect(bucketsBetween(at('2026-11-21T23:59:00Z'), at('2026-11-22T00:00:00Z'), 'day')).toHaveLength(2)
  })
})

describe('the lines of a picture', () => {
  const buckets = bucketsBetween(at('2026-11-21T09:00:00Z'), at('2026-11-21T10:30:00Z'), 'hour')

  it('count each group in its hour, the largest first, and what was refused of it', () => {
    const rows = [
      row({ userId: 'usr_1', count: 2 }),
      row({ userId: 'usr_2', count: 3 }),
      row({ userId: 'usr_2', count: 4, from: '2026-11-21T10:00:00.000Z', reason: 'user_disabled' }),
    ]
    expect(seriesOf(rows, 'user', buckets, 7)).toEqual([
      { key: 'usr_2', values: 1, counts: [3, 4], total: 7, refused: 4 },
      { key: 'usr_1', values: 1, counts: [2, 0], total: 2, refused: 0 },
    ])
  })

  it('never lose a request: the small groups are one line', () => {
    const rows = [1, 2, 3, 4, 5].map((count) => row({ credential: `key_${count}`, count }))
    const series = seriesOf(rows, 'credential', buckets, 3)
    expect(series.map(({ key, values, total }) => [key, values, total])).toEqual([
      ['key_5', 1, 5],
      ['key_4', 1, 4],
      [null, 3, 6],
    ])
    expect(seriesOf(rows, 'credential', buckets, 5).map(({ key }) => key)).not.toContain(null)
  })
})

it('the busiest minute is of protected APIs and allowed requests, since only these count against their limit', () => {
  const rows = [
    row({ count: 600 }),
    row({ count: 601, userId: 'usr_2' }),
    row({ count: 9000, api: 'postern' }),
    row({ count: 9000, reason: 'rate_limited' }),
    row({ count: 1200, from: '2026-11-21T10:00:00.000Z' }),
  ]
  expect(busiestMinute(rows, 'hour')).toBe(21)
  expect(busiestMinute([], 'hour')).toBe(0)
})

describe('a month of the calendar', () => {
  it('has each of its days once, in weeks from Monday to Sunday', () => {
    const months = monthsBetween(new Date(2026, 10, 22), new Date(2027, 1, 1))
    expect(months.map(({ start }) => dayOf(start))).toEqual([
      ...['2026-11-01', '2026-12-01', '2027-01-01', '2027-02-01'],
    ])
    for (const { start, weeks } of months) {
      const days = weeks.flat().filter((each) => each !== null)
      expect(days.map((each) => each.getDate())).toEqual(days.map((_, index) => index + 1))
      expect(new Date(start.getFullYear(), start.getMonth() + 1, 0).getDate()).toBe(days.length)
      for (const week of weeks) {
        expect(week).toHaveLength(7)
        for (const [index, each] of week.entries())
          if (each !== null) expect((each.getDay() + 6) % 7).toBe(index)
      }
    }
  })
})

describe('a table as CSV', () => {
  it('quotes what would break a row', () => {
    expect(
      csvOf(
        ['a', 'b'],
        [
          ['x,y', 'say "no"'],
          ['line\nbreak', null],
          ['plain', 7],
        ],
      ),
    ).toBe('a,b\r\n"x,y","say ""no"""\r\n"line\nbreak",\r\nplain,7\r\n')
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('runs no formula: %j', (text) => {
    expect(csvOf(['a'], [[text]])).toMatch(/\r\n"?'/)
  })
})
