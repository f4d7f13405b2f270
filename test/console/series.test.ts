import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvOf } from '../../console/client/save-file.ts'
import { dayOf, monthsBetween } from '../../console/screens/expiries/month.ts'
import type { Sums } from '../../console/screens/usage/series.ts'
import { perMinute, pictureOf, seriesOf } from '../../console/screens/usage/series.ts'
import { bucketsOf, spanOf } from '../../console/screens/usage/span.ts'

const at = (text: string) => Date.parse(text)
const hour = 3_600_000
const day = 24 * hour

describe('the time of a picture', () => {
  const now = at('2026-11-21T22:30:00Z')
  const between = (query: Readonly<Record<string, string>>) => {
    const { from, to, unit, isCut } = spanOf(query, now)
    return [new Date(from).toISOString().slice(0, 16), new Date(to).toISOString().slice(0, 16), unit, isCut]
  }

  it('has whole hours or days, up to the end of this hour', () => {
    expect(between({})).toEqual(['2026-11-20T23:00', '2026-11-21T23:00', 'hour', false])
    expect(between({ range: 'week' })).toEqual(['2026-11-15T00:00', '2026-11-21T23:00', 'day', false])
    expect(between({ range: 'quarter' })).toEqual(['2026-08-24T00:00', '2026-11-21T23:00', 'day', false])
    expect(between({ range: 'constructor' })).toEqual(between({}))
  })

  it('is the one of the address, as whole hours, or days if it is longer than three', () => {
    const ofHours = { from: '2026-11-18T10:20:00Z', to: '2026-11-20T09:10:00Z' }
    expect(between(ofHours)).toEqual(['2026-11-18T10:00', '2026-11-20T10:00', 'hour', false])
    const ofDays = { ...ofHours, from: '2026-11-17T08:20:00Z' }
    expect(between(ofDays)).toEqual(['2026-11-17T00:00', '2026-11-21T00:00', 'day', false])
    expect(between({ to: ofHours.to })).toEqual(['2026-11-19T09:00', '2026-11-20T10:00', 'hour', false])
    expect(between({ from: '2026-11-21T20:00:00Z' })[1]).toBe('2026-11-21T23:00')
    const turned = spanOf({ from: ofHours.to, to: ofHours.from }, now)
    expect(bucketsOf(turned)).toEqual([])
  })

  it('begins with the first whole day that is kept, and says that it was cut', () => {
    expect(between({ from: '2020-01-01T00:00:00Z' })).toEqual([
      ...['2026-08-24T00:00', '2026-11-21T23:00', 'day', true],
    ])
  })

  it('has each of its hours and days once', () => {
    expect(bucketsOf(spanOf({}, now))).toHaveLength(24)
    const days = bucketsOf(spanOf({ range: 'month' }, now))
    expect(days.map((start) => start % day)).toEqual(Array(30).fill(0))
    expect(days.at(-1)).toBe(at('2026-11-21T00:00:00Z'))
  })
})

