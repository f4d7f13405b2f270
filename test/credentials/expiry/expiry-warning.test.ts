import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  dayOf,
  daysAhead,
  isWarningDue,
  maximumExpiryWarningDays,
  warningTime,
} from '../../../lib/credentials/expiry/expiry-warning.ts'

const day = 86_400_000
const start = Date.parse('2026-11-21T12:00:00.000Z')
const lifeOf = (days: number) => ({
  createdAt: new Date(start).toISOString(),
  expiresAt: new Date(start + days * day).toISOString(),
})
/** In days from the making of the credential. */
const warnedOn = (lifeDays: number, warningDays: number) => {
  const at = warningTime(lifeOf(lifeDays), warningDays)
  return at === null ? null : (at - start) / day
}

describe('a warning', () => {
  it.each([
    ['so many days before the end', 90, 14, 76],
    ['at half of a life that is shorter than twice that', 20, 14, 10],
    ['at half of the shortest life that is warned of', 2, 14, 1],
    ['a day before, if the organization wishes it so late', 365, 1, 364],
    ['never for a life under two days', 1.999, 14, null],
    ['never where the organization wants none', 365, 0, null],
  ])('comes %s', (_when, lifeDays, warningDays, expected) => {
    expect(warnedOn(lifeDays, warningDays)).toBe(expected)
  })

  it('is due from its time on, and no longer once the credential has ended', () => {
    const life = lifeOf(90)
    const dueOn = (days: number) => isWarningDue(life, 14, start + days * day)
    expect([0, 75.9, 76, 89.9, 90, 91].map(dueOn)).toEqual([false, false, true, true, false, false])
    expect(isWarningDue(life, 0, start + 80 * day)).toBe(false)
  })

  const lives = fc
    .record({
      createdAt: fc.integer({ min: start, max: start + 4000 * day }),
      lifetime: fc.integer({ min: 1, max: 4000 * day }),
      warningDays: fc.integer({ min: 0, max: maximumExpiryWarningDays }),
    })
    .map(({ createdAt, lifetime, warningDays }) => ({
      made: createdAt,
      end: createdAt + lifetime,
      warningDays,
      life: {
        createdAt: new Date(createdAt).toISOString(),
        expiresAt: new Date(createdAt + lifetime).toISOString(),
      },
    }))
  /** Of a stretch of time. */
  const share = fc.integer({ min: 0, max: 10_000 }).map((parts) => parts / 10_000)

  it('is never due in the first half of a life', () => {
    fc.assert(
      fc.property(lives, share, ({ made, end, warningDays, life }, part) => {
        const inFirstHalf = Math.ceil((made + end) / 2 - part * ((end - made) / 2)) - 1
        expect(isWarningDue(life, warningDays, inFirstHalf)).toBe(false)
      }),
    )
  })

  it('is found in the days that are looked at, whenever it is due', () => {
    fc.assert(
      fc.property(lives, share, ({ end, warningDays, life }, part) => {
        const due = warningTime(life, warningDays)
        fc.pre(due !== null)
        const now = Math.floor(due + part * (end - 1 - due))
        expect(daysAhead(now, maximumExpiryWarningDays)).toContain(dayOf(end))
      }),
    )
  })
})

describe('the days ahead', () => {
  it('are whole UTC days, today first', () => {
    expect(daysAhead(Date.parse('2026-12-30T23:59:59.999Z'), 3)).toEqual([
      '2026-12-30',
      '2026-12-31',
      '2027-01-01',
      '2027-01-02',
    ])
  })

  it('have names beyond the year 9999, too', () => {
    expect(dayOf(Date.parse('+010000-01-01T04:59:59.000Z'))).toBe('+010000-01-01')
  })
})
