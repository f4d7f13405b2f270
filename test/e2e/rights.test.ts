import { beforeAll, describe, expect } from 'vitest'
import { callerWith, untilNoted } from './customer.ts'
import { it } from './kit.ts'
import type { Laptop } from './laptop.ts'
import { ask } from './laptop.ts'
import type { Organization } from './organizations.ts'
import {
  decisionOn,
  demo,
  demoAudience,
  keptDecision,
  makeOrganization,
  makeUserIn,
  order,
  readDecision,
  refused,
} from './organizations.ts'
import { openConnection, rawRequest } from './raw-connection.ts'
import type { Created } from './tester.ts'
import { bearer, makeUser } from './tester.ts'

/**
 * Attacks on the rights model, over HTTP. Each is refused, and an administrator can read why by the request id of the refusal.
 */

let laptop: Laptop

it.beforeAll(({ laptop: running }) => {
  laptop = running
})

describe('the demo API', () => {
  it('is registered like any other: its owner sees where it is served, and what its endpoints are', async () => {
    expect((await laptop.admin('/v1/apis')).json).toMatchObject({
      apis: [
        {
          name: 'demo',
          audience: demoAudience,
          gateways: [{ stage: '$default', basePath: '/demo' }],
          sections: expect.arrayContaining(['orders']),
        },
      ],
    })
    expect((await laptop.admin('/v1/apis/demo/sections/orders')).json).toMatchObject({
      section: {
        endpoints: [
          { endpoint: 'GET /orders', level: 'read' },
          { endpoint: 'POST /orders', level: 'write' },
          { endpoint: 'GET /orders/{orderId}', level: 'read' },
        ],
      },
    })
  })
})

describe('an administrator of another organization', () => {
  let other: Organization
  beforeAll(async () => {
    other = await makeOrganization(laptop, 'walls')
  })

  it('does not pass at an API that is nothing to its organization, whatever it holds at home', async () => {
    expect((await other.call('/v1/apis')).json).toEqual({ apis: [] })
    const { credential } = await makeUserIn(other, {
      username: 'walls-all',
      role: 'Admin',
      generate: 'token',
    })
    for (const token of [other.credential.token, credential.token]) {
      for (const body of [undefined, order]) {
        const denied = await demo(laptop, token, '/demo/orders', body)
        expect(denied.status).toBe(403)
        expect(await decisionOn(other.call, denied)).toMatchObject({
          allowed: false,
          reason: 'api_unknown',
          decidedBy: 'authorizer',
        })
        // The owner of the API learns nothing of the other organization's users.
        const seen = await readDecision(laptop.admin, String(denied.headers['apigw-requestid']))
        expect(refused(seen)).toEqual([404, 'not_found'])
      }
    }
  })
})

describe('rights only add up', () => {
  it('lets nobody lift what was left out of its role: alone, by a puppet, by a role, or by leaving its group', async () => {
    const stock = { name: 'stock', endpoints: ['GET /stock', 'POST /stock'] }
    expect((await laptop.admin('/v1/apis/demo/sections', { body: stock })).status).toBe(201)
    const everySection = [{ level: 'write', except: ['stock'] }]
    const role = await laptop.admin('/v1/roles', { body: { name: 'All but stock', everySection } })
    expect(role.status, role.text).toBe(201)
    const manage = ['postern-users', 'postern-credentials', 'postern-access', 'postern-apis']
    const { user, credential } = await makeUser(laptop, {
      username: 'without-stock',
      role: 'All but stock',
      permissions: Object.fromEntries(manage.map((section) => [section, 'write'])),
      loginAccountGroup: 1,
      generate: 'token',
    })
    const holder = await makeUser(laptop, { username: 'with-stock', permissions: { stock: 'read' } })
    const call = callerWith(laptop, bearer(credential.token))
    const self = `/v1/users/${user.userId}`
    const tries = [
      ['PATCH', self, { permissions: { stock: 'read' } }],
      ['PATCH', self, { role: 'Regular User' }],
      ['PATCH', self, { endpoints: ['GET /stock'] }],
      ['PATCH', self, { endpoints: ['* /*'] }],
      ['PUT', `${self}/roles`, { allAccountGroupRoles: [{ roleId: 6 }] }],
      ['POST', '/v1/users', { username: 'puppet', permissions: { stock: 'read' }, generate: 'token' }],
      ['POST', '/v1/users', { username: 'puppet', role: 'Read Only', generate: 'token' }],
      ['POST', '/v1/users', { username: 'puppet', impersonation: 'full', generate: 'key' }],
      ['POST', '/v1/roles', { name: 'Stock', permissions: { stock: 'read' } }],
      ['POST', '/v1/roles', { name: 'Everything', everySection: [{ level: 'read' }] }],
      ['POST', '/v1/apis/demo/sections', { name: 'shelves', endpoints: ['GET /stock'] }],
      ['PUT', '/v1/apis/demo/sections/orders', { endpoints: ['GET /orders', 'GET /stock'] }],
      ['POST', `/v1/users/${holder.user.userId}/keys`, { name: 'mine', kind: 'token' }],
      ['PATCH', `/v1/users/${holder.user.userId}`, { email: 'mine@attacker.example' }],
    ] as const
    for (const [method, path, body] of tries) {
      const reply = await call(path, { method, body })
      expect([method, path, body, ...refused(reply)]).toEqual([method, path, body, 403, 'grant_not_held'])
    }
    const left = await call('/v1/users/me/login-account-group', {
      method: 'PUT',
      body: { loginAccountGroup: null },
    })
    expect(left.status).toBe(200)
    const explained = async (path: string) => {
      const body = { username: 'without-stock', method: 'GET', path, address: '127.0.0.1' }
      return (await laptop.admin('/v1/access/explain', { body })).json
    }
    expect(await explained('/orders')).toMatchObject({ allowed: true, api: 'demo' })
    expect(await explained('/stock')).toMatchObject({ allowed: false, reason: 'permission_not_granted' })
    // What it holds, it may go on to give, and what it sees too much, it may take away.
    const given = { username: 'honest-puppet', permissions: { orders: 'read' } }
    expect((await call('/v1/users', { body: given })).status).toBe(201)
    const taken = await call(`/v1/users/${holder.user.userId}`, {
      method: 'PATCH',
      body: { permissions: {} },
    })
    expect(taken.status, taken.text).toBe(200)
  })

  it('lets no endpoint pattern reach Postern’s own management', async () => {
    const accountAdmin = await makeUser(laptop, {
      username: 'sly-account-admin',
      role: 'Account Admin',
      generate: 'token',
    })
    const call = callerWith(laptop, bearer(accountAdmin.credential.token))
    for (const endpoints of [['* /v1/*'], ['* /*'], ['PATCH /v1/organization']]) {
      const own = await call(`/v1/users/${accountAdmin.user.userId}`, {
        method: 'PATCH',
        body: { endpoints },
      })
      expect([endpoints, ...refused(own)]).toEqual([endpoints, 403, 'grant_not_held'])
      const puppet = await call('/v1/users', { body: { username: 'v1-puppet', endpoints } })
      expect([endpoints, ...refused(puppet)]).toEqual([endpoints, 403, 'grant_not_held'])
    }
    // Given by somebody who may, they are endpoints of the demo API and nothing else.
    const { credential } = await makeUser(laptop, {
      username: 'every-endpoint',
      endpoints: ['* /*', '* /v1/*', 'POST /api/users', 'POST /users/new'],
      generate: 'token',
    })
    expect((await demo(laptop, credential.token)).status).toBe(200)
    const tries = [
      ['GET', '/v1/users', undefined],
      ['PATCH', '/v1/organization', { name: 'Mine' }],
      ['POST', '/api/users', { email_address: 'sly@example.com', active: true }],
    ] as const
    for (const [method, path, body] of tries) {
      const headers = bearer(credential.token)
      const given = { method, headers, ...(body === undefined ? {} : { body }) }
      const noted = async () => {
        const denied = await ask(`${laptop.api}${path}`, given)
        expect([path, denied.status]).toEqual([path, 403])
        return (await readDecision(laptop.admin, String(denied.headers['apigw-requestid']))).json
      }
      await expect.poll(noted, untilNoted).toMatchObject({
        reason: 'permission_not_granted',
        decidedBy: 'postern',
        apiId: 'postern',
      })
    }
  })
})

