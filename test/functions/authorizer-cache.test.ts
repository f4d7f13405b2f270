import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { mostKept } from '../../lib/admission/recent-callers.ts'
import { mostKept as mostEndpointsKept } from '../../lib/apis/find-endpoint.ts'
import type { SnapshotKeys } from '../../lib/identity/caller-snapshot.ts'
import {
  administrators,
  administratorWith,
  authorizer,
  beginsAnew,
  finding,
  guesses,
  made,
  reading,
  readingOf,
  token,
  world,
} from './authorizer-scene.ts'
import { actingSession, credentialOf, memberWith, readersOf } from './stored-scene.ts'

beginsAnew()

describe('what the authorizer keeps of callers', () => {
  it('is read once for so long, and anew after that', async () => {
    const ask = authorizer({ cacheSeconds: 5 })
    for (const after of [0, 4999, 0]) {
      world.clock += after
      expect(await ask(token)).toBe('allowed')
    }
    expect(world.snapshotsRead).toHaveLength(1)
    world.clock += 1
    expect(await ask(token)).toBe('allowed')
    expect(world.snapshotsRead).toHaveLength(2)
  })

  it('is not lengthened by use: a caller that never pauses is read anew as often', async () => {
    const ask = authorizer({ cacheSeconds: 5 })
    for (let second = 0; second < 50; second += 1) {
      await ask(token)
      world.clock += 1000
    }
    expect(world.snapshotsRead).toHaveLength(10)
  })

  it('is nothing at 0 seconds', async () => {
    const ask = authorizer({ cacheSeconds: 0 })
    for (let count = 0; count < 3; count += 1) expect(await ask(token)).toBe('allowed')
    expect([world.snapshotsRead.length, world.bindingsRead.length, world.apisRead.length]).toEqual([3, 3, 3])
  })

  it('counts from when the read began: what a slow read brings is as old as the read', async () => {
    const slow = async (wanted: SnapshotKeys) => {
      world.snapshotsRead.push(wanted)
      const snapshot = await reading(wanted)
      world.clock += 2000
      return snapshot
    }
    const ask = authorizer({ cacheSeconds: 5 }, { snapshots: readersOf(slow) })
    await ask(token)
    world.clock += 2999
    await ask(token)
    expect(world.snapshotsRead).toHaveLength(1)
    world.clock += 1
    await ask(token)
    expect(world.snapshotsRead).toHaveLength(2)
  })

  it('is held against the time of each request: a credential or a session that ends meanwhile has ended', async () => {
    const [member = administratorWith(1)] = administrators
    const ending = credentialOf(member, { expiresAt: new Date(world.clock + 2000).toISOString() })
    const expiresAt = world.clock + 2000
    const session = { ...actingSession(member, member), actor: null, expiresAt }
    const ask = authorizer(
      { cacheSeconds: 5 },
      {
        snapshots: readersOf(readingOf(administrators, [ending.credential])),
        verifySession: () => Promise.resolve({ ok: true, session }),
      },
    )
    for (const [presented, reason] of [
      [ending.token, 'credential_expired'],
      ['a.session.token', 'session_expired'],
    ] as const) {
      expect(await ask(presented)).toBe('allowed')
      world.clock = expiresAt - 1
      expect(await ask(presented)).toBe('allowed')
      world.clock = expiresAt
      expect(await ask(presented)).toBe(reason)
      world.clock = expiresAt - 2000
    }
  })

  it('is nobody who did not prove who they are: wrong secrets are read each time, and what is created next works', async () => {
    const [known, coming] = made
    const stored = [known?.credential].flatMap((credential) => credential ?? [])
    const ask = authorizer(
      {},
      {
        snapshots: readersOf((wanted) => {
          world.snapshotsRead.push(wanted)
          return readingOf(administrators, stored)(wanted)
        }),
      },
    )
    const wrong = guesses(40)
    expect(new Set(wrong).size).toBe(40)
    for (const guess of [...wrong, ...wrong]) expect(await ask(guess)).toBe('credential_unknown')
    expect(world.snapshotsRead).toHaveLength(80)
    expect(await ask(coming?.token ?? '')).toBe('credential_unknown')
    if (coming !== undefined) stored.push(coming.credential)
    expect(await ask(coming?.token ?? '')).toBe('allowed')
  })

  it('is bounded by its size: the caller that was read first makes room, and guesses push out nobody', async () => {
    const description = 'x'.repeat(mostKept.callers / 30)
    const crowd = Array.from({ length: 10 }, (_, index) =>
      memberWith(index + 1, { user: { description }, membership: { allAccountGroupRoles: [1] } }),
    )
    const credentials = crowd.map((member) => credentialOf(member))
    const read = readingOf(
      crowd,
      credentials.map(({ credential }) => credential),
    )
    const ask = authorizer(
      {},
      {
        snapshots: readersOf((wanted) => {
          world.snapshotsRead.push(wanted)
          return read(wanted)
        }),
      },
    )
    const callers = credentials.map(({ token: own }) => own)
    for (const caller of callers) expect(await ask(caller)).toBe('allowed')
    for (const guess of guesses(40)) await ask(guess)
    expect(world.snapshotsRead).toHaveLength(50)
    for (const caller of callers.slice(1)) await ask(caller)
    expect(world.snapshotsRead).toHaveLength(50)
    await ask(callers[0] ?? '')
    expect(world.snapshotsRead).toHaveLength(51)
  })

  it('has its last use noted once, at the time of the request, and by nobody who is refused', async () => {
    const [member = administratorWith(1)] = administrators
    const unused = credentialOf(member, { lastUsedAt: null })
    const uses: string[] = []
    const ask = authorizer(
      { cacheSeconds: 60 },
      {
        snapshots: readersOf(readingOf(administrators, [unused.credential])),
        noteUse: (_credential, at) => void uses.push(at),
      },
    )
    expect(await ask(unused.token, { gatewayId: '' })).toBe('api_unknown')
    expect(uses).toEqual([])
    world.clock += 7000
    const usedAt = new Date(world.clock).toISOString()
    expect(await ask(unused.token)).toBe('allowed')
    expect(uses).toEqual([usedAt])
    expect(await ask(unused.token)).toBe('allowed')
    expect(uses).toEqual([usedAt])
  })

  it('is not noted as used again within the hour, and neither is its user', async () => {
    const [member = administratorWith(1)] = administrators
    const ago = (milliseconds: number) => new Date(world.clock - milliseconds).toISOString()
    const countNoted = async (sinceCredential: number, sinceUser: number) => {
      let count = 0
      const { token: used, credential } = credentialOf(member, { lastUsedAt: ago(sinceCredential) })
      const members = administrators.map((each) => ({
        ...each,
        user: { ...each.user, lastUsedAt: ago(sinceUser) },
      }))
      const noteUse = () => {
        count += 1
      }
      const ask = authorizer({}, { snapshots: readersOf(readingOf(members, [credential])), noteUse })
      expect(await ask(used)).toBe('allowed')
      return count
    }
    const hour = 3_600_000
    expect(await countNoted(0, 0)).toBe(0)
    expect(await countNoted(hour - 1, hour - 1)).toBe(0)
    expect(await countNoted(hour, 0)).toBe(1)
    expect(await countNoted(0, hour)).toBe(1)
  })

  it('has each denial noted before it is answered, and nothing else', async () => {
    const denials: string[] = []
    const ask = authorizer(
      {},
      {
        onDenied: async ({ reason }) => {
          await nextTurn()
          denials.push(reason)
        },
      },
    )
    expect(await ask(token)).toBe('allowed')
    expect(denials).toEqual([])
    expect(await ask(token, { gatewayId: '' })).toBe('api_unknown')
    expect(denials).toEqual(['api_unknown'])
  })

  it('is who calls and never the answer: each method, path, gateway and address is decided on (I6)', async () => {
    const ask = authorizer()
    expect(await ask(token)).toBe('allowed')
    expect(await ask(token, { path: '/orders/%2e%2e/x' })).toBe('path_refused')
    expect(await ask(token, { gatewayId: '' })).toBe('api_unknown')
    expect(await ask(token)).toBe('allowed')
    expect(world.snapshotsRead).toHaveLength(1)
  })
})

