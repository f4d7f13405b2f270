import { beforeAll, describe, expect, it } from 'vitest'
import { changeTykUser } from '../../lib/drop-in/change-tyk-user.ts'
import type { TykShownUser } from '../../lib/drop-in/tyk-endpoints.ts'
import { readUserIdByUsername } from '../../lib/identity/user-store.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { dependenciesOf, makeCaller, origin } from '../organizations/organization.ts'
import { openDropIn } from './drop-in-scene.ts'

let scene: Awaited<ReturnType<typeof openDropIn>>

beforeAll(async () => {
  scene = await openDropIn()
})

const done = (Message: string) => ({ Message, Meta: null, Status: 'OK' })
const password = 'thisisatest'

/** A user as the documented call makes it, its id and its token. */
const create = async (email_address: string, fields: object = {}) => {
  const body = { first_name: 'Test', last_name: 'User', email_address, active: true, password, ...fields }
  const { status, headers, text } = await scene.send('/api/users', { body })
  expect(status, text).toBe(200)
  const id = (await readUserIdByUsername(scene.table, email_address.toLowerCase())) ?? 'usr_none'
  return { id, token: String(headers['postern-access-token']) }
}
const show = async (id: string) =>
  (await scene.send(`/api/users/${id}`, { method: 'GET' })).json as TykShownUser
const put = (id: string, body: object, authorization = scene.organization.token) =>
  scene.send(`/api/users/${id}`, { method: 'PUT', body, authorization })

describe('GET /api/users', () => {
  it('lists users and pages; below 0 is all of them', async () => {
    const { id } = await create('listed@testing.com', {
      user_permissions: { users: 'read', orders: 'write' },
    })
    for (const query of ['', 'p=1', 'p=-1']) {
      const { json } = await scene.send('/api/users', { method: 'GET', query })
      const { users, pages } = json as { users: TykShownUser[]; pages: number }
      expect(pages).toBe(1)
      expect(users).toContainEqual(await show(id))
    }
    expect((await scene.send('/api/users', { method: 'GET', query: 'p=2' })).json).toEqual({
      users: [],
      pages: 1,
    })
    expect(await show(id)).toEqual({
      api_model: {},
      first_name: 'Test',
      last_name: 'User',
      email_address: 'listed@testing.com',
      org_id: scene.organization.organizationId,
      active: true,
      id,
      access_key: '',
      user_permissions: { users: 'read', orders: 'write' },
      group_id: '',
      password_max_days: 0,
      created_at: expect.any(String),
      last_login_date: '0001-01-01T00:00:00Z',
    })
  })

  it('knows nothing of other ids, in the shape of Tyk', async () => {
    const { status, json } = await scene.send('/api/users/usr_0000000000000000', { method: 'GET' })
    expect([status, json]).toMatchObject([404, { Status: 'Error', Meta: null }])
  })
})

describe('PUT /api/users/{id}', () => {
  it('takes an answer back as it is, and changes nothing', async () => {
    for (const user_permissions of [{ IsAdmin: 'admin' }, { users: 'write', orders: 'read' }, {}]) {
      const { id } = await create(
        `echo-${Object.keys(user_permissions).length}-${'IsAdmin' in user_permissions}@testing.com`,
        { user_permissions },
      )
      const before = await show(id)
      const { status, json } = await put(id, before)
      expect([status, json]).toEqual([200, done('User updated')])
      expect(await show(id)).toEqual(before)
      const { organization } = scene
      expect(
        (await organization.dependencies.readMember(id, organization.organizationId))?.user.version,
      ).toBe(1)
    }
  })

  it('changes what differs: names, e-mail and login name, status, permissions', async () => {
    const { id } = await create('changed@testing.com', { user_permissions: { IsAdmin: 'admin' } })
    await put(id, {
      first_name: 'New',
      email_address: 'changed-2@testing.com',
      active: false,
      user_permissions: { orders: 'read', keys: 'write', users: 'deny' },
    })
    expect(await show(id)).toMatchObject({
      first_name: 'New',
      last_name: 'User',
      email_address: 'changed-2@testing.com',
      active: false,
      user_permissions: { orders: 'read', keys: 'write' },
    })
    expect(await readUserIdByUsername(scene.table, 'changed-2@testing.com')).toBe(id)
    await put(id, { user_permissions: { IsAdmin: 'admin' } })
    expect((await show(id)).user_permissions).toEqual({ IsAdmin: 'admin' })
  })

  it.each([
    [{ id: 'usr_0000000000000000' }, 'id: '],
    [{ org_id: 'org_0000000000' }, 'org_id: '],
    [{ password: 'an imposed one' }, 'password: is changed by its owner alone'],
    [{ user_permissions: { ordres: 'read' } }, 'user_permissions.ordres: '],
    [{ email_address: 'nobody' }, 'email_address: '],
    [{ is_admin: true }, 'is_admin: is not a field'],
  ])('refuses %o', async (fields, message) => {
    const { id } = await create(`refused-${JSON.stringify(fields).replaceAll(/\W/g, '')}@testing.com`)
    const { status, json } = await put(id, fields)
    expect([status, json]).toMatchObject([
      400,
      { Status: 'Error', Message: expect.stringContaining(message) },
    ])
  })

  it('gives nobody what its caller does not hold (U3)', async () => {
    const { id } = await create('u3@testing.com')
    const { token } = await makeCaller(scene.table, scene.organization.admin, {
      username: 'tyk-helpdesk',
      permissions: { 'postern-users': 'write' },
    })
    for (const user_permissions of [{ IsAdmin: 'admin' }, { keys: 'read' }])
      expect((await put(id, { user_permissions }, token)).status).toBe(403)
    expect((await show(id)).user_permissions).toEqual({})
  })
})

