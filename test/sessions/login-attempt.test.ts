import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Counter, ReservationOutcome, ReservedAttempt } from '../../lib/limits/throttle-rule.ts'
import type { LoginAttemptDependencies } from '../../lib/sessions/login-attempt.ts'
import { openLoginAttempt } from '../../lib/sessions/login-attempt.ts'
import { guessingFrom, windowCounters } from '../../lib/sessions/login-counters.ts'

/** In a window of fifteen minutes that ends after 100 s. */
const startedAt = 900_000 * 1000 + 800_000
const nowSeconds = startedAt / 1000
const perPair: Counter = { rule: { name: 'pair', attempts: 10, windowSeconds: 900 }, subject: 'pair' }
const perSource: Counter = { rule: { name: 'source', attempts: 100, windowSeconds: 900 }, subject: 'source' }
const inARow: Counter = { rule: { name: 'row', attempts: 100, windowSeconds: null }, subject: 'row' }

/** What the table is asked, and which outcome it has for each subject. */
const open = (
  outcomes: Readonly<Record<string, ReservationOutcome | (() => Promise<ReservationOutcome>)>> = {},
) => {
  const asked: string[] = []
  const ids = new Set<string>()
  let waited = 0
  let now = startedAt
  const noting = (deed: string) => async (attempt: ReservedAttempt) => {
    asked.push(`${deed} ${attempt.subject}`)
  }
  const dependencies: LoginAttemptDependencies = {
    reserveAttempt: async (attempt) => {
      asked.push(`reserve ${attempt.subject}`)
      ids.add(attempt.id)
      const outcome = outcomes[attempt.subject] ?? 'reserved'
      return typeof outcome === 'function' ? await outcome() : outcome
    },
    returnAttempt: noting('return'),
    failAttempt: noting('fail'),
    succeedAttempt: noting('succeed'),
    wait: async (milliseconds) => {
      waited += milliseconds
      now += milliseconds
    },
    now: () => now,
    randomBytes: (size) => randomBytes(size),
  }
  return { attempt: openLoginAttempt(dependencies), asked, ids, waited: () => waited }
}

describe('the attempts of a login', () => {
  it('are taken one after the other, so that a refusal by the first costs one write', async () => {
    const { attempt, asked } = open({ pair: 'spent' })
    await attempt.reserve([perPair, perSource])
    expect(asked).toEqual(['reserve pair'])
  })

  it('are given back when the next one is refused, once', async () => {
    const { attempt, asked } = open({ source: 'spent' })
    await attempt.reserve([perPair, perSource, inARow])
    await attempt.giveBack()
    expect(asked).toEqual(['reserve pair', 'reserve source', 'return pair'])
  })

  it('stay taken when those of a later reservation are refused, until they are given back', async () => {
    const { attempt, asked } = open({ row: 'spent' })
    expect(await attempt.reserve([perPair])).toBeNull()
    await attempt.reserve([inARow])
    expect(asked).toEqual(['reserve pair', 'reserve row'])
    await attempt.giveBack()
    expect(asked).toEqual(['reserve pair', 'reserve row', 'return pair'])
  })

  it('are given back though only the answer to taking one was lost', async () => {
    const { attempt, asked } = open({ source: () => Promise.reject(new Error('no answer')) })
    await expect(attempt.reserve([perPair, perSource])).rejects.toThrow('no answer')
    await attempt.abandon()
    expect(asked.slice(2).toSorted()).toEqual(['return pair', 'return source'])
  })

  it.each([
    ['fail', 'fail'],
    ['succeed', 'succeed'],
    ['giveBack', 'return'],
  ] as const)('are settled once: %s', async (how, deed) => {
    const { attempt, asked } = open()
    await attempt.reserve([perPair])
    await attempt[how]()
    for (const later of ['fail', 'succeed', 'giveBack', 'abandon'] as const) await attempt[later]()
    expect(asked).toEqual(['reserve pair', `${deed} pair`])
  })

  it('cost no wait when nothing is held', async () => {
    const { attempt, waited } = open()
    await attempt.abandon()
    expect(waited()).toBe(0)
  })
})

describe('a login that finds no attempt left', () => {
  const refusalBy = async (counter: Counter, outcome: ReservationOutcome) =>
    await open({ [counter.subject]: outcome }).attempt.reserve([counter])

  it('may come again when the window ends', async () => {
    expect(await refusalBy(perPair, 'spent')).toEqual({ why: 'spent-in-window', retryAfterSeconds: 100 })
  })

  it('is told a pause where no time frees one', async () => {
    expect(await refusalBy(inARow, 'spent')).toEqual({ why: 'spent-in-a-row', retryAfterSeconds: 900 })
  })

  it('may come again at once when those under way have changed since it came, else when the oldest cannot be alive', async () => {
    const waitedSeconds = 2
    expect(await refusalBy(perPair, { underWaySinceSeconds: nowSeconds + 1 })).toEqual({
      why: 'under-way',
      retryAfterSeconds: 1,
    })
    for (const [since, retryAfterSeconds] of [
      [nowSeconds, 16 - waitedSeconds],
      [nowSeconds - 5, 11 - waitedSeconds],
      [nowSeconds - 40, 1],
    ] as const)
      expect([since, await refusalBy(perPair, { underWaySinceSeconds: since })]).toEqual([
        since,
        { why: 'under-way', retryAfterSeconds },
      ])
  })

  it('waits for some three seconds in all its reservations together, under a new id each time', async () => {
    const { attempt, ids, waited } = open({ row: { underWaySinceSeconds: nowSeconds } })
    await attempt.reserve([inARow])
    const first = waited()
    expect(first).toBeGreaterThan(2000)
    expect(first).toBeLessThan(3500)
    expect(ids.size).toBe(10)
    await attempt.reserve([inARow])
    expect(waited()).toBe(first)
  })
})

describe('the windows that a login is counted in', () => {
  it.each([
    [
      '203.0.113.9',
      [
        ['login-pair', 'anna\n203.0.113.9'],
        ['login-source', '203.0.113.9'],
      ],
    ],
    [
      '2001:db8:1:2:3:4:5:6',
      [
        ['login-pair', 'anna\n2001:db8:1:2::/64'],
        ['login-pair-48', 'anna\n2001:db8:1::/48'],
        ['login-source', '2001:db8:1:2::/64'],
        ['login-source-48', '2001:db8:1::/48'],
      ],
    ],
  ])(
    'are those of the account from %s, then those of all accounts, the narrower first',
    (address, expected) => {
      const counters = windowCounters(guessingFrom('anna', address))
      expect(counters.map(({ rule, subject }) => [rule.name, subject])).toEqual(expected)
    },
  )
})
