import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diceOf } from './dice.ts'
import type { Hole } from './holes.ts'
import { holes, open } from './holes.ts'
import { startRun } from './run.ts'
import type { Scene } from './scene.ts'
import { makeScene } from './scene.ts'
import type { Beginning } from './start.ts'
import { makeBeginning } from './start.ts'
import type { System } from './system.ts'
import { openSystem } from './system.ts'

/** Each old hole, the law that it breaks, and the calls in which the judges must see it. Without the hole the same calls break no law. */
const shown: Readonly<
  Record<Hole, { readonly law: string; readonly calls: (scene: Scene) => Promise<unknown> }>
> = {
  'anybody gives what they do not hold': {
    law: 'No gain',
    calls: async ({ call, user, onNorth }) =>
      call('manager', {
        kind: 'change-user',
        userId: user('in-group'),
        fields: { permissions: onNorth('shop', 'write') },
        rehearse: false,
      }),
  },
  'every API is open to every organization': {
    law: 'Walls',
    calls: async ({ ask }) => ask('third-admin', 'gw1', 'GET', '/shop/a'),
  },
  'a share gives the whole API': {
    law: 'Walls',
    calls: async ({ ask }) => ask('second-plain', 'gw1', 'POST', '/shop/a'),
  },
  'guests are active before they accept': {
    law: 'Walls',
    calls: async ({ call, ask, logIn, onNorth }) => {
      await call('second-admin', {
        kind: 'create-user',
        username: 'plain',
        fields: { permissions: onNorth('desk', 'read') },
      })
      await logIn('plain', 'second-admin')
      await ask('plain', 'gw2', 'GET', '/a')
    },
  },
  'somebody acts as a guest': {
    law: 'Acting',
    calls: async ({ call, user }) => {
      const fields = { impersonation: 'full' as const }
      await call('second-admin', {
        kind: 'change-user',
        userId: user('second-plain'),
        fields,
        rehearse: false,
      })
      const visitor = user('visitor@laws.example')
      await call('second-plain', { kind: 'act-as', userId: visitor, named: visitor })
    },
  },
  'somebody acts as a manager': {
    law: 'Acting',
    calls: async ({ call, user }) =>
      call('actor', { kind: 'act-as', userId: user('manager'), named: 'manager' }),
  },
  'sessions of a membership that was created again live again': {
    law: 'No way back',
    calls: async ({ call, ask, logIn, organization, onNorth, newest }) => {
      const organizationId = organization('second-admin')
      await logIn('visitor@laws.example', 'second-admin')
      const old = newest('visitor@laws.example')
      await call('visitor@laws.example', { kind: 'leave', organizationId })
      await call('second-admin', {
        kind: 'create-user',
        username: 'visitor@laws.example',
        fields: { permissions: onNorth('desk', 'read') },
      })
      await call('visitor@laws.example', { kind: 'accept', organizationId })
      await ask(old, 'gw2', 'GET', '/a')
    },
  },
  'memberships elsewhere stay active': {
    law: 'No takeover',
    calls: async ({ call, ask, user, newest }) => {
      const session = newest('visitor@laws.example')
      const userId = user('visitor@laws.example')
      await call('third-admin', { kind: 'create-credential', userId, credential: 'token' })
      await ask(session, 'gw2', 'GET', '/a')
    },
  },
  'an administrator needs no way to get in': {
    law: 'Somebody home',
    calls: async ({ call, newest }) =>
      call('third-admin', { kind: 'delete-own-credential', keyId: newest('third-admin') }),
  },
  'an account group reaches everybody': {
    law: 'Scope',
    calls: async ({ call, user }) =>
      call('group-manager', {
        kind: 'change-user',
        userId: user('plain'),
        fields: { permissions: [] },
        rehearse: false,
      }),
  },
  'whoever acts as another uses Postern': {
    law: 'Acting',
    calls: async ({ call, user, newest }) => {
      await call('actor', { kind: 'act-as', userId: user('plain'), named: 'plain' })
      await call(newest('plain'), { kind: 'choose-group', aid: null })
    },
  },
  'sessions are good for every audience': {
    law: 'Deciding alike',
    calls: async ({ call, ask, api, newest }) => {
      await call(null, { kind: 'client-credentials', keyId: newest('machine'), audience: api('default') })
      await ask('machine', 'gw1', 'GET', '/shop/a')
    },
  },
  'enabling a user gives nothing': {
    law: 'No gain',
    calls: async ({ call, user }) => {
      const change = (status: 'active' | 'disabled') =>
        ({ kind: 'change-user', userId: user('machine'), fields: { status }, rehearse: false }) as const
      await call('first-admin', change('disabled'))
      await call('manager', change('active'))
    },
  },
  'a section that grows gives nothing': {
    law: 'No gain',
    calls: async ({ call, api }) =>
      call('manager', {
        kind: 'replace-section',
        api: api('shop'),
        name: 'north',
        entries: [{ pattern: 'GET /*', level: 'read' }],
      }),
  },
  'a role that loses an exception gives nothing': {
    law: 'No gain',
    calls: async ({ call, api, user, newestRole }) => {
      const every = (except: readonly string[]) => [
        { text: 'shop', api: api('shop'), level: 'read' as const, except },
      ]
      await call('first-admin', {
        kind: 'create-role',
        name: 'all but south',
        gives: { everySection: every(['south']) },
      })
      const roleId = newestRole()
      await call('first-admin', {
        kind: 'replace-roles',
        userId: user('plain'),
        roles: [{ roleId, aid: null }],
        rehearse: false,
      })
      await call('manager', { kind: 'change-role', roleId, gives: { everySection: every([]) } })
    },
  },
  'taking rights needs them': {
    law: 'Always down',
    calls: async ({ call, user }) =>
      call('manager', {
        kind: 'change-user',
        userId: user('machine'),
        fields: { roles: [] },
        rehearse: false,
      }),
  },
  'unregistered gateways are everybody’s': {
    law: 'Walls',
    calls: async ({ ask }) => ask('third-admin', 'gw3', 'GET', '/a'),
  },
  'released gateways are unregistered': {
    law: 'Deciding alike',
    calls: async ({ call, ask, api, bindingOf }) => {
      await call('second-admin', { kind: 'unbind', api: api('desk'), bindingId: bindingOf('desk') })
      await ask('first-admin', 'gw2', 'GET', '/a')
    },
  },
  'anybody binds gateways': {
    law: 'Walls',
    calls: async ({ call, api }) =>
      call('manager', { kind: 'bind', api: api('shop'), gatewayId: 'gw1', stage: '$default', basePath: '/' }),
  },
  'deny is accepted beside a role that grants': {
    law: 'Rights only add up',
    calls: async ({ call, api, user }) =>
      call('first-admin', {
        kind: 'change-user',
        userId: user('machine'),
        fields: {
          permissions: [{ text: 'shop/north', api: api('shop'), section: 'north', level: 'deny' }],
        },
        rehearse: false,
      }),
  },
  'the impersonation of a role is not compared when it is given': {
    law: 'No takeover',
    calls: async ({ call, user, newestRole }) =>
      call('manager', {
        kind: 'replace-roles',
        userId: user('in-group'),
        roles: [{ roleId: newestRole(), aid: null }],
        rehearse: false,
      }),
  },
  'only one side hears that a share ended': {
    law: 'Walls',
    calls: async ({ call, api, organization }) =>
      call('first-admin', {
        kind: 'unshare',
        api: api('shop'),
        organizationId: organization('second-admin'),
      }),
  },
}

let system: System
let beginning: Beginning

beforeAll(async () => {
  system = await openSystem()
  beginning = await makeBeginning(system)
})
afterAll(() => system?.close())

const play = async (hole: Hole): Promise<void> => {
  await system.restore(beginning.items)
  await shown[hole].calls(makeScene(startRun(system, beginning, 0), diceOf([0])))
}

describe('the laws see the old holes', () => {
  it.each(holes)('%s', async (hole) => {
    open(null)
    await play(hole)
    open(hole)
    await expect(play(hole)).rejects.toThrow(new RegExp(`^${shown[hole].law}:`))
    open(null)
  })
})