describe('DELETE /api/users/{id}', () => {
  it('deletes the user', async () => {
    const { id } = await create('deleted@testing.com')
    const { status, json } = await scene.send(`/api/users/${id}`, { method: 'DELETE' })
    expect([status, json]).toEqual([200, done('User deleted')])
    expect((await scene.send(`/api/users/${id}`, { method: 'GET' })).status).toBe(404)
  })
})

describe('POST /api/users/{id}/actions/reset', () => {
  const reset = (id: string, authorization: string, current_password = password) =>
    scene.send(`/api/users/${id}/actions/reset`, {
      body: { current_password, new_password: 'an entirely new one' },
      authorization,
    })

  it('changes the own password against the current one, in Tyk’s words', async () => {
    const { id, token } = await create('own@testing.com')
    const wrong = await reset(id, token, 'not the current one')
    expect([wrong.status, wrong.json]).toMatchObject([
      400,
      { Message: expect.stringContaining('current_password: ') },
    ])
    const { status, json } = await reset(id, token)
    expect([status, json]).toEqual([200, done('User password updated')])
    expect((await reset(id, token)).status).toBe(400)
  })

  it('changes nobody else’s, not even for an administrator', async () => {
    const { id } = await create('victim@testing.com')
    const { status, json } = await reset(id, scene.organization.token)
    expect([status, json]).toMatchObject([
      403,
      { Status: 'Error', Message: expect.stringContaining('/password-reset-link') },
    ])
  })

  it('knows another organization’s users as little as invented ones, and so for who may not read users', async () => {
    const { id } = await create('unseen@testing.com')
    const stranger = await createOrganization(
      scene.organization.dependencies,
      scene.organization.admin,
      { name: 'Strangers', administrator: { username: 'stranger' } },
      origin,
    )
    const { token } = await create('sees-nobody@testing.com')
    for (const authorization of [stranger.credential.token ?? '', token]) {
      const [foreign, invented] = [
        await reset(id, authorization),
        await reset('usr_0000000000000000', authorization),
      ]
      expect([foreign.status, foreign.text]).toEqual([404, invented.text])
      expect(invented.status).toBe(404)
    }
  })
})

it('brings no role back that somebody takes away while a change is under way', async () => {
  const { admin, organizationId } = scene.organization
  const dependencies = dependenciesOf(scene.table)
  const { id } = await create('raced@testing.com')
  const asIs = { version: null, ifMatch: null }
  await changeUser(dependencies, admin, id, { roles: [6] }, asIs, origin)
  let reads = 0
  const raced = {
    ...dependencies,
    readMember: async (userId: UserId, organization: OrganizationId) => {
      const member = await dependencies.readMember(userId, organization)
      reads += 1
      if (reads === 1) await changeUser(dependencies, admin, id, { roles: [] }, asIs, origin)
      return member
    },
  }
  const change = { user_permissions: { IsAdmin: 'admin' } } as const
  expect(await refusalCode(changeTykUser(raced, admin, id, change, origin))).toBe('version_conflict')
  expect((await dependencies.readMember(id, organizationId))?.membership.allAccountGroupRoles).toEqual([])
})

describe('PUT /api/users/{id}/actions/key/reset', () => {
  const renew = (id: string, authorization = scene.organization.token) =>
    scene.send(`/api/users/${id}/actions/key/reset`, { method: 'PUT', authorization })
  const calls = async (authorization: string) =>
    (await scene.send('/api/users', { method: 'GET', authorization })).status

  it('makes a new access token, and the old one ends at once', async () => {
    const { id, token } = await create('renewed@testing.com', { user_permissions: { users: 'read' } })
    expect(await calls(token)).toBe(200)
    const { status, json, headers } = await renew(id)
    expect([status, json]).toEqual([200, done('User session renewed')])
    const next = String(headers['postern-access-token'])
    expect([await calls(token), await calls(next)]).toEqual([401, 200])
    expect((await renew(id)).status).toBe(200)
  })

  it('needs the right to credentials, and all that the user holds', async () => {
    const { id } = await create('guarded@testing.com', { user_permissions: { IsAdmin: 'admin' } })
    for (const permissions of [{ 'postern-users': 'write' }, { 'postern-credentials': 'write' }] as const) {
      const { token } = await makeCaller(scene.table, scene.organization.admin, {
        username: `renewer-${Object.keys(permissions)[0]}`,
        permissions,
      })
      expect((await renew(id, token)).status).toBe(403)
    }
  })
})
