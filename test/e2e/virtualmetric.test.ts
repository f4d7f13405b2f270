import { describe, expect } from 'vitest'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { callerWith, withinCacheTime } from './customer.ts'
import { it } from './kit.ts'
import type { Laptop } from './laptop.ts'
import { bearer, codeOf, logIn, makeUser, sessionOf, statusesWith } from './tester.ts'

let laptop: Laptop

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  const sections = [
    { name: 'servers', endpoints: ['GET /servers', 'GET /servers/{id}', 'POST /servers/{id}/restart'] },
    { name: 'clusters', endpoints: ['GET /clusters', 'DELETE /clusters/{id}'] },
    { name: 'dashboards', dashboard: true, endpoints: ['GET /dashboards', 'PUT /dashboards/{id}'] },
  ]
  for (const body of sections)
    expect((await laptop.admin('/v1/apis/demo/sections', { body })).status).toBe(201)
})

const password = 'a passphrase for requests'

const change = (userId: UserId, body: object) =>
  laptop.admin(`/v1/users/${userId}`, { method: 'PATCH', body })

/** A user with this role, logged in for API requests. */
const member = async (username: string, fields: object) => {
  const { user } = await makeUser(laptop, { username, password, ...fields })
  const session = bearer(await sessionOf(laptop, username, password))
  return { userId: user.userId, session, call: callerWith(laptop, session) }
}

const mayCall = async (userId: UserId, method: string, path: string): Promise<unknown> => {
  const body = { userId, method, path, address: '127.0.0.1' }
  return (await laptop.admin('/v1/access/explain', { body })).json
}

const settings = '/v1/organization'

