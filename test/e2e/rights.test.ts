import { beforeAll, describe, expect } from 'vitest'
import type { Caller } from './customer.ts'
import { callerWith, withinCacheTime } from './customer.ts'
import { it } from './kit.ts'
import type { Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'
import { openConnection, rawRequest } from './raw-connection.ts'
import type { Created } from './tester.ts'
import { basic, bearer, codeOf, makeUser, sessionOf } from './tester.ts'

/**
 * The attacks that the rights model was made against, replayed over HTTP. Each is refused, and an administrator can read why: by the
 * request id of the refusal, or by asking beforehand.
 */

let laptop: Laptop

it.beforeAll(({ laptop: running }) => {
  laptop = running
})

const password = 'a passphrase for the rights'
const order = { article: 'Lamp', quantity: 1 }
const demoAudience = 'https://demo.postern.example'

const demo = (token: string, path = '/demo/orders', body?: object): Promise<Reply> =>
  ask(`${laptop.api}${path}`, { headers: bearer(token), ...(body === undefined ? {} : { body }) })

/** What the administrators of an organization read of a denial. */
const decisionOn = async (call: Caller, reply: Reply): Promise<unknown> => {
  const requestId = String(reply.headers['apigw-requestid'])
  return (await call(`/v1/access/decisions/${encodeURIComponent(requestId)}`)).json
}

const refused = (reply: Reply): unknown[] => [reply.status, codeOf(reply)]

type Organization = Created & { readonly organizationId: string; readonly call: Caller }

const makeOrganization = async (name: string): Promise<Organization> => {
  const administrator = { username: `${name}-admin` }
  const made = await laptop.admin('/v1/organizations', { body: { name, administrator } })
  if (made.status !== 201) throw new Error(`${name} was not made: ${made.text}`)
  const created = made.json as Created & { organization: { organizationId: string } }
  const call = callerWith(laptop, bearer(created.credential.token))
  return { ...created, organizationId: created.organization.organizationId, call }
}

const makeUserIn = async ({ call }: Organization, body: object): Promise<Created> => {
  const reply = await call('/v1/users', { body })
  if (reply.status !== 201) throw new Error(`no user: ${reply.text}`)
  return reply.json as Created
}

const logInTo = (username: string, given: { organizationId?: string; audience?: string }) =>
  ask(`${laptop.api}/v1/auth/login`, { body: { username, password, ...given } })

const sessionIn = async (username: string, given: Parameters<typeof logInTo>[1]): Promise<string> => {
  const reply = await logInTo(username, given)
  if (reply.status !== 200) throw new Error(`${username} was not let in: ${reply.text}`)
  return (reply.json as { accessToken: string }).accessToken
}

type ShownApi = {
  readonly apiId: string
  readonly organizationId: string
  readonly gateways: readonly { readonly gatewayId: string; readonly bindingId: string }[]
}

const demoApi = async (): Promise<ShownApi> => {
  const { json } = await laptop.admin('/v1/apis/demo')
  return (json as { api: ShownApi }).api
}

const homeOf = async (): Promise<string> => (await demoApi()).organizationId

const demoActing = async ({ keyId, secret }: Created['credential'], username: string): Promise<Reply> => {
  const form = (fields: Record<string, string>) =>
    ask(`${laptop.api}/oauth/token`, {
      raw: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic(keyId, secret) },
    })
  const own = (await form({ grant_type: 'client_credentials' })).json as { access_token: string }
  return await form({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: own.access_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    requested_subject: username,
  })
}

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
    other = await makeOrganization('walls')
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
        const denied = await demo(token, '/demo/orders', body)
        expect(denied.status).toBe(403)
        expect(await decisionOn(other.call, denied)).toMatchObject({
          allowed: false,
          reason: 'api_unknown',
          decidedBy: 'authorizer',
        })
        // The owner of the API learns nothing of the other organization's users.
        expect(await decisionOn(laptop.admin, denied)).toMatchObject({ code: 'not_found' })
      }
    }
  })

  it('can name no API that it does not see, by name or by id', async () => {
    const { apiId } = await demoApi()
    const given = [
      { permissions: { orders: 'read' } },
      { permissions: { 'demo/orders': 'read' } },
      { permissions: { [`${apiId}/orders`]: 'read' } },
      { endpoints: ['GET /orders'] },
      { endpoints: ['demo GET /orders'] },
      { endpoints: [`${apiId} GET /orders`] },
    ]
    for (const [index, fields] of given.entries()) {
      const reply = await other.call('/v1/users', { body: { username: `walls-${index}`, ...fields } })
      expect([fields, ...refused(reply)]).toEqual([fields, 400, 'invalid_request'])
    }
    const role = { name: 'Sly', everySection: [{ api: apiId, level: 'write' }] }
    expect(refused(await other.call('/v1/roles', { body: role }))).toEqual([400, 'invalid_request'])
    for (const path of ['', '/sections', '/sections/orders'])
      for (const name of ['demo', apiId])
        expect(refused(await other.call(`/v1/apis/${name}${path}`))).toEqual([404, 'not_found'])
  })

  it('can neither claim, take over, nor share a gateway or an API of somebody else', async () => {
    const { apiId, gateways } = await demoApi()
    const [{ gatewayId, bindingId } = { gatewayId: '', bindingId: '' }] = gateways
    const place = { gatewayId, stage: '$default', basePath: '/demo/orders' }
    const claimed = { name: 'claimed', audience: 'https://claimed.example', gateways: [place] }
    expect(refused(await other.call('/v1/apis', { body: claimed }))).toEqual([403, 'access_denied'])
    const sameAudience = { name: 'same', audience: demoAudience }
    expect(refused(await other.call('/v1/apis', { body: sameAudience }))).toEqual([409, 'name_taken'])
    const own = await other.call('/v1/apis', { body: { name: 'own', audience: 'https://own.example' } })
    expect(own.status, own.text).toBe(201)
    expect(refused(await other.call('/v1/apis/own/gateways', { body: place }))).toEqual([
      403,
      'access_denied',
    ])
    const share = { everySection: { level: 'write' } }
    const tries = [
      ['PATCH', `/v1/apis/${apiId}`, { name: 'ours' }],
      ['DELETE', `/v1/apis/${apiId}`, undefined],
      ['PUT', `/v1/apis/${apiId}/owner`, { organizationId: other.organizationId }],
      ['PUT', `/v1/apis/${apiId}/shares/${other.organizationId}`, share],
      ['DELETE', `/v1/apis/${apiId}/gateways/${bindingId}`, undefined],
      ['POST', `/v1/apis/${apiId}/sections`, { name: 'sly', endpoints: ['GET /*'] }],
    ] as const
    for (const [method, path, body] of tries) {
      const reply = await other.call(path, { method, ...(body === undefined ? {} : { body }) })
      expect([method, path, [403, 404].includes(reply.status)]).toEqual([method, path, true])
    }
    expect((await other.call('/v1/apis/own', { method: 'DELETE' })).status).toBe(204)
    expect(await demoApi()).toMatchObject({ apiId, gateways: [{ bindingId }] })
  })

  it('gets no power over a user of another organization by inviting it: it acts as nobody, proves nobody', async () => {
    const { user } = await makeUser(laptop, {
      username: 'shared-victim',
      password,
      permissions: { orders: 'write' },
    })
    const agent = await makeUserIn(other, { username: 'walls-agent', impersonation: 'full', generate: 'key' })
    expect((await demoActing(agent.credential, 'shared-victim')).json).toMatchObject({
      error: 'invalid_grant',
    })
    const invited = await other.call('/v1/users', { body: { username: 'shared-victim', role: 'Admin' } })
    expect([invited.status, invited.json]).toMatchObject([201, { user: { place: 'invited' } }])

    for (const accept of [false, true]) {
      if (accept) {
        const atHome = callerWith(laptop, bearer(await sessionOf(laptop, 'shared-victim', password)))
        const path = `/v1/users/me/places/${other.organizationId}/accept`
        expect((await atHome(path, { method: 'POST' })).status).toBe(200)
      }
      expect((await demoActing(agent.credential, 'shared-victim')).json).toMatchObject({
        error: 'invalid_grant',
      })
      const path = `/v1/users/${user.userId}`
      const tries = [
        ['PATCH', path, { email: 'mine@attacker.example' }],
        ['PATCH', path, { username: 'mine-now' }],
        ['PUT', `${path}/whitelist`, { entries: [] }],
        ['POST', `${path}/keys`, { name: 'mine', kind: 'token' }],
        ['POST', `${path}/keys/import`, { name: 'mine', kind: 'token', hash: 'a'.repeat(64) }],
      ] as const
      for (const [method, target, body] of tries) {
        const reply = await other.call(target, { method, body })
        expect([method, target, ...refused(reply)]).toEqual([method, target, 403, 'guest_not_editable'])
      }
    }
    const refusals = await other.call(`/v1/audit?action=login.refused&actor=${agent.user.userId}`)
    expect(refusals.json).toMatchObject({ rows: [{ reason: 'impersonation_refused' }, {}, {}] })
    // Admin there is still nobody at this API: its place there gives it none of what its home gives it.
    const abroad = await sessionIn('shared-victim', { organizationId: other.organizationId })
    expect((await demo(abroad)).status).toBe(403)
    expect(
      (await demo(await sessionOf(laptop, 'shared-victim', password), '/demo/orders', order)).status,
    ).toBe(201)
  })
})

