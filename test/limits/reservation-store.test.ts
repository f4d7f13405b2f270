import { beforeAll, describe, expect, it } from 'vitest'
import {
  failAttempt,
  forgetFailures,
  reserveAttempt,
  returnAttempt,
  succeedAttempt,
} from '../../lib/limits/reservation-store.ts'
import type { InARowRule, ReservedAttempt, ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import {
  inARowKey,
  reservationLifetimeSeconds,
  retryAfterSeconds,
  windowAt,
} from '../../lib/limits/throttle-rule.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { readItem } from '../../lib/table/read.ts'
import { freshTable } from '../fresh-table.ts'

let table: Table
beforeAll(async () => {
  table = await freshTable()
})

const rule: InARowRule = { name: 'test-in-a-row', attempts: 3, windowSeconds: null }
const startedAt = Date.parse('2026-11-21T12:00:00.000Z')
const yearMilliseconds = 365 * 24 * 3600 * 1000

let subjects = 0
/** Of a subject of its own in each test. */
const inARow = () => {
  subjects += 1
  const subject = `subject ${subjects}`
  let taken = 0
  const attempt = (at = startedAt): ReservedAttempt => {
    taken += 1
    return { rule, subject, at, id: `id${taken}` }
  }
  const take = async (at = startedAt) => {
    const mine = attempt(at)
    return { mine, outcome: await reserveAttempt(table, mine) }
  }
  return {
    attempt,
    take,
    fail: async (at = startedAt) => {
      const { mine, outcome } = await take(at)
      if (outcome === 'reserved') await failAttempt(table, mine)
      return outcome
    },
    row: () => readItem(table, inARowKey({ rule, subject })),
    forget: () => forgetFailures(table, { rule, subject }),
  }
}

describe('attempts in a row', () => {
  it('are counted for as long as it takes', async () => {
    const { fail, take } = inARow()
    expect(await fail()).toBe('reserved')
    expect(await fail(startedAt + yearMilliseconds)).toBe('reserved')
    expect(await fail(startedAt + 2 * yearMilliseconds)).toBe('reserved')
    expect((await take(startedAt + 3 * yearMilliseconds)).outcome).toBe('spent')
  })

  it('leave a row that is deleted a year after the last, at the soonest', async () => {
    const { fail, row } = inARow()
    await fail()
    await fail(startedAt + 1000)
    const expiry = Number((await row())?.['expiresAtSeconds']) * 1000
    expect(expiry).toBeGreaterThanOrEqual(startedAt + 1000 + yearMilliseconds)
  })

  it('start again after one that succeeds', async () => {
    const { fail, take, row } = inARow()
    await fail()
    await fail()
    const { mine } = await take()
    await succeedAttempt(table, mine)
    expect(await row()).toMatchObject({ attempts: 0, failed: 0 })
    for (let index = 0; index < 3; index += 1) expect(await fail()).toBe('reserved')
    expect(await fail()).toBe('spent')
  })

  it('do not start again when one is given back', async () => {
    const { fail, take, row } = inARow()
    await fail()
    await returnAttempt(table, (await take()).mine)
    expect(await row()).toMatchObject({ attempts: 1, failed: 1 })
  })

  it('that are under way stay counted when the row starts again', async () => {
    const { fail, take, row, forget } = inARow()
    await fail()
    const { mine } = await take()
    await forget()
    expect(await row()).toMatchObject({ attempts: 1, failed: 0 })
    await failAttempt(table, mine)
    expect(await row()).toMatchObject({ attempts: 1, failed: 1 })
    await fail()
    await fail()
    expect(await fail()).toBe('spent')
  })

  it('are forgotten as often as asked, also where there are none', async () => {
    const { fail, take, row, forget } = inARow()
    await forget()
    expect(await row()).toBeUndefined()
    await fail()
    await take()
    await forget()
    await forget()
    expect(await row()).toMatchObject({ attempts: 1, failed: 0 })
  })

  it('are never more than allowed, under way and failed together, when forty come at once', async () => {
    const { take, row } = inARow()
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => take()))
    expect(outcomes.filter(({ outcome }) => outcome === 'reserved')).toHaveLength(3)
    expect(await row()).toMatchObject({ attempts: 3 })
  })

  it('come back from a function that was cut off', async () => {
    const { fail, take } = inARow()
    await fail()
    await take()
    await take()
    const soon = await take(startedAt + 1000)
    expect(soon.outcome).toEqual({ underWaySinceSeconds: startedAt / 1000 })
    const last = await take(startedAt + (reservationLifetimeSeconds + 1) * 1000 - 1)
    expect(last.outcome).toEqual({ underWaySinceSeconds: startedAt / 1000 })
    const later = startedAt + (reservationLifetimeSeconds + 1) * 1000
    expect((await take(later)).outcome).toBe('reserved')
    expect((await take(later)).outcome).toBe('reserved')
    expect((await take(later)).outcome).not.toBe('reserved')
  })

  it('are put back once, though another asks between finding dead ones and putting them back', async () => {
    const { fail, take, row } = inARow()
    await fail()
    await take()
    await take(startedAt + 5000)
    let updates = 0
    table.client.middlewareStack.add(
      (next) => async (args) => {
        updates += 1
        // At this time only the first of the two is dead.
        if (updates === 2) await take(startedAt + 16_000)
        return next(args)
      },
      { step: 'initialize', name: 'between' },
    )
    try {
      expect((await take(startedAt + 21_000)).outcome).not.toBe('reserved')
    } finally {
      table.client.middlewareStack.remove('between')
    }
    const { attempts, failed, underWay } = (await row()) ?? {}
    expect(attempts).toBe(Number(failed) + (underWay instanceof Set ? underWay.size : 0))
  })

  it('count once, though each write is sent twice because the first answer is late', async () => {
    const { fail, take, row } = inARow()
    table.client.middlewareStack.add(
      (next) => async (args) => {
        await next(args).catch(() => undefined)
        return next(args)
      },
      { step: 'finalizeRequest', name: 'repeat' },
    )
    try {
      await fail()
      await fail()
      expect(await row()).toMatchObject({ attempts: 2, failed: 2 })
      const { mine, outcome } = await take()
      expect(outcome).toBe('reserved')
      await succeedAttempt(table, mine)
      expect(await row()).toMatchObject({ attempts: 0, failed: 0 })
    } finally {
      table.client.middlewareStack.remove('repeat')
    }
  })
})

describe('a rule without a window', () => {
  it('does not compile where a window is needed', () => {
    const windowed: ThrottleRule = { ...rule, windowSeconds: 900 }
    expect(windowAt(windowed, startedAt).endSeconds * 1000 - startedAt).toBeLessThanOrEqual(900_000)
    // @ts-expect-error it has none
    const window = () => windowAt(rule, startedAt)
    // @ts-expect-error nor a time at which to come again
    const retry = () => retryAfterSeconds(rule, startedAt)
    expect([window, retry]).toHaveLength(2)
  })
})