describe('another spelling of a path', () => {
  const spellings = [
    '/demo//orders',
    '//demo/orders',
    '/demo/orders/',
    '/demo/orders//',
    '/demo/./orders',
    '/demo/orders/.',
    '/demo/orders/..',
    '/demo/x/../orders',
    '/demo/;/orders',
    '/demo/;x/orders',
    '/demo;x/orders',
    '/demo/orders;x=1',
    '/demo/orders/..;/orders',
    '/demo/orders%2f',
    '/demo/%2e/orders',
    '/demo/%2e%2e/demo/orders',
    '/demo/orders%00',
    '/demo/ORDERS',
    '/$default/demo/orders',
    '/prod/demo/orders',
  ]
  /** These are the endpoint itself, in other letters: API Gateway decodes a path twice before it routes it. */
  const encodings = ['/demo/%6frders', '/demo/%256frders', '/%64emo/orders', '/demo%2forders']

  it('opens nothing to somebody who holds all of the API, and nothing to somebody who holds none of it', async () => {
    const all = await makeUser(laptop, {
      username: 'spelling-all',
      permissions: { orders: 'write' },
      endpoints: ['* /*'],
      generate: 'token',
    })
    const none = await makeUser(laptop, {
      username: 'spelling-none',
      endpoints: ['GET /orders/{orderId}', 'GET /orders/*', 'GET /demo/orders', 'GET /x'],
      generate: 'token',
    })
    const connection = await openConnection(laptop.api)
    const statusAt = async (target: string, { token }: Created['credential']) => {
      const reply = await connection.send(rawRequest('GET', target, [`authorization: Bearer ${token}`]))
      expect([target, reply.status === 200]).toEqual([target, reply.text.includes('Lantern')])
      const requestId = /^apigw-requestid: *(\S+)/im.exec(reply.head)?.[1] ?? ''
      const kept = reply.status === 403 ? await keptDecision(laptop.admin, requestId) : null
      return { status: reply.status, kept }
    }
    const closed = ['path_refused', 'route_mismatch', 'permission_not_granted', 'api_unknown']
    for (const target of ['/demo/orders', ...encodings]) {
      expect([target, (await statusAt(target, all.credential)).status]).toEqual([target, 200])
      const { status, kept } = await statusAt(target, none.credential)
      expect([target, status, kept]).toMatchObject([target, 403, { reason: 'permission_not_granted' }])
    }
    for (const target of spellings) {
      for (const { credential } of [all, none]) {
        const { status, kept } = await statusAt(target, credential)
        expect([target, [400, 403, 404].includes(status)]).toEqual([target, true])
        // What no route takes never reaches the authorizer.
        if (status === 403)
          expect([target, closed]).toEqual([
            target,
            expect.arrayContaining([(kept as { reason: string }).reason]),
          ])
      }
    }
    connection.close()
  })
})