describe('API users as VirtualMetric documents them', () => {
  it('takes username, role, description, password, status and time zone from one form', async () => {
    const form = {
      username: 'virtual.partner',
      role: 'Read Only',
      description: 'Reads the dashboards.\nCustomer: Müller & Söhne',
      password,
      status: 'active',
      timezone: 'Europe/Istanbul',
    }
    const reply = await laptop.admin('/v1/users', { body: form })
    expect(reply.status, reply.text).toBe(201)
    const { password: _, role, ...shown } = form
    expect(reply.json).toMatchObject({ user: { ...shown, roles: [role] } })
    expect(reply.text).not.toContain(password)
    const { userId } = (reply.json as { user: { userId: UserId } }).user
    expect((await laptop.admin(`/v1/users/${userId}`)).json).toMatchObject({
      user: { ...shown, roles: [role] },
    })
  })

  it('says of each field of the form what is wrong with it', async () => {
    const form = { role: 'Superuser', status: 'paused', timezone: 'Istanbul time', description: 7 }
    const reply = await laptop.admin('/v1/users', { body: form })
    expect([reply.status, codeOf(reply)]).toEqual([400, 'invalid_request'])
    const { errors } = reply.json as { errors: { path: string }[] }
    expect(errors.map(({ path }) => path).toSorted()).toEqual([
      'description',
      'status',
      'timezone',
      'username',
    ])
    const role = await laptop.admin('/v1/users', { body: { username: 'role-less', role: 'Superuser' } })
    expect([role.status, role.json]).toMatchObject([400, { errors: [{ path: 'role' }] }])
  })

  it('logs in for API requests with the username', async () => {
    const { userId, call } = await member('requester', { permissions: { orders: 'read' } })
    const orders = await call('/demo/orders')
    expect(orders.status, orders.text).toBe(200)
    expect(orders.json).toMatchObject({ caller: { userId, username: 'requester' } })
  })

  it('changes the status at any time, and lets no disabled user log in for API requests', async () => {
    const { userId, session } = await member('switched', { permissions: { orders: 'read' } })
    const with_ = () => statusesWith(laptop, session.authorization)
    expect(await with_()).toEqual({ own: 200, behindAuthorizer: 200 })

    expect((await change(userId, { status: 'disabled' })).json).toMatchObject({
      user: { status: 'disabled' },
    })
    expect((await logIn(laptop, 'switched', password)).status).toBe(401)
    expect((await with_()).own).toBe(401)
    await expect.poll(async () => (await with_()).behindAuthorizer, withinCacheTime).toBe(403)

    expect((await change(userId, { status: 'active' })).json).toMatchObject({ user: { status: 'active' } })
    expect((await logIn(laptop, 'switched', password)).status).toBe(200)
  })

  it('can create a user disabled, and enable it later', async () => {
    const { user } = await makeUser(laptop, { username: 'later', password, status: 'disabled' })
    expect((await logIn(laptop, 'later', password)).status).toBe(401)
    await change(user.userId, { status: 'active' })
    expect((await logIn(laptop, 'later', password)).status).toBe(200)
  })

  it('changes the time zone and the description at any time', async () => {
    const { user } = await makeUser(laptop, { username: 'moving', timezone: 'UTC' })
    const changed = await change(user.userId, { timezone: 'Asia/Tokyo', description: 'moved' })
    expect(changed.json).toMatchObject({ user: { timezone: 'Asia/Tokyo', description: 'moved' } })
    const lower = await change(user.userId, { timezone: 'america/argentina/comodrivadavia' })
    expect(lower.json).toMatchObject({ user: { timezone: 'America/Argentina/ComodRivadavia' } })
    expect((await change(user.userId, { timezone: 'Mars/Olympus' })).status).toBe(400)
  })

  it('gives Admin full access on everything', async () => {
    const { userId, call } = await member('full', { role: 'Admin' })
    expect((await call(settings)).status).toBe(200)
    const renamed = await call(settings, { method: 'PATCH', body: { resetMailSenderName: 'Operations' } })
    expect(renamed.status, renamed.text).toBe(200)
    expect((await call('/v1/users', { body: { username: 'made-by-full' } })).status).toBe(201)
    expect((await call('/v1/account-groups', { body: { accountGroupName: 'Devices' } })).status).toBe(201)
    expect((await call('/v1/audit')).status).toBe(200)
    expect((await call('/demo/orders')).status).toBe(200)
    const order = { article: 'Lamp', quantity: 1 }
    expect((await call('/demo/orders', { body: order })).status).toBe(201)
    for (const path of ['/servers/7/restart', '/no/section/has/this'])
      expect(await mayCall(userId, 'POST', path)).toMatchObject({ allowed: true })
  })

  it('gives User the selected servers and clusters only', async () => {
    const { userId, call } = await member('selective', {
      role: 'User',
      permissions: { servers: 'write', clusters: 'read' },
      endpoints: ['PUT /dashboards/main'],
    })
    const expected: [string, string, boolean][] = [
      ['GET', '/servers', true],
      ['POST', '/servers/7/restart', true],
      ['GET', '/clusters', true],
      ['DELETE', '/clusters/7', false],
      ['PUT', '/dashboards/main', true],
      ['PUT', '/dashboards/other', false],
      ['GET', '/dashboards', false],
      ['GET', '/orders', false],
    ]
    for (const [method, path, allowed] of expected)
      expect([method, path, await mayCall(userId, method, path)]).toMatchObject([method, path, { allowed }])
    expect((await call('/demo/orders')).status).toBe(403)
    await change(userId, { permissions: { orders: 'read' } })
    const again = callerWith(laptop, bearer(await sessionOf(laptop, 'selective', password)))
    expect((await again('/demo/orders')).status).toBe(200)
  })

  it('gives User no resource at all until one is selected', async () => {
    const { call } = await member('unselected', { role: 'User' })
    expect((await call('/demo/orders')).status).toBe(403)
  })

  it('lets neither User nor Read Only query or update settings, rules and groups', async () => {
    for (const role of ['User', 'Read Only']) {
      const { call } = await member(`no-settings-${role.replace(' ', '-')}`, { role })
      for (const path of [
        settings,
        '/v1/users',
        '/v1/roles',
        '/v1/sections',
        '/v1/apis',
        '/v1/apis/demo',
        '/v1/account-groups',
        '/v1/audit',
      ])
        expect([role, path, (await call(path)).status]).toEqual([role, path, 403])
      const updates = [
        [settings, { method: 'PATCH', body: { name: 'Mine' } }],
        ['/v1/users', { body: { username: 'smuggled' } }],
        ['/v1/apis/demo/sections', { body: { name: 'mine', endpoints: ['GET /mine'] } }],
        ['/v1/account-groups', { body: { accountGroupName: 'Mine' } }],
      ] as const
      for (const [path, given] of updates)
        expect([role, path, (await call(path, given)).status]).toEqual([role, path, 403])
      expect((await call('/v1/users/me')).status).toBe(200)
    }
  })

  it('lets Read Only see the dashboards, nothing else, and change nothing', async () => {
    const { userId, call } = await member('viewer', { role: 'Read Only' })
    expect((await call('/demo/orders')).status).toBe(403)
    const order = { article: 'Lamp', quantity: 1 }
    expect((await call('/demo/orders', { body: order })).status).toBe(403)
    expect(await mayCall(userId, 'GET', '/dashboards')).toMatchObject({ allowed: true })
    expect(await mayCall(userId, 'PUT', '/dashboards/main')).toMatchObject({ allowed: false })
  })

  it('gives a role its new meaning to whoever has it from the next login on', async () => {
    const { userId, session } = await member('promoted', { role: 'Read Only' })
    await change(userId, { role: 'Admin' })
    expect((await statusesWith(laptop, session.authorization)).own).toBe(401)
    const call = callerWith(laptop, bearer(await sessionOf(laptop, 'promoted', password)))
    expect((await call(settings)).status).toBe(200)
  })
})
