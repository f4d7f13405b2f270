import { beforeAll, describe, expect, it } from 'vitest'
import type { DecisionRequest } from '../../lib/decision/decision-request.ts'
import type { SightingsToSave } from '../../lib/sightings/note-sightings.ts'
import {
  earlyWrites,
  makeSightings,
  mostPerWrite,
  secondsBetweenWrites,
} from '../../lib/sightings/note-sightings.ts'
import { sightingsOf } from '../../lib/sightings/show-sightings.ts'
import { endpointSeen } from '../../lib/sightings/sighting.ts'
import { readSightings, saveSightings, sightingsKept } from '../../lib/sightings/sightings-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { atShop as grantsAtShop, pattern, shop, subject } from '../decision/sample-subject.ts'
import { freshTable } from '../fresh-table.ts'

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

/** One container, with a clock that stands still. */
const container = (save: (sightings: SightingsToSave) => Promise<void>) => {
  const clock = { now: 1_795_251_600_000 }
  const faults: unknown[] = []
  const note = makeSightings({
    save,
    now: () => clock.now,
    wait: () => new Promise(() => undefined),
    onFault: (f) => faults.push(f),
  })
  return { note, clock, faults }
}

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

describe('noting sightings', () => {
  it('writes with the first one of a credential and then once for five minutes, whatever comes meanwhile', async () => {
    const saved: SightingsToSave[] = []
    const { note, clock } = container((sightings) => {
      saved.push(sightings)
      return Promise.resolve()
    })
    await note(caller, request(), true)
    for (let count = 0; count < 20; count += 1)
      await note(caller, request({ path: `/orders/${count}` }), true)
    await note(caller, request({ path: '/orders/18' }), true)
    expect(saved).toHaveLength(1)
    clock.now += secondsBetweenWrites * 1000
    await note(caller, request(), true)
    expect(saved).toHaveLength(2)
    expect(saved[1]?.endpoints).toEqual(
      new Map([[`${shop.apiId} - - GET /orders/{id}`, expect.objectContaining({ count: 22, refused: 0 })]]),
    )
  })

  it('writes a new address at once, in whatever spelling, but so many only', async () => {
    const saved: SightingsToSave[] = []
    const { note } = container((sightings) => {
      saved.push(sightings)
      return Promise.resolve()
    })
    await note(caller, request(), true)
    await note(caller, request({ address: '::ffff:203.0.113.8' }), false)
    await note(caller, request({ address: '203.0.113.8' }), false)
    expect(saved.map(({ addresses }) => [...addresses.keys()])).toEqual([['203.0.113.7'], ['203.0.113.8']])
    for (let index = 0; index < 100; index += 1)
      await note(caller, request({ address: `198.51.100.${index}` }), false)
    expect(saved).toHaveLength(1 + earlyWrites)
  })

  it('tells the APIs apart, Postern among them, and says nothing of what was refused', async () => {
    const saved: SightingsToSave[] = []
    const { note } = container((sightings) => {
      saved.push(sightings)
      return Promise.resolve()
    })
    const users = { section: 'postern-users', level: 'read', scope: 'account-group' } as const
    const audit = { section: 'postern-audit', level: 'read', scope: 'organization' } as const
    await note(caller, request({ path: '/v1/users', aid: 7, target: { kind: 'management', ...users } }), true)
    await note(caller, request({ path: '/v1/audit', aid: 7, target: { kind: 'management', ...audit } }), true)
    await note(caller, request({ path: '/v1/users' }), true)
    await note(caller, request({ path: '/v1/audit' }), false)
    await note(caller, request({ target: { kind: 'protected', api: null } }), false)
    await note(caller, request({ target: { kind: 'self', endsSession: false } }), true)
    expect(saved.flatMap(({ endpoints }) => [...endpoints.keys()])).toEqual([
      'postern 7 postern-users:read GET /v1/users',
      'postern - postern-audit:read GET /v1/audit',
      `${shop.apiId} - - GET /v1/users`,
    ])
  })

  it('neither fails nor waits long when storage does', async () => {
    const failing = container(() => Promise.reject(new Error('throttled')))
    await failing.note(caller, request(), true)
    expect(failing.faults).toHaveLength(1)
    const hanging = makeSightings({
      save: () => new Promise(() => undefined),
      now: () => 0,
      wait: () => Promise.resolve(),
      onFault: () => undefined,
    })
    await hanging(caller, request(), true)
  })
})

describe('kept sightings', () => {
  let table: Table
  beforeAll(async () => {
    table = await freshTable()
  })

  it('add up over containers, without one reading what another wrote', async () => {
    const first = container((sightings) => saveSightings(table, sightings))
    const second = container((sightings) => saveSightings(table, sightings))
    second.clock.now += 60_000
    await Promise.all([first.note(caller, request(), true), second.note(caller, request(), false)])
    const kept = await sightingsOf((...of) => readSightings(table, ...of), 'org_1', caller.userId)
    expect(kept).toEqual({
      addresses: [
        {
          credential: 'key_1',
          address: '203.0.113.7',
          firstSeenAt: expect.any(String),
          lastSeenAt: expect.any(String),
          count: 2,
          refused: 1,
        },
      ],
      endpoints: [
        expect.objectContaining({ api: shop.apiId, endpoint: 'GET /orders/{id}', aid: null, count: 1 }),
      ],
    })
  })

  it('are bounded: of more addresses than are kept, those seen last stay', async () => {
    const other = subject({ userId: 'usr_many' })
    const { note, clock } = container((sightings) => saveSightings(table, sightings))
    for (let index = 0; index < sightingsKept + 2 * mostPerWrite; index += 1) {
      await note(other, request({ address: `198.51.100.${index}` }), true)
      clock.now += secondsBetweenWrites * 1000
    }
    const [kept] = await readSightings(table, 'org_1', 'usr_many')
    expect(kept?.addresses.size).toBe(sightingsKept)
    expect(kept?.addresses.has('198.51.100.0')).toBe(false)
    expect(kept?.addresses.has(`198.51.100.${sightingsKept + 2 * mostPerWrite - 1}`)).toBe(true)
  })

  it('of one organization are not shown to another', async () => {
    expect(await readSightings(table, 'org_2', caller.userId)).toEqual([])
  })
})