describe('the lines of a picture', () => {
  const span = { from: 0, to: 4 * hour, unit: 'hour', range: null, isCut: false } as const
  type Row = { readonly hour: number; readonly value: string; readonly count: number }

  /** What the API answers of the hours `from` to `to`, with so many values and the others. */
  const sums = (rows: readonly Row[], [from, to]: readonly [number, number], top: number): Sums => {
    const own = rows.filter((row) => row.hour >= from && row.hour < to)
    const times = Array.from({ length: to - from }, (_, place) => from + place)
    const lineOf = (value: string | null, of: readonly Row[]) => ({
      ...{ by: 'user' as const, value, values: new Set(of.map((row) => row.value)).size, refused: 0 },
      count: total(of),
      counts: times.map((time) => total(of.filter((row) => row.hour === time))),
      busiestHour:
        value === null ? null : Math.max(...times.map((t) => total(of.filter((r) => r.hour === t)))),
    })
    const groups = [...Map.groupBy(own, ({ value }) => value)].toSorted(([, a], [, b]) => total(b) - total(a))
    const others = groups.slice(top).flatMap(([, of]) => of)
    return {
      ...{ from: new Date(from * hour).toISOString(), wholeUntil: new Date(to * hour).toISOString() },
      times: times.map((time) => new Date(time * hour).toISOString()),
      busiestHour: Math.max(0, ...times.map((time) => total(own.filter((row) => row.hour === time)))),
      lines: [
        ...groups.slice(0, top).map(([value, of]) => lineOf(value, of)),
        ...(others.length === 0 ? [] : [lineOf(null, others)]),
      ],
    }
  }
  const total = (of: readonly Row[]): number => of.reduce((sum, { count }) => sum + count, 0)

  it('have the whole number of each value, whatever the parts and whatever each leaves out', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            hour: fc.nat(3),
            value: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
            count: fc.integer({ min: 1, max: 99 }),
          }),
          { maxLength: 40 },
        ),
        fc.subarray([1, 2, 3]),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 2, max: 7 }),
        fc.integer({ min: 0, max: 3 }),
        (rows, cuts, top, most, left) => {
          const edges = [0, ...cuts, 4]
          const parts = cuts
            .concat(4)
            .map((to, index) => sums(rows, [edges[index] ?? 0, to], top))
            .slice(0, Math.max(1, cuts.length + 1 - left))
          const picture = pictureOf(span, parts, parts.length > cuts.length)
          const end = picture.wholeUntil / hour
          const read = rows.filter((row) => row.hour < end)
          const series = seriesOf(picture, 'user', most)
          expect(series.length).toBeLessThanOrEqual(most)
          expect(series.reduce((sum, one) => sum + one.total, 0)).toBe(total(read))
          const named = new Set(series.map(({ key }) => key))
          for (const { key, values, counts, total: shown, busiestHour } of series) {
            const own = read.filter(({ value }) => (key === null ? !named.has(value) : value === key))
            expect(shown).toBe(total(own))
            const ofHour = (time: number) => total(own.filter((row) => row.hour === time))
            expect(counts).toEqual([0, 1, 2, 3].map((time) => (time < end ? ofHour(time) : null)))
            if (values !== null) expect(values).toBe(new Set(own.map(({ value }) => value)).size)
            if (busiestHour !== null) expect(busiestHour).toBe(Math.max(...[0, 1, 2, 3].map(ofHour)))
          }
        },
      ),
    )
  })

  it('are the largest, then the others, where all are known', () => {
    const rows = [1, 2, 3, 4, 5].map((count) => ({ hour: 0, value: `usr_${count}`, count }))
    const picture = pictureOf(span, [sums(rows, [0, 4], 1000)], true)
    expect(seriesOf(picture, 'user', 3).map(({ key, values, total: all }) => [key, values, all])).toEqual([
      ['usr_5', 1, 5],
      ['usr_4', 1, 4],
      [null, 3, 6],
    ])
    expect(seriesOf(picture, 'user', 5).map(({ key }) => key)).not.toContain(null)
    expect(seriesOf(picture, 'user', 7, (value) => value !== 'usr_5')[0]?.key).toBe('usr_4')
  })

  it('have no number of a day of which some hours are not read', () => {
    const days = { ...span, to: 2 * day, unit: 'day' } as const
    const part = { ...sums([], [0, 1], 1), times: [0, day].map((time) => new Date(time).toISOString()) }
    const line = { ...{ by: 'user' as const, value: 'a', values: 1, refused: 0 }, count: 5, counts: [3, 2] }
    const read = { ...part, wholeUntil: new Date(30 * hour).toISOString() }
    const picture = pictureOf(days, [{ ...read, lines: [{ ...line, busiestHour: 1 }] }], false)
    expect(seriesOf(picture, 'user', 7)[0]).toMatchObject({ counts: [3, null], total: 5 })
    // A time that ends within the day has all that is to be read of it.
    const shorter = pictureOf({ ...days, to: 30 * hour }, picture.parts, true)
    expect(seriesOf(shorter, 'user', 7)[0]?.counts).toEqual([3, 2])
    const next = {
      ...read,
      times: [new Date(day).toISOString()],
      wholeUntil: new Date(2 * day).toISOString(),
    }
    const rest = { ...line, count: 4, counts: [4], busiestHour: 2 }
    const whole = pictureOf(days, [...picture.parts, { ...next, lines: [rest] }], true)
    expect(seriesOf(whole, 'user', 7)[0]).toMatchObject({ counts: [3, 6], total: 9, busiestHour: 2 })
  })
})

it('the busiest minute is the average of the busiest hour, rounded up', () => {
  expect([0, 1, 60, 1201].map(perMinute)).toEqual([0, 1, 1, 21])
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
