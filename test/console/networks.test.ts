import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Box } from '../../console/screens/sources/layout.ts'
import { stripsIn } from '../../console/screens/sources/layout.ts'
import type { Source } from '../../console/screens/sources/networks.ts'
import { groupOf, networksOf, pictureOf } from '../../console/screens/sources/networks.ts'

const source = (given: Partial<Source>): Source => ({
  ...{ userId: 'usr_1', username: 'partner', address: '203.0.113.7', network: '203.0.113.0/24', cloud: null },
  ...{ whitelisted: true, count: 1, refused: 0 },
  ...{ firstSeenAt: '2026-11-01T09:00:00.000Z', lastSeenAt: '2026-11-02T09:00:00.000Z' },
  ...given,
})

const areaOf = ({ width, height }: Box): number => width * height
const overlap = (one: Box, other: Box): number =>
  Math.max(0, Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x)) *
  Math.max(0, Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y))

const weights = fc.array(fc.double({ min: 0.5, max: 40, noNaN: true }), { minLength: 1, maxLength: 40 })
const area = fc.record({
  x: fc.integer({ min: 0, max: 500 }),
  y: fc.integer({ min: 0, max: 500 }),
  width: fc.integer({ min: 40, max: 2000 }),
  height: fc.integer({ min: 40, max: 600 }),
})

describe('the boxes of a treemap', () => {
  it('fill the area, each in proportion to its weight, beside each other, in order', () => {
    fc.assert(
      fc.property(weights, area, (given, whole) => {
        const boxes = stripsIn(given, whole)
        const total = given.reduce((sum, weight) => sum + weight, 0)
        expect(boxes).toHaveLength(given.length)
        for (const [index, box] of boxes.entries()) {
          expect(areaOf(box) / areaOf(whole)).toBeCloseTo((given[index] ?? 0) / total, 6)
          expect(overlap(box, whole)).toBeCloseTo(areaOf(box), 3)
          for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBeLessThan(0.001)
        }
        const isBefore = (one: Box, other: Box) => other.y > one.y + 0.001 || other.x > one.x
        for (const [index, box] of boxes.slice(1).entries())
          expect(isBefore(boxes[index] as Box, box)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('of equal weights are no slivers', () => {
    const boxes = stripsIn(Array<number>(40).fill(1), { x: 0, y: 0, width: 800, height: 320 })
    for (const { width, height } of boxes) expect(Math.max(width / height, height / width)).toBeLessThan(3)
  })

  it('leave no sliver at the end for little that is left', () => {
    const weights = [...Array<number>(12).fill(10), 1]
    const last = stripsIn(weights, { x: 0, y: 0, width: 800, height: 320 }).at(-1)
    expect(last?.height).toBeGreaterThan(50)
  })

  it('of nothing are none', () => {
    expect(stripsIn([], { x: 0, y: 0, width: 10, height: 10 })).toEqual([])
  })
})

describe('networks', () => {
  it('sum all users and addresses, and say who is let in', () => {
    const [one, ...others] = networksOf([
      source({ count: 3, refused: 1, lastSeenAt: '2026-11-05T00:00:00.000Z' }),
      source({ userId: 'usr_2', address: '203.0.113.9', count: 4, whitelisted: false }),
    ])
    expect(others).toEqual([])
    expect(one).toMatchObject({
      ...{ network: '203.0.113.0/24', count: 7, refused: 1, letIn: 'some' },
      lastSeenAt: '2026-11-05T00:00:00.000Z',
    })
    const letIn = (...whitelisted: Source['whitelisted'][]) =>
      networksOf(whitelisted.map((each) => source({ whitelisted: each })))[0]?.letIn
    expect([letIn(true, null), letIn(false, false), letIn(null)]).toEqual(['all', 'none', 'unknown'])
  })

  it('stand by cloud, then by address as a number, IPv4 before IPv6', () => {
    const names = [
      ...['2001:db8::/48', '::/48', '100.64.0.0/24', '9.9.9.0/24', '2001:db8:1::/48', '3.52.0.0/16'],
    ].map((network) => source({ network, ...(network.startsWith('3.') ? { cloud: 'AWS' as const } : {}) }))
    const sorted = networksOf(names)
    expect(sorted.map(({ network }) => network)).toEqual([
      ...['3.52.0.0/16', '9.9.9.0/24', '100.64.0.0/24', '::/48', '2001:db8::/48', '2001:db8:1::/48'],
    ])
    expect(sorted.map(groupOf)).toEqual(['AWS', 'IPv4', 'IPv4', 'IPv6', 'IPv6', 'IPv6'])
  })
})

describe('the map of networks', () => {
  it('draws each network in the box of its group, at any width, and tells how many it leaves out', () => {
    const networks = fc.array(
      fc.record({
        network: fc.ipV4().map((address) => `${address}/32`),
        cloud: fc.constantFrom(null, 'AWS' as const, 'GOOGLE' as const),
        count: fc.integer({ min: 1, max: 10_000_000 }),
      }),
      { maxLength: 150, size: 'max' },
    )
    fc.assert(
      fc.property(networks, fc.integer({ min: 200, max: 3000 }), (given, width) => {
        const all = networksOf(given.map((each) => source(each)))
        const { groups, cells, left } = pictureOf(all, width, 320)
        expect(cells.length + left).toBe(all.length)
        expect(new Set(cells.map(({ network }) => network.network)).size).toBe(cells.length)
        for (const { network, box } of cells) {
          const group = groups.find(({ key }) => key === groupOf(network))
          expect(overlap(box, group?.box ?? { x: 0, y: 0, width: 0, height: 0 })).toBeCloseTo(areaOf(box), 3)
        }
        const least = Math.min(...cells.map(({ network }) => network.count))
        const drawn = new Set(cells.map(({ network }) => network))
        for (const network of all) if (!drawn.has(network)) expect(network.count).toBeLessThanOrEqual(least)
      }),
      { numRuns: 40 },
    )
  })
})
