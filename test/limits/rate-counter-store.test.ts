import { once } from 'node:events'
import { createServer } from 'node:http'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leaseEarly, leaseTokens, readCounters } from '../../lib/limits/rate-counter-store.ts'
import type { PrepareRateLimit, RateLimits } from '../../lib/limits/rate-limiter.ts'
import { allowanceClasses, makeRateLimiter } from '../../lib/limits/rate-limiter.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { freshTable } from '../fresh-table.ts'
import { putAnything } from '../table/put-anything.ts'
import { countersOn } from './stored-rate-counters.ts'

let table: Table
beforeAll(async () => {
  table = await freshTable()
})

const startSeconds = 1_795_251_600
/** Longer than any load on the machine lasts. */
const timeoutMilliseconds = 60_000
/** What was started behind requests. */
const running: Promise<void>[] = []
afterAll(() => Promise.all(running))

const fleet = (count: number, clock: { now: number }) => {
  const writes = { count: 0 }
  const counters = countersOn(table)
  const containers = Array.from({ length: count }, () =>
    makeRateLimiter({
      ...counters,
      leaseTokens: (counter, tokens) => {
        writes.count += 1
        return counters.leaseTokens(counter, tokens)
      },
      behind: (work) => running.push(work()),
      random: Math.random,
      now: () => clock.now,
      onFault: (fault) => {
        throw fault
      },
    }),
  )
  return { containers, writes }
}

const limitsOf = (organizationPerMinute: number, userPerMinute: number | null = null): RateLimits => ({
  organizationPerMinute,
  userPerMinute,
})

/** Whose requests of one kind count together when no user has a limit of its own. */
const ofNobody = { userId: null, allowanceClass: 'protected', shard: 0 } as const

/** Every container at once, each with its requests one after the other, as Lambda hands them to it. */
const storm = async (
  containers: readonly PrepareRateLimit[],
  each: number,
  organizationId: OrganizationId,
  limits: RateLimits,
): Promise<number> => {
  const passed = await Promise.all(
    containers.map(async (container) => {
      let here = 0
      for (let index = 0; index < each; index += 1) {
        const allowance = await container(
          { organizationId, userId: 'usr_1' as const },
          limits,
          'protected',
          'allowance',
        )
        if (allowance.take()) here += 1
      }
      return here
    }),
  )
  return passed.reduce((sum, here) => sum + here, 0)
}

