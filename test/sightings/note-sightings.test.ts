import { beforeEach, describe, expect, it } from 'vitest'
import { makeSightings } from '../../lib/sightings/note-sightings.ts'
import type { SightingsPart } from '../../lib/sightings/sightings-part.ts'
import { workBehind } from '../behind.ts'
import { shop, subject } from '../decision/sample-subject.ts'

const start = Date.parse('2026-11-21T09:00:00Z')
const hour = 3600
let clock: number
let parts: SightingsPart[]
let reads: number
let writes: number
let slow: { readonly promise: Promise<void>; readonly resolve: () => void } | null
let isDown: boolean
beforeEach(() => {
  clock = start
  parts = []
  reads = 0
  writes = 0
  slow = null
  isDown = false
})

/** One container over one item in memory. */
const container = () => {
  const work = workBehind()
  const note = makeSightings({
    read: async () => {
      reads += 1
      await slow?.promise
      if (isDown) throw new Error('throttled')
      return parts
    },
    write: async (_, part) => {
      writes += 1
      parts = [part]
      return true
    },
    behind: work.behind,
    now: () => clock,
    onFault: () => undefined,
  })
  const from = (address: number) =>
    note(
      subject(),
      {
        ...{ address: `203.0.113.${address}`, method: 'GET', path: '/orders/17', aid: null },
        target: { kind: 'protected', api: shop },
      },
      true,
    )
  const call = async (address: number, afterSeconds = 0) => {
    clock += afterSeconds * 1000
    from(address)
    await work.settled()
  }
  return { from, call, settled: work.settled }
}

describe('a container that sees a credential', () => {
  it('writes something new at once three times after its first write, then every five minutes, and so after an hour', async () => {
    const { call } = container()
    for (const address of [1, 2, 3, 4, 5]) await call(address)
    expect(writes).toBe(4)
    await call(6, 299)
    expect(writes).toBe(4)
    await call(7, 1)
    expect(writes).toBe(5)
    await call(8, hour)
    for (const address of [9, 10, 11, 12]) await call(address)
    expect(writes).toBe(9)
  })

  it('looks at the table once an hour for what it knows', async () => {
    const { call } = container()
    await call(1)
    for (let minutes = 0; minutes < 59; minutes += 1) await call(1, 60)
    expect([reads, writes]).toEqual([1, 1])
    await call(1, 60)
    expect([reads, writes]).toEqual([2, 2])
  })

  it('does one thing at a time, and what came meanwhile afterwards', async () => {
    const { from, settled } = container()
    slow = Promise.withResolvers<void>()
    for (const address of [1, 2, 3]) from(address)
    expect(reads).toBe(1)
    slow.resolve()
    await settled()
    expect([reads, writes]).toEqual([2, 2])
    const [part] = parts
    expect(part?.seen.filter(({ kind }) => kind === 'address').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['203.0.113.1', '203.0.113.2', '203.0.113.3']),
    )
  })

  it('counts the hour of an item from the beginning of its write', async () => {
    const { from, call, settled } = container()
    slow = Promise.withResolvers<void>()
    from(1)
    clock += 10_000
    slow.resolve()
    await settled()
    expect(parts).toMatchObject([{ writtenAt: start / 1000 }])
    await call(1, hour - 10)
    expect(writes).toBe(2)
  })

  it('does not ask a table again at once that has failed', async () => {
    const { call } = container()
    isDown = true
    await call(1)
    expect(reads).toBe(1)
  })

  it('asks nothing until the next hour when all containers together made the writes of this one', async () => {
    const { call } = container()
    await call(1, hour / 2)
    parts = parts.map((part) => ({ ...part, writes: 12 }))
    await call(2)
    expect([reads, writes]).toEqual([2, 1])
    for (let minutes = 0; minutes < 29; minutes += 1) await call(3, 60)
    expect(reads).toBe(2)
    await call(4, 60)
    expect([reads, writes]).toEqual([3, 2])
  })
})
