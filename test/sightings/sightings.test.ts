import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { DecisionRequest } from '../../lib/decision/decision-request.ts'
import { noReach } from '../../lib/identity/account-group-reach.ts'
import { mostWritesPerHour } from '../../lib/sightings/merge-sightings.ts'
import { makeSightings } from '../../lib/sightings/note-sightings.ts'
import type { Seen } from '../../lib/sightings/seen.ts'
import { sightingsKept } from '../../lib/sightings/seen.ts'
import { showSightings, sightingsOf } from '../../lib/sightings/show-sightings.ts'
import { endpointSeen } from '../../lib/sightings/sighting.ts'
import { readSightings, readSightingsParts, writeSightingsPart } from '../../lib/sightings/sightings-store.ts'
import { workBehind } from '../behind.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { atShop as grantsAtShop, pattern, shop, subject } from '../decision/sample-subject.ts'
import { admittedSnapshotIn, organizationWith } from '../functions/stored-scene.ts'
import { meteredTable } from '../metered-table.ts'

const atShop = { kind: 'protected', api: shop } as const
const request = (change: Partial<DecisionRequest> = {}): DecisionRequest => ({
  address: '203.0.113.7',
  method: 'GET',
  path: '/orders/17',
  aid: null,
  target: atShop,
  ...change,
})
const caller = subject()

describe('the endpoint of a request', () => {
  it.each([
    ['/orders/17', 'GET /orders/{id}', 'as the section lists it'],
    ['/parts/17/4f1c2b3a-0d5e-4f6a-8b7c-9d0e1f2a3b4c/x', 'GET /parts/{id}/{id}/x', 'with its ids taken out'],
    ['/free/a/b', 'GET /free/*', 'as it was granted'],
  ])('of %s is %s: %s', (path, expected) => {
    const granted = subject({ membership: { own: grantsAtShop({ endpoints: [pattern('GET /free/*')] }) } })
    expect(endpointSeen(granted, null, { method: 'GET', path, target: atShop })).toBe(expected)
  })

  it('is one of its own API: what another one lists or grants does not name it', () => {
    const granted = subject({ membership: { own: grantsAtShop({ endpoints: [pattern('GET /free/*')] }) } })
    const ledger = { ...shop, apiId: 'api_000000000002' as const, name: 'ledger', sections: [] }
    const at = (path: string) =>
      endpointSeen(granted, null, { method: 'GET', path, target: { kind: 'protected', api: ledger } })
    expect(at('/orders/17')).toBe('GET /orders/{id}')
    expect(at('/orders/named')).toBe('GET /orders/named')
    expect(at('/free/a/b')).toBe('GET /free/a/b')
  })

  it('is none where the path has two readings', () => {
    const path = '/orders/%2e%2e/x'
    expect(endpointSeen(caller, null, { method: 'GET', path, target: atShop })).toBeUndefined()
  })
})

const hour = 3600
const clock = { now: 1_795_251_600_000 }
let metered: Awaited<ReturnType<typeof meteredTable>>
beforeAll(async () => {
  metered = await meteredTable()
})

/** A container over the common table and clock. */
const container = () => {
  const { table } = metered
  const faults: unknown[] = []
  const work = workBehind()
  const counts = { reads: 0 }
  const note = makeSightings({
    read: (about) => {
      counts.reads += 1
      return readSightingsParts(table, about)
    },
    write: (about, part) => writeSightingsPart(table, about, part),
    behind: work.behind,
    now: () => clock.now,
    onFault: (fault) => faults.push(fault),
  })
  return { note, faults, counts, settled: work.settled }
}

/** Callers of their own for each test. */
let callers = 0
const newCaller = () => {
  callers += 1
  return subject({ userId: `usr_${callers}` })
}
const shown = (of: ReturnType<typeof subject>) =>
  sightingsOf((...whose) => readSightings(metered.table, ...whose), 'org_1', of.userId)

/** Write units of a day in which one container asks every so many seconds, in the first and in each later hour. */
const unitsOfDay = async (
  everySeconds: number,
  requestAt: (index: number) => Partial<DecisionRequest>,
  hours = 24,
) => {
  const whose = newCaller()
  const { note, settled, faults } = container()
  const units: number[] = []
  let index = 0
  for (let at = 0; at < hours; at += 1) {
    const before = metered.used.writeUnits
    for (let seconds = 0; seconds < hour; seconds += everySeconds) {
      note(whose, request(requestAt(index)), true)
      await settled()
      clock.now += everySeconds * 1000
      index += 1
    }
    units.push(metered.used.writeUnits - before)
  }
  expect(faults).toEqual([])
  return { units, seen: await shown(whose), asked: index }
}

