import { describe, expect, it } from 'vitest'
import { simulateLeases } from './leases.ts'
import { decisionLoad, firstLimit, operationLoad, partUsed } from './load.ts'
import { quotas } from './quotas.ts'
import type { Cost, DecisionCosts } from './recorded-operations.ts'
import { usageCost } from './usage-writes.ts'
import { coldWave, minutesUntilServed } from './waves.ts'

const read = (partition: string, scope: Cost['scope'], readUnits: number, spread = 1): Cost => ({
  of: 'table',
  partition,
  scope,
  spread,
  readUnits,
  writeUnits: 0,
})
const costs = (callerLoad: readonly Cost[]): DecisionCosts => ({
  request: [],
  callerLoad,
  callerFirst: [],
  organizationLoad: [],
  containerStart: [],
})
/** Without the counts of usage, which have partitions of their own. */
const usage = (): Cost => read('USAGE#*', 'organization', 0)
const many = { users: 1_000_000_000, organizations: 1 }
const firstOf = (of: DecisionCosts, shape: { readonly users: number; readonly organizations: number }) =>
  firstLimit(
    (perSecond) => decisionLoad(of, { ...shape, perSecond }, { usage }),
    1_000_000,
    ({ isAdjustable }) => !isAdjustable,
  )

describe('the load of decisions', () => {
  it('meets the limit of one partition key that all callers share', () => {
    expect(firstOf(costs([read('ORG#*', 'organization', 2)]), many)).toMatchObject({
      perSecond: 1500,
      use: { limit: 'reads of ORG#*', allowed: quotas.partition.readUnits },
    })
  })

  it('grows with the number of keys, and of organizations', () => {
    const spread = firstOf(costs([read('ORG#*', 'organization', 2, 4)]), many)
    expect(spread?.perSecond).toBe(6000)
    const organizations = firstOf(costs([read('ORG#*', 'organization', 2)]), { ...many, organizations: 10 })
    expect(organizations?.perSecond).toBe(15_000)
  })

  it('has no hard limit where each caller has keys of its own', () => {
    expect(firstOf(costs([read('USER#*', 'caller', 3)]), many)).toBeNull()
  })

  it('reads a caller once per container and cache time', () => {
    const shape = { perSecond: 10, users: 1, organizations: 1 }
    const { cached, readUnits } = decisionLoad(costs([read('USER#*', 'caller', 3)]), shape, {
      cacheSeconds: 5,
      usage,
    })
    // One container, a read every five seconds.
    expect(readUnits).toBeCloseTo(3 / 5, 1)
    expect(cached).toBeCloseTo(1 - 1 / 50, 2)
  })

  it('counts requests against Lambda and API Gateway alike', () => {
    const { environments, uses } = decisionLoad(
      costs([]),
      { perSecond: 20_000, users: 10, organizations: 1 },
      { usage },
    )
    expect(environments).toBe(2000)
    expect(uses.map(partUsed)).toEqual([2, 2])
  })
})

describe('the load of logins', () => {
  const recorded = {
    ...{ decision: costs([]), token: [], newUser: [], changedNames: [], resetRequest: [] },
    login: [read('ORG#*', 'organization', 2)],
    signatures: { login: 1, token: 0 },
  }
  const exceeded = (organizations: number) =>
    operationLoad(recorded, 'login', { perSecond: 5000, users: 1_000_000, organizations })
      .uses.filter((use) => partUsed(use) > 1)
      .map(({ limit, used, allowed }) => [limit, used / allowed])

  it('meets the allowance of its organization, then the signatures, then the partition of its settings', () => {
    expect(exceeded(1)).toEqual([
      ['session tokens of an organization', 10],
      ['RSA signatures of KMS', 5],
      ['reads of ORG#*', 10_000 / 3000],
    ])
  })

  it('meets only the signatures when it is spread over organizations', () => {
    expect(exceeded(100)).toEqual([['RSA signatures of KMS', 5]])
  })
})

it('writes usage often where each container meets many organizations', () => {
  const cost = (organizations: number) =>
    usageCost({ perSecond: 1000, users: 100_000, organizations }, 100).writeUnits
  expect(cost(1)).toBeLessThan(0.1)
  expect(cost(10_000)).toBeGreaterThan(0.5)
})

it('starts 1,000 environments at once and 100 a second from then on', () => {
  expect(coldWave(10_000)).toMatchObject({ seconds: 0, refused: 0 })
  expect(coldWave(20_000)).toMatchObject({ seconds: 10, refused: 55_000 })
})

it('doubles a new table every half hour', () => {
  expect(minutesUntilServed(4000, 'writeUnits')).toBe(0)
  expect(minutesUntilServed(4001, 'writeUnits')).toBe(30)
  expect(minutesUntilServed(50_000, 'readUnits')).toBe(90)
})

it('passes what the limit allows, with the rate limiter itself', async () => {
  const run = await simulateLeases(
    { containers: 3, perSecond: 100, limitPerMinute: 600 },
    { fromSecond: 0, toSecond: 0 },
  )
  expect(run).toMatchObject({ refusedWrites: 0, passedOfAllowed: 1 })
})
