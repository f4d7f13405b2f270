import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diceOf } from './dice.ts'
import { startRun } from './run.ts'
import type { Scene } from './scene.ts'
import { makeScene } from './scene.ts'
import type { Beginning } from './start.ts'
import { makeBeginning } from './start.ts'
import type { System } from './system.ts'
import { openSystem } from './system.ts'

/** Faults that the laws found. Each stays here in the fewest calls; the laws judge them as they judge all others. */

let system: System
let beginning: Beginning

beforeAll(async () => {
  system = await openSystem()
  beginning = await makeBeginning(system)
})
afterAll(() => system?.close())

const play = async (calls: (scene: Scene) => Promise<void>): Promise<void> => {
  await system.restore(beginning.items)
  await calls(makeScene(startRun(system, beginning, 0), diceOf([0])))
}

const visitor = 'visitor@laws.example'
const shareAll = { everySection: { level: 'write', except: [] }, sections: {} } as const

describe('what the laws found', () => {
  it('No gain: home gives back nothing elsewhere by enabling a user again', () =>
    play(async ({ call, ask, user, newest }) => {
      const session = newest(visitor)
      const change = (status: 'active' | 'disabled') =>
        ({ kind: 'change-user', userId: user(visitor), fields: { status }, rehearse: false }) as const
      expect(await call('third-admin', change('disabled'))).toBe(200)
      expect(await call('third-admin', change('active'))).toBe(200)
      await ask(session, 'gw2', 'GET', '/a')
      expect(await call('second-admin', { kind: 'confirm', userId: user(visitor) })).toBe(200)
    }))

  it('No way back: a session for an API is good for no other that takes its audience', () =>
    play(async ({ call, ask, api, newest }) => {
      await call(null, { kind: 'client-credentials', keyId: newest('machine'), audience: api('shop') })
      const audience = 'https://shop.laws.example'
      const away = { kind: 'change-api', api: api('shop'), audience: 'https://other.example' } as const
      expect(await call('first-admin', away)).toBe(200)
      expect(await call('second-admin', { kind: 'change-api', api: api('desk'), audience })).toBe(409)
      expect(await call('first-admin', { kind: 'create-api', name: 'new', audience })).toBe(409)
      expect(await call('first-admin', { ...away, audience })).toBe(200)
      await ask('machine', 'gw1', 'GET', '/shop/a')
    }))

  it('Names stay: also those that permissions of another organization name', () =>
    play(async ({ call, api, organization, user }) => {
      const north = { api: api('shop'), name: 'north' }
      const other = { api: api('shop'), organizationId: organization('second-admin') }
      const forget = (username: string) =>
        call('first-admin', {
          kind: 'change-user',
          userId: user(username),
          fields: { permissions: [] },
          rehearse: false,
        })
      await call('first-admin', { kind: 'share', ...other, entitlement: shareAll })
      await forget('plain')
      await forget('manager')
      expect(await call('first-admin', { kind: 'delete-section', ...north })).toBe(409)
      // Nobody sees what a share that ended left over, until there is a share again.
      expect(await call('first-admin', { kind: 'unshare', ...other })).toBe(204)
      expect(await call('first-admin', { kind: 'delete-section', ...north })).toBe(204)
      await call('first-admin', { kind: 'share', ...other, entitlement: shareAll })
      const anew = {
        kind: 'create-section',
        ...north,
        entries: [{ pattern: 'GET /b', level: 'read' }],
      } as const
      expect(await call('first-admin', anew)).toBe(409)
    }))
})