describe('one counter for all containers', () => {
  it.each([
    [3, 200, 240],
    [10, 60, 240],
    [40, 20, 240],
    [8, 40, 7],
  ])(
    'lets %i containers with %i requests each pass at most %i, and at least three eighths of it',
    async (count, each, limit) => {
      const { containers, writes } = fleet(count, { now: startSeconds * 1000 })
      const organizationId = `org_${count}` as const
      const passed = await storm(containers, each, organizationId, limitsOf(limit))
      expect(passed).toBeLessThanOrEqual(limit)
      expect(passed).toBeGreaterThanOrEqual((limit * 3) / 8)
      const unused = limit - passed
      expect(unused).toBeLessThanOrEqual(count * Math.max(1, Math.floor(limit / 20) * 1.5))
      expect(writes.count).toBeLessThan(count * each * 0.5)
    },
  )

  it('lets every request of the limit pass when there is demand at each container', async () => {
    const { containers } = fleet(10, { now: startSeconds * 1000 })
    expect(await storm(containers, 240, 'org_demand', limitsOf(240))).toBe(240)
  })

  it('costs less than a tenth of a write per request below a large limit', async () => {
    const { containers, writes } = fleet(4, { now: startSeconds * 1000 })
    expect(await storm(containers, 300, 'org_large', limitsOf(6000))).toBe(1200)
    expect(writes.count).toBeLessThan(120)
  })

  it('begins anew with the window, for containers that agree on nothing but the clock', async () => {
    const clock = { now: startSeconds * 1000 + 59_999 }
    const { containers } = fleet(6, clock)
    expect(await storm(containers, 60, 'org_window', limitsOf(60))).toBe(60)
    clock.now += 1
    expect(await storm(containers, 60, 'org_window', limitsOf(60))).toBe(60)
  })

  it('holds a changed limit in the next window at the latest', async () => {
    const clock = { now: startSeconds * 1000 }
    const { containers } = fleet(6, clock)
    expect(await storm(containers, 20, 'org_change', limitsOf(240))).toBe(120)
    expect(await storm(containers, 60, 'org_change', limitsOf(30))).toBeLessThanOrEqual(6 * 18)
    clock.now += 60_000
    expect(await storm(containers, 60, 'org_change', limitsOf(30))).toBe(30)
  })

  it('counts a user with a limit of its own beside its organization', async () => {
    const { containers } = fleet(5, { now: startSeconds * 1000 })
    expect(await storm(containers, 60, 'org_user', limitsOf(240, 25))).toBe(25)
  })

  it('is one for each kind of requests and shard, of the organization and of a user', () => {
    const counters = allowanceClasses.flatMap((allowanceClass) =>
      [null, 'usr_1' as const].flatMap((userId) =>
        [0, 1].map((shard) =>
          keys.rateCounter({ organizationId: 'org_1' as const, userId, allowanceClass, shard }, startSeconds),
        ),
      ),
    )
    expect(new Set(counters.map(({ pk, sk }) => `${pk} ${sk}`)).size).toBe(12)
  })

  it('is an item that goes by itself, some time after its window', async () => {
    const window = { startSeconds, endSeconds: startSeconds + 60 }
    const leases = Array.from({ length: 40 }, () =>
      leaseTokens(
        table,
        { ...ofNobody, organizationId: 'org_item' as const, window },
        3,
        timeoutMilliseconds,
      ),
    )
    const seen = await Promise.all(leases)
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => 3 * (index + 1)))
    expect(
      await readItem(
        table,
        keys.rateCounter({ ...ofNobody, organizationId: 'org_item' as const }, startSeconds),
      ),
    ).toEqual({
      pk: 'RATE#org_item#protected',
      sk: String(startSeconds),
      kind: 'rate-counter',
      leased: 120,
      expiresAtSeconds: startSeconds + 660,
    })
  })

  it('gives early tokens up to a bound, and none beyond it', async () => {
    const window = { startSeconds, endSeconds: startSeconds + 60 }
    const counter = { ...ofNobody, organizationId: 'org_early' as const, window }
    const lease = (tokens: number) => leaseEarly(table, counter, tokens, 60, timeoutMilliseconds)
    expect([await lease(40), await lease(21), await lease(20), await lease(1)]).toEqual([40, null, 60, null])
    const others = [counter, { ...counter, shard: 3 }]
    expect(await readCounters(table, others, timeoutMilliseconds)).toEqual([60, 0])
  })

  it.each([1.5, '60'])('is not read as a number of tokens if it is %j', async (leased) => {
    const window = { startSeconds, endSeconds: startSeconds + 60 }
    const counter = { ...ofNobody, organizationId: 'org_damaged' as const, window }
    const damaged = putAnything('damaged', { ...keys.rateCounter(counter, startSeconds), leased })
    await writeTransaction(table, [damaged])
    await expect(readCounters(table, [counter], timeoutMilliseconds)).rejects.toThrow('not a whole number')
  })

  it('of several shards lets 40 containers use all of a limit, and nothing beyond it', async () => {
    const { containers } = fleet(40, { now: startSeconds * 1000 })
    // As many requests as the limit for each: a container whose requests end before it is refused keeps tokens that nobody uses.
    expect(await storm(containers, 4501, 'org_shards', limitsOf(4500))).toBe(4500)
    const shards = [0, 1, 2].map((shard) => ({
      ...{ ...ofNobody, shard, organizationId: 'org_shards' as const },
      window: { startSeconds, endSeconds: startSeconds + 60 },
    }))
    const counted = await readCounters(table, shards, timeoutMilliseconds)
    expect(counted.map((value, shard) => value >= (shard === 2 ? 500 : 2000))).toEqual([true, true, true])
  })

  it('fails when the answer does not come in time', async () => {
    const window = { startSeconds, endSeconds: startSeconds + 60 }
    const counter = { ...ofNobody, organizationId: 'org_late' as const, window }
    const silent = createServer(() => undefined)
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })
    const mute = { ...table, client: DynamoDBDocumentClient.from(client) }
    await expect(leaseTokens(mute, counter, 1, 50)).rejects.toThrow(/abort/i)
    silent.closeAllConnections()
    silent.close()
  })

  it('fails when the table does, for its caller to decide', async () => {
    const gone = { ...table, tableName: 'no-such-table' }
    const window = { startSeconds, endSeconds: startSeconds + 60 }
    await expect(
      leaseTokens(gone, { ...ofNobody, organizationId: 'org_1' as const, window }, 1, timeoutMilliseconds),
    ).rejects.toThrow()
  })
})