describe('the write units of sightings, as DynamoDB reports them', () => {
  it('are one an hour for one address', async () => {
    const { units, seen } = await unitsOfDay(120, () => ({}))
    expect(units).toEqual(Array.from({ length: 24 }, () => 1))
    expect(seen.addresses).toMatchObject([{ address: '203.0.113.7' }])
    expect(seen.addresses[0]?.count).toBeGreaterThan(23 * 30 - 1)
  })

  it('are no more than one an hour for each of three addresses', async () => {
    const { units, seen } = await unitsOfDay(120, (index) => ({ address: `203.0.113.${index % 3}` }))
    expect(units.slice(1)).toEqual(Array.from({ length: 23 }, () => 1))
    expect(units[0]).toBeLessThanOrEqual(3)
    expect(seen.addresses).toHaveLength(3)
  })

  it('are limited when a thousand addresses come in an hour, and the latest stay', async () => {
    const addressAt = (index: number) => `198.51.${index >> 8}.${index & 255}`
    const { units, seen, asked } = await unitsOfDay(4, (index) => ({ address: addressAt(index) }), 2)
    for (const ofHour of units) expect(ofHour).toBeLessThanOrEqual(mostWritesPerHour)
    expect(seen.addresses).toHaveLength(sightingsKept)
    const recent = new Set(Array.from({ length: 400 }, (_, back) => addressAt(asked - 1 - back)))
    for (const { address } of seen.addresses) expect(recent).toContain(address)
  })

  it('are limited for fifty endpoints, which all become known in the first hour, and one an hour from then on', async () => {
    const words = (index: number) => `${'abcdefghij'[index % 10]}${'klmno'[Math.floor(index / 10) % 5]}`
    const { units, seen } = await unitsOfDay(20, (index) => ({ path: `/parts/${words(index)}` }), 3)
    expect(units[0]).toBeLessThanOrEqual(mostWritesPerHour)
    expect(units.slice(1)).toEqual([1, 1])
    expect(seen.endpoints).toHaveLength(50)
  })

  it('are shared by all containers: twenty of them write no more in an hour than one', async () => {
    const whose = newCaller()
    const containers = Array.from({ length: 20 }, container)
    const unitsIn = async (requestOf: (index: number) => DecisionRequest) => {
      const before = metered.used.writeUnits
      for (let minute = 0; minute < 60; minute += 1) {
        for (const [index, { note, settled }] of containers.entries()) {
          note(whose, requestOf(minute * 20 + index), true)
          await settled()
        }
        clock.now += 60_000
      }
      return metered.used.writeUnits - before
    }
    expect(await unitsIn(() => request())).toBe(1)
    expect(await unitsIn(() => request())).toBe(1)
    const readsBefore = containers.map(({ counts }) => counts.reads)
    for (const hours of [0, 1]) {
      const others = (index: number) =>
        request({ address: `198.51.${hours * 8 + (index >> 8)}.${index & 255}` })
      const units = await unitsIn(others)
      expect(units).toBeLessThanOrEqual(mostWritesPerHour)
      expect(units).toBeGreaterThan(mostWritesPerHour / 2)
    }
    // Whoever finds the writes of the hour spent does not look again in it.
    for (const [index, { counts }] of containers.entries())
      expect(counts.reads - (readsBefore[index] ?? 0)).toBeLessThanOrEqual(2 * 3)
  })
})