describe('what the authorizer keeps of gateways and APIs', () => {
  it('is read once for so long, and a change of binding or API holds after that', async () => {
    const ask = authorizer({ cacheSeconds: 5 })
    expect(await ask(token)).toBe('allowed')
    world.bindings = []
    world.clock += 4999
    expect(await ask(token)).toBe('allowed')
    expect([world.bindingsRead.length, world.apisRead.length]).toEqual([1, 1])
    world.clock += 1
    expect(await ask(token)).toBe('api_unknown')
    world.bindings = undefined
    world.apis = []
    world.clock += 5000
    expect(await ask(token)).toBe('api_unknown')
    expect(world.bindingsRead).toHaveLength(3)
  })

  it('is not lengthened by use', async () => {
    const ask = authorizer({ cacheSeconds: 5 })
    for (let second = 0; second < 50; second += 1) {
      await ask(token)
      world.clock += 1000
    }
    expect([world.bindingsRead.length, world.apisRead.length]).toEqual([10, 10])
  })

  it('counts from when the read began', async () => {
    const slow = <K extends string, T>(read: (key: K) => Promise<T>) => {
      return async (key: K): Promise<T> => {
        const value = await read(key)
        world.clock += 2000
        return value
      }
    }
    const { readBindings, readApi } = finding
    const ask = authorizer({}, {}, { readBindings: slow(readBindings), readApi: slow(readApi) })
    // The world.bindings are 4 s old when both are there, the API 2 s.
    await ask(token)
    world.clock += 999
    await ask(token)
    expect([world.bindingsRead.length, world.apisRead.length]).toEqual([1, 1])
    world.clock += 1
    await ask(token)
    // Reading the world.bindings anew took the API's last 2 s.
    expect([world.bindingsRead.length, world.apisRead.length]).toEqual([2, 2])
  })

  it('is bounded by its size: the gateway that was read first makes room', async () => {
    const [bound] = world.bindings ?? []
    const bindingId = `gwb_${'1'.repeat(mostEndpointsKept.gateways / 30)}` as const
    world.bindings = bound && [{ ...bound, bindingId }]
    const ask = authorizer()
    const gateways = Array.from({ length: 10 }, (_, index) => `gw${index + 1}`)
    for (const gatewayId of [...gateways, ...gateways.slice(1)]) await ask(token, { gatewayId })
    expect(world.bindingsRead).toHaveLength(gateways.length)
    await ask(token, { gatewayId: gateways[0] ?? '' })
    expect(world.bindingsRead).toHaveLength(gateways.length + 1)
  })

  it('holds no failed read', async () => {
    let fails = true
    const read = finding.readBindings
    const failing = {
      readBindings: (id: string) => (fails ? Promise.reject(new Error('no table')) : read(id)),
    }
    const ask = authorizer({}, {}, failing)
    await expect(ask(token)).rejects.toThrow('no table')
    fails = false
    expect(await ask(token)).toBe('allowed')
  })

  it('is asked about by nothing that an event does not name', async () => {
    const ask = authorizer()
    for (const nameless of [{ gatewayId: '' }, { stage: '' }, { gatewayId: '', stage: '' }])
      expect(await ask(token, nameless)).toBe('api_unknown')
    expect(world.bindingsRead).toEqual([])
  })
})
