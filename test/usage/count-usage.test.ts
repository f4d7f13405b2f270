import { describe, expect, it } from 'vitest'
import type { Decision, DenialReason } from '../../lib/decision/decide.ts'
import type { DecisionRequest } from '../../lib/decision/decision-request.ts'
import { makeUsageCounts } from '../../lib/usage/count-usage.ts'
import type { UsageRow } from '../../lib/usage/stored-usage.ts'
import { workBehind } from '../behind.ts'
import { shop, subject } from '../decision/sample-subject.ts'

const start = Date.parse('2026-11-21T09:00:00Z')
const [check, longest, hour] = [30_000, 600_000, 3_600_000]
const decisionsPerWriteUnit = 200
const mostCounts = 1000

const allowed = (userId: `usr_${string}` = 'usr_1'): Decision => ({
  allow: true,
  subject: subject({ userId }),
  aid: null,
  by: 'a role',
})
const denied = (reason: DenialReason): Decision => ({
  allow: false,
  subject: subject({ userId: 'usr_1' }),
  reason,
})
const request = (path = '/orders/17'): DecisionRequest => ({
  address: '203.0.113.7',
  method: 'GET',
  path,
  aid: null,
  target: { kind: 'protected', api: shop },
})

/** A container whose writes are kept, and answered when the test says so. */
const container = () => {
  const clock = { now: start }
  const storage = { isDown: false, answers: Promise.resolve() }
  const written: UsageRow[] = []
  const faults: unknown[] = []
  const work = workBehind()
  let ids = 0
  const count = makeUsageCounts({
    write: async (row) => {
      written.push(structuredClone(row))
      await storage.answers
      if (storage.isDown) throw new Error('throttled')
    },
    behind: work.behind,
    now: () => clock.now,
    newId: () => `row-${++ids}`,
    onFault: (fault) => faults.push(fault),
  })
  const note = (times = 1, decision = allowed(), of = request()) => {
    for (let index = 0; index < times; index += 1) count(decision, of)
  }
  /** One more decision so much later, and what it leads to. */
  const later = async (milliseconds: number, decision = allowed()) => {
    clock.now += milliseconds
    note(1, decision)
    await work.settled()
  }
  const sums = () => written.map(({ id, decisions }) => [id, decisions])
  return { note, later, clock, storage, written, sums, faults, settled: work.settled }
}