describe('noting sightings', () => {
  it('loses no call: what several containers noted is stored once they have all written', async () => {
    const whose = newCaller()
    const containers = [container(), container(), container()]
    let noted = 0
    for (let round = 0; round < 200; round += 1) {
      const one = containers[round % 3]
      one?.note(whose, request({ address: `203.0.113.${round % 5}` }), round % 4 !== 0)
      noted += 1
      // All three read before one of them writes.
      if (round % 3 === 2) await Promise.all(containers.map(({ settled }) => settled()))
      clock.now += 40_000
    }
    await Promise.all(containers.map(({ settled }) => settled()))
    for (const { note, settled } of containers) {
      clock.now += hour * 1000
      note(whose, request({ address: '203.0.113.0' }), true)
      await settled()
      noted += 1
    }
    const { addresses } = await shown(whose)
    const sumOf = (field: 'count' | 'refused') => addresses.reduce((sum, seen) => sum + seen[field], 0)
    expect(sumOf('count')).toBe(noted)
    expect(sumOf('refused')).toBe(50)
  })

  it('takes every spelling of an address for the same', async () => {
    const whose = newCaller()
    const { note, settled } = container()
    note(whose, request({ address: '::ffff:203.0.113.8' }), false)
    note(whose, request({ address: '203.0.113.8' }), false)
    await settled()
    clock.now += hour * 1000
    note(whose, request({ address: '203.0.113.8' }), false)
    await settled()
    expect((await shown(whose)).addresses).toMatchObject([{ address: '203.0.113.8', count: 3, refused: 3 }])
  })

  it('tells the APIs apart, Postern among them, and says nothing of what was refused', async () => {
    const whose = newCaller()
    const { note, settled } = container()
    const users = { section: 'postern-users', level: 'read', scope: 'account-group' } as const
    const audit = { section: 'postern-audit', level: 'write', scope: 'organization' } as const
    note(whose, request({ path: '/v1/audit' }), false)
    note(whose, request({ target: { kind: 'protected', api: null } }), false)
    note(whose, request({ target: { kind: 'self', endsSession: false } }), true)
    note(whose, request({ path: '/v1/users', aid: 7, target: { kind: 'management', ...users } }), true)
    note(whose, request({ path: '/v1/audit', aid: 7, target: { kind: 'management', ...audit } }), true)
    note(whose, request({ path: '/v1/users' }), true)
    await settled()
    clock.now += hour * 1000
    note(whose, request({ path: '/v1/users' }), true)
    await settled()
    const { endpoints } = await shown(whose)
    const needs = (section: string, level = 'read') => ({ section, level })
    const places = endpoints.map(({ api, aid, needs: needed, endpoint }) => ({
      api,
      aid,
      needs: needed,
      endpoint,
    }))
    expect(new Set(places)).toEqual(
      new Set([
        { api: 'postern', aid: 7, needs: needs('postern-users'), endpoint: 'GET /v1/users' },
        { api: 'postern', aid: null, needs: needs('postern-audit', 'write'), endpoint: 'GET /v1/audit' },
        { api: shop.apiId, aid: null, needs: null, endpoint: 'GET /v1/users' },
      ]),
    )
  })

  it('survives a fault of storage, and writes later what could not be written', async () => {
    const whose = newCaller()
    const broken = { is: true }
    const { table } = metered
    const faults: unknown[] = []
    const work = workBehind()
    const note = makeSightings({
      read: (about) =>
        broken.is ? Promise.reject(new Error('throttled')) : readSightingsParts(table, about),
      write: (about, part) => writeSightingsPart(table, about, part),
      behind: work.behind,
      now: () => clock.now,
      onFault: (fault) => faults.push(fault),
    })
    note(whose, request(), true)
    await work.settled()
    expect(faults).toHaveLength(1)
    broken.is = false
    clock.now += hour * 1000
    note(whose, request(), true)
    await work.settled()
    expect((await shown(whose)).addresses).toMatchObject([{ count: 2 }])
  })
})

describe('kept sightings', () => {
  it('are shown with their first and last time, the latest first', async () => {
    const seen = (name: string, firstSeconds: number, lastSeconds: number): Seen => ({
      ...{ kind: 'address', name, count: 2, refused: 1 },
      ...{ firstSeconds, lastSeconds },
    })
    const stored = [{ credential: 'key_1', seen: [seen('192.0.2.1', 0, 60)] }]
    const later = { credential: 'key_2', seen: [seen('192.0.2.2', 30, 120)] }
    const { addresses } = await sightingsOf(async () => [...stored, later], 'org_1', 'usr_1')
    const at = (second: number) => new Date(second * 1000).toISOString()
    expect(addresses).toEqual([
      {
        ...{ credential: 'key_2', address: '192.0.2.2', count: 2, refused: 1 },
        ...{ firstSeenAt: at(30), lastSeenAt: at(120) },
      },
      {
        ...{ credential: 'key_1', address: '192.0.2.1', count: 2, refused: 1 },
        ...{ firstSeenAt: at(0), lastSeenAt: at(60) },
      },
    ])
  })

  it('are shown of users that the caller may see, and of nobody else', async () => {
    const asking = { subject: subject(), snapshot: admittedSnapshotIn(organizationWith({})) }
    const readSightingsOf = vi.fn(async () => [])
    const dependencies = { readMember: async () => undefined, readSightings: readSightingsOf }
    const shownTo = showSightings(dependencies, { ...asking, aid: null, reach: noReach }, 'usr_other')
    expect(await refusalCode(shownTo)).toBe('not_found')
    expect(readSightingsOf).not.toHaveBeenCalled()
  })

  it('of one organization are not shown to another', async () => {
    const whose = newCaller()
    const { note, settled } = container()
    note(whose, request(), true)
    await settled()
    expect(await readSightings(metered.table, 'org_1', whose.userId)).toHaveLength(1)
    expect(await readSightings(metered.table, 'org_2', whose.userId)).toEqual([])
  })
})