describe('rights only add up', () => {
  it('says which role grants what is to be denied, and stores no deny', async () => {
    const role = 'Regular User'
    const { user } = await makeUser(laptop, { username: 'adds-up', role })
    const path = `/v1/users/${user.userId}`
    const denied = await laptop.admin(path, { method: 'PATCH', body: { permissions: { orders: 'deny' } } })
    expect([denied.status, denied.json]).toMatchObject([
      400,
      { errors: [{ path: 'permissions.orders', message: expect.stringContaining(role) }] },
    ])
    const body = { role: 'User', permissions: { orders: 'deny' } }
    const without = await laptop.admin(path, { method: 'PATCH', body })
    expect([without.status, without.json]).toMatchObject([200, { user: { permissions: {} } }])
  })

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
    expect((await demo(credential.token)).status).toBe(200)
    const tries = [
      ['GET', '/v1/users', undefined],
      ['PATCH', '/v1/organization', { name: 'Mine' }],
      ['POST', '/api/users', { email_address: 'sly@example.com', active: true }],
    ] as const
    for (const [method, path, body] of tries) {
      const headers = bearer(credential.token)
      const denied = await ask(`${laptop.api}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      expect([path, denied.status]).toEqual([path, 403])
      expect(await decisionOn(laptop.admin, denied)).toMatchObject({
        reason: 'permission_not_granted',
        decidedBy: 'postern',
        apiId: 'postern',
      })
    }
  })
})

describe('somebody home', () => {
  it('lets no single PATCH lock an organization out', async () => {
    const { call, user } = await makeOrganization('homely')
    const self = `/v1/users/${user.userId}`
    const deny = { 'postern-users': 'deny', 'postern-access': 'deny', 'postern-organization': 'deny' }
    const tries = [
      ['PATCH', self, { permissions: deny }, [400, 'invalid_request']],
      ['PATCH', self, { role: 'User' }, [409, 'last_administrator']],
      ['PATCH', self, { status: 'disabled' }, [409, 'last_administrator']],
      ['PATCH', self, { whitelist: ['203.0.113.7'] }, [409, 'self_lockout']],
      ['PUT', `${self}/roles`, { allAccountGroupRoles: [] }, [409, 'last_administrator']],
      ['DELETE', self, undefined, [409, 'self_lockout']],
    ] as const
    for (const [method, path, body, expected] of tries) {
      const reply = await call(path, { method, ...(body === undefined ? {} : { body }) })
      expect([method, body, ...refused(reply)]).toEqual([method, body, ...expected])
    }
    expect((await call('/v1/users')).status).toBe(200)
  })

  it('lets the last administrator not delete, or let expire, the only way in that it has', async () => {
    const { call, credential, user } = await makeOrganization('keyless')
    const path = `/v1/users/me/keys/${credential.keyId}`
    const only = [409, 'last_administrator']
    expect(refused(await call(path, { method: 'DELETE' }))).toEqual(only)
    const managed = `/v1/users/${user.userId}/keys`
    expect(refused(await call(`${managed}/${credential.keyId}`, { method: 'DELETE' }))).toEqual(only)
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const rotated = await call(`${managed}/${credential.keyId}/rotate`, { body: { expiresAt } })
    expect(refused(rotated)).toEqual(only)
    // A second one that ends by itself is no way in for good; one that lasts is.
    expect((await call(managed, { body: { name: 'short', kind: 'token', expiresAt } })).status).toBe(201)
    expect(refused(await call(path, { method: 'DELETE' }))).toEqual(only)
    const second = await call(managed, { body: { name: 'second', kind: 'token' } })
    expect(second.status).toBe(201)
    expect((await call(path, { method: 'DELETE' })).status).toBe(204)
    expect((await call('/v1/users/me')).status).toBe(401)
    const next = (second.json as Created).credential.token
    expect((await callerWith(laptop, bearer(next))('/v1/users')).status).toBe(200)
  })

  it('lets everybody else revoke its own credential without any right', async () => {
    const { credential } = await makeUser(laptop, { username: 'powerless', generate: 'token' })
    const call = callerWith(laptop, bearer(credential.token))
    expect((await call(`/v1/users/me/keys/${credential.keyId}`, { method: 'DELETE' })).status).toBe(204)
    expect((await call('/v1/users/me')).status).toBe(401)
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
      const kept = await laptop.admin(`/v1/access/decisions/${encodeURIComponent(requestId)}`)
      return { status: reply.status, kept }
    }
    const closed = ['path_refused', 'route_mismatch', 'permission_not_granted', 'api_unknown']
    for (const target of ['/demo/orders', ...encodings]) {
      expect([target, (await statusAt(target, all.credential)).status]).toEqual([target, 200])
      const { status, kept } = await statusAt(target, none.credential)
      expect([target, status, kept.json]).toMatchObject([target, 403, { reason: 'permission_not_granted' }])
    }
    for (const target of spellings) {
      for (const { credential } of [all, none]) {
        const { status, kept } = await statusAt(target, credential)
        expect([target, [400, 403, 404].includes(status)]).toEqual([target, true])
        // What no route takes never reaches the authorizer.
        if (status === 403)
          expect([target, closed]).toEqual([
            target,
            expect.arrayContaining([(kept.json as { reason: string }).reason]),
          ])
      }
    }
    connection.close()
  })

  it('is explained: a path that can be read in two ways passes nowhere', async () => {
    await makeUser(laptop, {
      username: 'spelling-asked',
      permissions: { orders: 'write' },
      endpoints: ['* /*'],
    })
    const explain = async (path: string) => {
      const body = { username: 'spelling-asked', method: 'GET', path, address: '127.0.0.1', api: 'demo' }
      return (await laptop.admin('/v1/access/explain', { body })).json
    }
    expect(await explain('/orders')).toMatchObject({ allowed: true })
    for (const path of [
      '//orders',
      '/orders/..',
      '/x/../orders',
      '/orders%2f',
      '/orders/..;/x',
      '/%2e/orders',
    ])
      expect([path, await explain(path)]).toMatchObject([path, { allowed: false, reason: 'path_refused' }])
  })
})

describe('a token for one API', () => {
  it('is refused at another API and at Postern itself', async () => {
    const audience = 'https://archive.example/api'
    const archive = await laptop.admin('/v1/apis', { body: { name: 'archive', audience } })
    expect(archive.status, archive.text).toBe(201)
    const { apiId } = (archive.json as { api: ShownApi }).api
    await makeUser(laptop, { username: 'audience', password, permissions: { 'demo/orders': 'read' } })
    const [plain, forDemo, forArchive] = await Promise.all([
      sessionIn('audience', {}),
      sessionIn('audience', { audience: demoAudience }),
      sessionIn('audience', { audience }),
    ])
    expect((await demo(plain)).status).toBe(200)
    expect((await demo(forDemo)).status).toBe(200)
    const denied = await demo(forArchive)
    expect(denied.status).toBe(403)
    expect(await decisionOn(laptop.admin, denied)).toMatchObject({ reason: 'session_audience' })
    for (const token of [forDemo, forArchive]) {
      const own = await ask(`${laptop.api}/v1/users/me`, { headers: bearer(token) })
      expect(refused(own)).toEqual([403, 'access_denied'])
      expect(await decisionOn(laptop.admin, own)).toMatchObject({ reason: 'session_audience' })
    }
    const nowhere = await logInTo('audience', { audience: 'https://nowhere.example' })
    expect(refused(nowhere)).toEqual([400, 'invalid_request'])
    // With two APIs a permission must say of which; once there is one again, it need not.
    const ambiguous = await laptop.admin('/v1/users', {
      body: { username: 'ambiguous', permissions: { orders: 'read' } },
    })
    expect(refused(ambiguous)).toEqual([400, 'invalid_request'])
    expect((await laptop.admin(`/v1/apis/${apiId}`, { method: 'DELETE' })).status).toBe(204)
    expect((await demo(forArchive)).status).toBe(403)
  })
})

describe('a shared API', () => {
  it('is used within its share, and not beyond it', async () => {
    const partner = await makeOrganization('partner')
    const { apiId } = await demoApi()
    const share = `/v1/apis/demo/shares/${partner.organizationId}`
    const shared = await laptop.admin(share, { method: 'PUT', body: { sections: { orders: 'read' } } })
    expect(shared.status, shared.text).toBe(200)
    const audited = await partner.call('/v1/audit?action=api.shared')
    expect(audited.json).toMatchObject({
      rows: [{ actor: { kind: 'organization', userId: null, organizationId: await homeOf() }, apiId }],
    })
    expect((await partner.call('/v1/apis')).json).toMatchObject({
      apis: [{ apiId, name: 'demo', gateways: [], sections: ['orders'] }],
    })

    const reader = {
      username: 'partner-writer',
      password,
      permissions: { orders: 'write' },
      generate: 'token',
    }
    const { credential } = await makeUserIn(partner, reader)
    const expectBeyond = async (denied: Reply, reason: string, seen: string | null = apiId) => {
      expect(denied.status).toBe(403)
      expect(await decisionOn(partner.call, denied)).toMatchObject({ reason, apiId: seen })
    }
    for (const token of [credential.token, partner.credential.token]) {
      // Nothing is kept of callers who were refused, and what the authorizer knows of the API lives for its cache time.
      await expect.poll(async () => (await demo(token)).status, withinCacheTime).toBe(200)
      await expectBeyond(await demo(token, '/demo/orders', order), 'share_exceeded')
    }
    // What it was given it does not give on, nor widen.
    const third = await makeOrganization('third-party')
    const onward = `/v1/apis/${apiId}/shares/${third.organizationId}`
    for (const path of [onward, `/v1/apis/${apiId}/shares/${partner.organizationId}`]) {
      const body = { everySection: { level: 'write' } }
      expect(refused(await partner.call(path, { method: 'PUT', body }))).toEqual([404, 'not_found'])
    }

    // Its owner could use a token that it sees: a token for what is shared is good for that and nothing else.
    await expectBeyond(await demo(await sessionIn('partner-writer', {})), 'session_audience')
    const forDemo = await sessionIn('partner-writer', { audience: demoAudience })
    expect((await demo(forDemo)).status).toBe(200)
    const own = await ask(`${laptop.api}/v1/users/me`, { headers: bearer(forDemo) })
    expect(refused(own)).toEqual([403, 'access_denied'])

    expect(
      (await partner.call(`/v1/apis/${apiId}/shares/${partner.organizationId}`, { method: 'DELETE' })).status,
    ).toBe(204)
    await expect.poll(async () => (await demo(credential.token)).status, withinCacheTime).toBe(403)
    await expectBeyond(await demo(credential.token), 'api_unknown', null)
    expect((await laptop.admin('/v1/audit?action=api.share-ended')).json).toMatchObject({
      rows: [{ actor: { kind: 'organization', organizationId: partner.organizationId }, address: null }],
    })
  })
})

describe('a guest', () => {
  it('is invited, accepts, works within its place, falls asleep, is woken, leaves, and no way leads back', async () => {
    const host = await makeOrganization('host')
    const { apiId } = await demoApi()
    const share = { method: 'PUT', body: { sections: { orders: 'read' } } }
    expect((await laptop.admin(`/v1/apis/demo/shares/${host.organizationId}`, share)).status).toBe(200)
    const { user } = await makeUser(laptop, { username: 'guest', password, email: 'guest@home.example' })
    const atHome = callerWith(laptop, bearer(await sessionOf(laptop, 'guest', password)))
    const there = { organizationId: host.organizationId }
    const abroad = async () => callerWith(laptop, bearer(await sessionIn('guest', there)))
    const place = `/v1/users/me/places/${host.organizationId}`
    const placeThere = async () =>
      ((await host.call(`/v1/users/${user.userId}`)).json as { user: { place: string } }).user.place
    const invite = () =>
      host.call('/v1/users', {
        body: { username: 'guest', permissions: { orders: 'read', 'postern-users': 'read' } },
      })

    // Nothing passes before the guest accepts.
    expect((await invite()).json).toMatchObject({ user: { place: 'invited' } })
    expect((await logInTo('guest', there)).status).toBe(401)
    expect((await host.call('/v1/audit?action=login.refused')).json).toMatchObject({
      rows: [{ reason: 'membership_inactive' }],
    })
    const asked = { userId: user.userId, method: 'GET', path: '/orders', address: '127.0.0.1' }
    expect((await host.call('/v1/access/explain', { body: asked })).json).toMatchObject({
      allowed: false,
      reason: 'membership_inactive',
      steps: [{}, { saw: expect.stringContaining('invited') }],
    })
    expect((await laptop.admin(`/v1/audit?action=guest.invited&target=${user.userId}`)).json).toMatchObject({
      rows: [{ actor: { kind: 'organization', organizationId: host.organizationId }, changes: [] }],
    })
    // Neither of the organizations accepts in its name, nor does the host wake what was never accepted.
    expect((await host.call(`/v1/users/${user.userId}/wake`, { method: 'POST' })).status).toBe(404)
    const accepting = `/v1/users/${user.userId}/places/${host.organizationId}/accept`
    expect((await laptop.admin(accepting, { method: 'POST' })).status).toBe(404)

    expect((await atHome('/v1/users/me/places')).json).toMatchObject({
      places: expect.arrayContaining([
        expect.objectContaining({ ...there, organizationName: 'host', status: 'invited' }),
      ]),
    })
    const accepted = await atHome(`${place}/accept`, { method: 'POST' })
    expect([accepted.status, accepted.json]).toMatchObject([200, { place: { status: 'guest' } }])

    const first = await sessionIn('guest', there)
    expect((await callerWith(laptop, bearer(first))('/v1/users')).status).toBe(200)
    const forDemo = await sessionIn('guest', { ...there, audience: demoAudience })
    await expect.poll(async () => (await demo(forDemo)).status, withinCacheTime).toBe(200)
    const beyond = await demo(forDemo, '/demo/orders', order)
    expect(await decisionOn(host.call, beyond)).toMatchObject({ reason: 'share_exceeded', apiId })
    // At home it holds nothing, and what it holds there is not seen there.
    expect((await demo(await sessionOf(laptop, 'guest', password))).status).toBe(403)
    expect((await laptop.admin(`/v1/users/${user.userId}`)).json).toMatchObject({
      user: { permissions: {}, place: 'home' },
    })

    // Home makes a credential for it, and so could be it: the place sleeps until the host says otherwise.
    const key = await laptop.admin(`/v1/users/${user.userId}/keys`, { body: { name: 'new', kind: 'token' } })
    expect(key.status).toBe(201)
    expect(await placeThere()).toBe('asleep')
    expect((await callerWith(laptop, bearer(first))('/v1/users/me')).status).toBe(401)
    expect((await logInTo('guest', there)).status).toBe(401)
    expect((await atHome(`${place}/accept`, { method: 'POST' })).status).toBe(404)
    expect((await host.call('/v1/audit?action=guest.asleep')).json).toMatchObject({
      rows: [{ actor: { kind: 'organization', organizationId: await homeOf() }, targetUserId: user.userId }],
    })
    expect((await host.call(`/v1/users/${user.userId}/wake`, { method: 'POST' })).json).toMatchObject({
      user: { place: 'guest' },
    })
    expect((await callerWith(laptop, bearer(first))('/v1/users/me')).status).toBe(401)
    const second = await sessionIn('guest', there)
    expect((await callerWith(laptop, bearer(second))('/v1/users/me')).status).toBe(200)

    // It leaves from home; a place that is made anew is another place.
    expect((await atHome(place, { method: 'DELETE' })).status).toBe(204)
    expect((await host.call(`/v1/users/${user.userId}`)).status).toBe(404)
    expect((await invite()).status).toBe(201)
    expect((await atHome(`${place}/accept`, { method: 'POST' })).status).toBe(200)
    for (const old of [first, second])
      expect((await callerWith(laptop, bearer(old))('/v1/users/me')).status).toBe(401)
    expect((await (await abroad())('/v1/users/me')).status).toBe(200)
    await expect.poll(async () => (await demo(forDemo)).status, withinCacheTime).toBe(403)

    // The host ends it, too, and the home is not for anybody to leave.
    expect((await host.call(`/v1/users/${user.userId}`, { method: 'DELETE' })).status).toBe(204)
    expect((await logInTo('guest', there)).status).toBe(401)
    expect(refused(await atHome(`/v1/users/me/places/${await homeOf()}`, { method: 'DELETE' }))).toEqual([
      409,
      'self_lockout',
    ])
  })
})

describe('an Account Admin of one account group', () => {
  it('manages whoever is placed in it, and nobody and nothing beyond it', async () => {
    const group = async (accountGroupName: string): Promise<number> => {
      const reply = await laptop.admin('/v1/account-groups', { body: { accountGroupName } })
      return (reply.json as { accountGroup: { aid: number } }).accountGroup.aid
    }
    const [branch, elsewhere] = [await group('Branch'), await group('Elsewhere')]
    const placed = async (username: string, aid: number, roleIds: readonly number[], fields: object = {}) => {
      const made = await makeUser(laptop, { username, ...fields })
      const body = {
        accountGroupRoles: [{ accountGroup: { aid }, roles: roleIds.map((roleId) => ({ roleId })) }],
        loginAccountGroup: { aid },
      }
      const reply = await laptop.admin(`/v1/users/${made.user.userId}/roles`, { method: 'PUT', body })
      if (reply.status !== 200) throw new Error(`${username} has no place: ${reply.text}`)
      return made
    }
    const access = await laptop.admin('/v1/roles', {
      body: { name: 'Access here', permissions: { 'postern-access': 'write' } },
    })
    const { roleId } = (access.json as { role: { roleId: number } }).role
    const admin = await placed('branch-admin', branch, [5, roleId], { generate: 'token' })
    const insider = await placed('branch-user', branch, [6])
    const outsider = await placed('elsewhere-user', elsewhere, [6])
    const wide = await makeUser(laptop, { username: 'wide-user', permissions: { orders: 'read' } })
    const call = callerWith(laptop, bearer(admin.credential.token))

    const listed = (await call('/v1/users?limit=100')).json as { users: { username: string }[] }
    expect(listed.users.map(({ username }) => username).toSorted()).toEqual(['branch-admin', 'branch-user'])
    for (const { user } of [outsider, wide]) {
      const tries = [
        ['GET', `/v1/users/${user.userId}`, undefined],
        ['PATCH', `/v1/users/${user.userId}`, { status: 'disabled' }],
        ['DELETE', `/v1/users/${user.userId}`, undefined],
        ['PUT', `/v1/users/${user.userId}/roles`, { allAccountGroupRoles: [] }],
        ['GET', `/v1/users/${user.userId}/keys`, undefined],
        ['POST', `/v1/users/${user.userId}/keys`, { name: 'mine', kind: 'token' }],
        ['PUT', `/v1/users/${user.userId}/whitelist`, { entries: [] }],
      ] as const
      for (const [method, path, body] of tries) {
        const reply = await call(path, { method, ...(body === undefined ? {} : { body }) })
        expect([method, path, ...refused(reply)]).toEqual([method, path, 404, 'not_found'])
      }
      const asked = { userId: user.userId, method: 'GET', path: '/orders', address: '127.0.0.1' }
      expect((await call('/v1/access/explain', { body: asked })).status).toBe(404)
    }

    // Within its group it works; a place that reaches further is not its to give.
    const own = `/v1/users/${insider.user.userId}`
    expect((await call(own, { method: 'PATCH', body: { status: 'disabled' } })).status).toBe(200)
    expect((await call(own, { method: 'PATCH', body: { status: 'active' } })).status).toBe(200)
    expect((await call(`${own}/keys`, { body: { name: 'branch', kind: 'token' } })).status).toBe(201)
    const further = [
      [own, { permissions: { orders: 'read' } }],
      [own, { role: 'Read Only' }],
      [own, { loginAccountGroup: elsewhere }],
      [`/v1/users/${admin.user.userId}`, { role: 'Account Admin' }],
    ] as const
    for (const [path, body] of further) {
      const reply = await call(path, { method: 'PATCH', body })
      expect([path, body, reply.status]).toEqual([path, body, 403])
      expect(['grant_not_held', 'access_denied']).toContain(codeOf(reply))
    }
    const newcomer = (username: string, aid: number) =>
      call('/v1/users', { body: { username, loginAccountGroup: aid } })
    expect((await newcomer('branch-newcomer', branch)).status).toBe(201)
    expect(refused(await newcomer('elsewhere-newcomer', elsewhere))).toEqual([403, 'access_denied'])
    expect(refused(await call('/v1/users', { body: { username: 'wide-puppet' } }))).toEqual([
      403,
      'access_denied',
    ])

    // What concerns the whole organization is refused, and says why.
    for (const [path, body] of [
      ['/v1/roles', { name: 'Mine', permissions: {} }],
      ['/v1/account-groups', { accountGroupName: 'Mine' }],
    ] as const) {
      const denied = await call(path, { body })
      expect([path, ...refused(denied)]).toEqual([path, 403, 'access_denied'])
      expect(await decisionOn(laptop.admin, denied)).toMatchObject({ reason: 'scope_exceeded' })
    }
    // Naming another account group in the request gives nothing, either.
    for (const aid of [elsewhere, 1]) expect((await call(`/v1/users?aid=${aid}`)).status).toBe(403)
  })
})

describe('a gateway', () => {
  it('is closed once it was released, serves whom it was handed to, and no part of it is taken back', async () => {
    const owner = await makeOrganization('owner')
    const { gateways } = await demoApi()
    const [{ gatewayId, bindingId } = { gatewayId: '', bindingId: '' }] = gateways
    const place = { gatewayId, stage: '$default', basePath: '/demo' }
    const asAdmin = () => laptop.admin('/demo/orders')
    const asOwner = () => demo(owner.credential.token)
    const comesTo = (call: () => Promise<Reply>, status: number) =>
      expect.poll(async () => (await call()).status, withinCacheTime).toBe(status)
    const reasonOf = async (call: () => Promise<Reply>, who: Caller) => {
      const decision = (await decisionOn(who, await call())) as { reason?: string }
      return decision.reason
    }
    // Each instance of the authorizer may know for a while what was there before.
    const isUnknown = () =>
      expect.poll(() => reasonOf(asAdmin, laptop.admin), withinCacheTime).toBe('api_unknown')

    expect((await laptop.admin(`/v1/apis/demo/gateways/${bindingId}`, { method: 'DELETE' })).status).toBe(204)
    await comesTo(asAdmin, 403)
    await isUnknown()

    const body = { name: 'handed', audience: 'https://handed.example', gateways: [place] }
    expect((await laptop.admin('/v1/apis', { body })).status).toBe(201)
    await comesTo(asAdmin, 200)
    expect((await asOwner()).status).toBe(403)
    const to = { method: 'PUT', body: { organizationId: owner.organizationId } }
    expect((await laptop.admin('/v1/apis/handed/owner', to)).status).toBe(204)
    await comesTo(asOwner, 200)
    await comesTo(asAdmin, 403)
    await isUnknown()
    for (const [call, kind] of [
      [laptop.admin, 'user'],
      [owner.call, 'organization'],
    ] as const)
      expect((await call('/v1/audit?action=api.handed-over')).json).toMatchObject({
        rows: [{ actor: { kind } }],
      })

    const { basePath: _, ...gateway } = place
    for (const basePath of ['/demo', '/demo/orders']) {
      const bound = await laptop.admin('/v1/apis/demo/gateways', { body: { ...gateway, basePath } })
      expect([basePath, ...refused(bound)]).toEqual([basePath, 409, 'name_taken'])
    }
    await comesTo(asOwner, 200)
    // The first organization's own API of the gateways that nobody registered stays with it.
    expect(refused(await laptop.admin('/v1/apis/demo/owner', to))).toEqual([409, 'in_use'])

    expect((await owner.call('/v1/apis/handed', { method: 'DELETE' })).status).toBe(204)
    await comesTo(asOwner, 403)
    await comesTo(asAdmin, 403)
    expect((await laptop.admin('/v1/apis/demo/gateways', { body: place })).status).toBe(201)
    await comesTo(asAdmin, 200)
  })
})