describe('a row of counts', () => {
  it('holds the decisions of one organization and hour, those that differ in nothing as one count', async () => {
    const { note, later, clock, written, faults } = container()
    clock.now += 1_800_000
    note(2)
    note(1, allowed('usr_2'))
    note(1, denied('rate_limited'))
    note(1, denied('permission_not_granted'), request('/nowhere'))
    note(1, allowed(), { ...request(), target: { kind: 'protected', api: null } })
    note(1, { allow: false, subject: null, reason: 'credential_unknown' })
    await later(longest)
    const own = { userId: 'usr_1', credential: 'key_1', api: shop.apiId, endpoint: 'GET /orders/{id}' }
    expect(written).toEqual([
      {
        organizationId: subject().organization.organizationId,
        id: 'row-1',
        hour: '2026-11-21T09',
        decisions: 7,
        counts: [
          { ...own, reason: 'allowed', count: 3 },
          { ...own, userId: 'usr_2', reason: 'allowed', count: 1 },
          { ...own, reason: 'rate_limited', count: 1 },
          { ...own, endpoint: '*', reason: 'permission_not_granted', count: 1 },
          { ...own, api: 'unknown', reason: 'allowed', count: 1 },
        ],
      },
    ])
    expect(faults).toEqual([])
  })

  it('is written again only with new decisions, whatever other organizations decide', async () => {
    const { note, later, sums } = container()
    note()
    await later(longest)
    expect(sums()).toEqual([['row-1', 2]])
    const other = { ...subject().organization, organizationId: 'org_2' as const }
    const elsewhere: Decision = { ...allowed(), subject: subject({ organization: other }) } as Decision
    await later(longest, elsewhere)
    await later(longest, elsewhere)
    expect(sums()).toEqual([
      ['row-1', 2],
      ['row-2', 2],
    ])
  })

  it('is written when its oldest unwritten decision is ten minutes old, with all of the hour', async () => {
    const { note, later, sums } = container()
    note()
    await later(longest - 1)
    expect(sums()).toEqual([])
    // Looked at again with the first decision half a minute later.
    await later(check - 1)
    expect(sums()).toEqual([])
    await later(1)
    expect(sums()).toEqual([['row-1', 4]])
    await later(longest - 1)
    expect(sums()).toHaveLength(1)
    await later(check)
    expect(sums()).toHaveLength(1)
    await later(longest - check)
    expect(sums()).toEqual([
      ['row-1', 4],
      ['row-1', 7],
    ])
  })

  it('is written before that for each 200 decisions of a write unit', async () => {
    const { note, later, sums } = container()
    note(decisionsPerWriteUnit - 2)
    await later(check)
    expect(sums()).toEqual([])
    await later(check)
    expect(sums()).toEqual([['row-1', decisionsPerWriteUnit]])
    await later(check)
    expect(sums()).toHaveLength(1)
  })

  it('of more than a kilobyte waits for as many decisions for each of its write units', async () => {
    const { note, later, sums } = container()
    for (let index = 0; index < 20; index += 1) note(1, allowed(`usr_${index}`))
    note(2 * decisionsPerWriteUnit - 22)
    await later(check)
    expect(sums()).toEqual([])
    await later(check)
    expect(sums()).toEqual([['row-1', 2 * decisionsPerWriteUnit]])
  })

  it('is written once at a time, and what comes meanwhile later', async () => {
    const { note, later, clock, storage, sums, settled } = container()
    let answer = (): void => undefined
    storage.answers = new Promise((resolve) => {
      answer = resolve
    })
    note()
    clock.now += longest
    note()
    clock.now += longest
    note(3)
    expect(sums()).toEqual([['row-1', 2]])
    answer()
    await settled()
    // The three came ten minutes ago, while the first two were written.
    await later(check)
    expect(sums()).toEqual([
      ['row-1', 2],
      ['row-1', 6],
    ])
  })

  it('is due again ten minutes after a write began, also if that took a while', async () => {
    const { note, later, clock, storage, sums, settled } = container()
    const { promise, resolve } = Promise.withResolvers<void>()
    storage.answers = promise
    note()
    clock.now += longest
    note()
    clock.now += check
    note()
    resolve()
    await settled()
    await later(check)
    expect(sums()).toEqual([['row-1', 2]])
    await later(longest - 2 * check)
    expect(sums()).toEqual([
      ['row-1', 2],
      ['row-1', 5],
    ])
  })

  it('ends with its hour, and what is left of it is written with the next decision', async () => {
    const { note, later, clock, written, sums } = container()
    clock.now = start + hour - 1
    note()
    await later(1)
    expect(sums()).toEqual([])
    await later(check)
    expect(sums()).toEqual([['row-1', 1]])
    await later(longest)
    expect(sums()).toEqual([
      ['row-1', 1],
      ['row-2', 3],
    ])
    expect(written.map(({ hour: of }) => of)).toEqual(['2026-11-21T09', '2026-11-21T10'])
  })
})

describe('a write that fails', () => {
  it('is reported, and made again with all that is counted by then', async () => {
    const { note, later, storage, sums, faults } = container()
    storage.isDown = true
    note()
    await later(longest)
    expect(faults).toHaveLength(1)
    storage.isDown = false
    await later(check)
    await later(check)
    expect(sums()).toEqual([
      ['row-1', 2],
      ['row-1', 3],
    ])
  })

  it('of an hour that is over is made again as well, for the hundred newest rows', async () => {
    const { note, later, storage, written } = container()
    storage.isDown = true
    note()
    for (let hours = 0; hours < 101; hours += 1) await later(hour)
    storage.isDown = false
    written.splice(0)
    await later(check)
    // The first hour is given up, and the last goes on.
    expect(written.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, index) => `row-${index + 2}`))
    written.splice(0)
    await later(check)
    expect(written).toEqual([])
  })
})

describe('what counts', () => {
  it('uses limited memory: with too many counts, a container begins new rows', async () => {
    const { note, written, settled } = container()
    for (let index = 0; index < 2.5 * mostCounts; index += 1) note(1, allowed(`usr_${index}`))
    await settled()
    expect(written.map(({ id, counts }) => [id, counts.length])).toEqual([
      ['row-1', mostCounts],
      ['row-2', mostCounts],
    ])
  })

  it('throws nothing at the request that is counted', () => {
    const faults: unknown[] = []
    const count = makeUsageCounts({
      write: () => Promise.resolve(),
      behind: () => undefined,
      now: () => start,
      newId: () => {
        throw new Error('no chance')
      },
      onFault: (fault) => faults.push(fault),
    })
    count(allowed(), request())
    expect(faults).toEqual([new Error('no chance')])
  })
})
