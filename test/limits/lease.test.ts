import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Lease } from '../../lib/limits/lease.ts'
import {
  batchSize,
  emptyLease,
  isUsedUp,
  leaseAfter,
  localLease,
  returnToken,
  runsLow,
  tokensLeft,
  useToken,
} from '../../lib/limits/lease.ts'

type World = { readonly leases: readonly Lease[]; readonly counted: number; readonly writes: number }

/** One request at one of several containers: the container's next lease, and whether the request passes. */
const request = (world: World, container: number, limit: number): World & { passed: boolean } => {
  let lease = world.leases[container] ?? emptyLease
  let { counted, writes } = world
  if (tokensLeft(lease) === 0 && !isUsedUp(lease, limit)) {
    const asked = batchSize(lease, limit)
    counted += asked
    writes += 1
    lease = leaseAfter(lease, asked, counted, limit)
  }
  const passed = tokensLeft(lease) > 0
  const leases = world.leases.with(container, passed ? useToken(lease) : lease)
  return { leases, counted, writes, passed }
}

const worldOf = (containers: number): World => ({
  leases: Array.from({ length: containers }, () => emptyLease),
  counted: 0,
  writes: 0,
})

const play = (order: readonly number[], containers: number, limit: number) => {
  let world = worldOf(containers)
  let passed = 0
  let held: number | null = null
  for (const container of order) {
    const next = request(world, container % containers, limit)
    if (next.passed) passed += 1
    else held ??= next.leases.reduce((sum, lease) => sum + tokensLeft(lease), 0)
    world = next
  }
  return { ...world, passed, held }
}

const limits = fc.integer({ min: 1, max: 2000 })
const crowds = fc.integer({ min: 1, max: 60 })
const orders = fc.array(fc.nat(), { maxLength: 3000, size: 'max' })

describe('leases of several containers', () => {
  it('never let more requests pass than the limit, in whichever order they come', () => {
    fc.assert(
      fc.property(orders, crowds, limits, (order, containers, limit) => {
        expect(play(order, containers, limit).passed).toBeLessThanOrEqual(limit)
      }),
    )
  })

  it('let more than half of the limit pass before anybody is refused, and less unused than a batch for each container', () => {
    fc.assert(
      fc.property(orders, crowds, limits, (order, containers, limit) => {
        const { held, passed } = play(order, containers, limit)
        if (held === null) return
        expect(passed).toBeGreaterThan(limit / 2)
        expect(held).toBeLessThanOrEqual(containers * Math.max(0, Math.floor(limit / 20) - 1))
      }),
    )
  })

  it('are as large as what a container has used and leased early, less what it still has', () => {
    const limit = 6000
    const ofUse = { ...emptyLease, granted: 40, used: 38 }
    expect(batchSize(ofUse, limit)).toBe(36)
    expect(batchSize({ ...ofUse, early: 40 }, limit)).toBe(76)
    expect(batchSize({ ...ofUse, early: 400 }, limit)).toBe(limit / 20)
    expect(batchSize({ ...ofUse, early: 400, counted: 5600 }, limit)).toBe(100)
  })

  it('are taken again when half of the next batch is left, and not before', () => {
    const left = (tokens: number) => ({ ...emptyLease, granted: 30 + tokens, used: 30 })
    const limit = 6000
    const low = Array.from({ length: 30 }, (_, tokens) => tokens).filter((tokens) =>
      runsLow(left(tokens), limit),
    )
    // 10 are half of the 20 that a container with 10 left asks for.
    expect(low).toEqual(Array.from({ length: 11 }, (_, tokens) => tokens))
  })

  it('let every request of the limit pass when one container serves them all', () => {
    fc.assert(
      fc.property(limits, (limit) => {
        const all = Array.from({ length: limit + 5 }, () => 0)
        expect(play(all, 1, limit).passed).toBe(limit)
      }),
    )
  })

  it.each([
    [1, 240, 34],
    [5, 240, 60],
    [1, 6000, 50],
    [20, 6000, 200],
  ])('of %i containers share a limit of %i in at most %i writes', (containers, limit, most) => {
    const evenly = Array.from({ length: limit }, (_, index) => index)
    const { writes } = play(evenly, containers, limit)
    expect(writes).toBeLessThanOrEqual(most)
  })

  it('make a container with one request hold nothing back from the others', () => {
    const { held, passed } = play(
      Array.from({ length: 300 }, (_, index) => index),
      300,
      240,
    )
    expect([passed, held]).toEqual([240, 0])
  })
})

const anyLease = fc
  .record({ granted: fc.nat(5000), used: fc.nat(5000), counted: fc.nat(5000) })
  .map(({ granted, used, counted }) => ({
    granted,
    early: 0,
    used: Math.min(used, granted),
    counted: Math.max(counted, granted),
  }))

describe('one lease', () => {
  it('asks for one token at least; for a twentieth of the limit, a quarter of the rest and what it has used at most', () => {
    fc.assert(
      fc.property(anyLease, limits, (lease, limit) => {
        const size = batchSize(lease, limit)
        expect(size).toBeGreaterThanOrEqual(1)
        expect(size).toBeLessThanOrEqual(Math.max(1, limit / 20))
        expect(size).toBeLessThanOrEqual(Math.max(1, (limit - lease.counted) / 4))
        expect(size).toBeLessThanOrEqual(Math.max(1, 2 * lease.used - lease.granted))
      }),
    )
  })

  it('is granted no more than it asked for, and nothing beyond the limit', () => {
    fc.assert(
      fc.property(
        anyLease,
        fc.integer({ min: 1, max: 100 }),
        fc.nat(3000),
        limits,
        (lease, asked, ofOthers, limit) => {
          const before = lease.granted + ofOthers
          const granted = leaseAfter(lease, asked, before + asked, limit).granted - lease.granted
          expect(granted).toBe(Math.max(0, Math.min(asked, limit - before)))
        },
      ),
    )
  })

  it('takes a token back as if it had never been used', () => {
    fc.assert(
      fc.property(anyLease, (lease) => {
        expect(returnToken(useToken(lease))).toEqual(lease)
      }),
    )
  })

  it('is used up as soon as the limit falls to what was counted, and not any more when it is raised', () => {
    const lease = { granted: 12, used: 12, early: 0, counted: 100 }
    expect([99, 100, 101].map((limit) => isUsedUp(lease, limit))).toEqual([true, true, false])
  })

  it('without the counter lets at most the limit pass in its own container', () => {
    fc.assert(
      fc.property(fc.nat(100), limits, (used, limit) => {
        const before = {
          granted: Math.min(used, limit),
          used: Math.min(used, limit),
          counted: used,
          early: 0,
        }
        const lease = localLease(before, limit)
        expect(lease.used + tokensLeft(lease)).toBe(limit)
      }),
    )
  })
})
