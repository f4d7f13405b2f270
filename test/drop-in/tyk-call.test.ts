import { beforeAll, describe, expect, it } from 'vitest'
import { permissionKey } from '../../lib/decision/stored-grants.ts'
import { readUserIdByUsername } from '../../lib/identity/user-store.ts'
import { allItems } from '../fresh-table.ts'
import { callerWith, makeCaller } from '../organizations/organization.ts'
import { basic, openDropIn } from './drop-in-scene.ts'

let scene: Awaited<ReturnType<typeof openDropIn>>

beforeAll(async () => {
  scene = await openDropIn()
})

/** The body of the documentation, as it stands there. */
const documented =
  '{"first_name":"Test","last_name":"User","email_address":"test@testing.com","active":true,\n             "user_permissions":{"IsAdmin":"admin"},"password":"thisisatest"}'

const post = (body: unknown, more: Omit<Parameters<typeof scene.send>[1], 'body'> = {}) =>
  scene.send('/api/users', { body, ...more })
const refusal = (Message: string) => ({ Status: 'Error', Message, Meta: null })
const member = async (email: string) => {
  const userId = await readUserIdByUsername(scene.table, email)
  const { organizationId, dependencies } = scene.organization
  return userId === undefined ? undefined : await dependencies.readMember(userId, organizationId)
}

describe('POST /api/users', () => {
  it('answers the documented call to the letter, and the user is active at once', async () => {
    const { status, headers, text } = await post(documented)
    expect([status, text]).toEqual([200, '{"Message":"User created","Meta":null,"Status":"OK"}'])
    expect(headers['content-type']).toBe('application/json;charset=UTF-8')
    expect(headers['cache-control']).toBe('no-store')

    const found = await member('test@testing.com')
    expect(found?.user).toMatchObject({
      username: 'test@testing.com',
      email: 'test@testing.com',
      firstName: 'Test',
      lastName: 'User',
      name: 'Test User',
      status: 'active',
      accessLevel: 'dashboard',
    })
    expect(found?.membership.allAccountGroupRoles).toEqual([1])
    const token = String(headers['postern-access-token'])
    expect((await callerWith(scene.table, token)).subject.username).toBe('test@testing.com')
  })

  it('lets the new administrator make the next user with its access token', async () => {
    const first = await post({
      email_address: 'first@chain.example',
      active: true,
      user_permissions: { IsAdmin: 'admin' },
    })
    const authorization = String(first.headers['postern-access-token'])
    const second = await post({ email_address: 'second@chain.example', active: true }, { authorization })
    expect(second.status, second.text).toBe(200)
    expect((await member('second@chain.example'))?.membership.allAccountGroupRoles).toEqual([])
  })

  it('stores neither the password nor the access token in clear', async () => {
    const { headers } = await post({
      email_address: 'clear@x.example',
      active: true,
      password: 'canary-passphrase',
    })
    const stored = JSON.stringify(await allItems(scene.table))
    expect(stored).not.toContain('canary-passphrase')
    expect(stored).not.toContain(String(headers['postern-access-token']))
  })

  it('takes read, write and deny for several sections at once', async () => {
    const body = {
      email_address: 'sections@x.example',
      active: true,
      user_permissions: { orders: 'read', users: 'write', system: 'deny', apis: 'deny' },
    }
    expect((await post(body)).status).toBe(200)
    expect((await member('sections@x.example'))?.membership.permissions).toEqual({
      [permissionKey(scene.organization.apiId, 'orders')]: 'read',
      'postern-users': 'write',
    })
  })

  it('refuses deny for a section that the role of an administrator grants, by the name in the request', async () => {
    const email_address = 'denied-admin@x.example'
    const refused = async (user_permissions: Record<string, string>) => {
      const { status, text } = await post({ email_address, active: true, user_permissions })
      return [status, text]
    }
    const [status, text] = await refused({ IsAdmin: 'admin', users: 'deny' })
    expect(status).toBe(400)
    expect(text).toContain('user_permissions.users')
    expect(text).toContain('Admin')
    expect(await member(email_address)).toBeUndefined()
    expect((await refused({ IsAdmin: 'admin', apis: 'deny' }))[0]).toBe(200)
  })

  it('makes a disabled user without active, whose token does not work', async () => {
    for (const active of [undefined, false]) {
      const email_address = `inactive-${active}@x.example`
      const { status, headers } = await post({ email_address, active })
      expect(status).toBe(200)
      expect((await member(email_address))?.user.status).toBe('disabled')
      const token = String(headers['postern-access-token'])
      await expect(callerWith(scene.table, token)).rejects.toThrow('user_disabled')
    }
  })

  it('accepts the user as Tyk shows it, and gives no meaning to what is Tyk’s own', async () => {
    const { status, text, headers } = await post({
      api_model: {},
      first_name: 'Itachi',
      last_name: 'Sasuke',
      email_address: 'multi-org-user@example.org',
      org_id: '5e9d9544a1dcd60001d0ed20',
      active: true,
      id: '66498cd1e2fcd1000184ecb5',
      access_key: 'd7ebef749e4348cb67fec3cfc81f0a50',
      user_permissions: { orders: 'read' },
      group_id: '',
      password_max_days: 0,
      password_updated: '2024-05-19T08:23:29.146+03:00',
      PWHistory: [],
      last_login_date: '2024-05-19T08:42:22.659839+03:00',
      created_at: '2024-05-19T08:23:29.034+03:00',
    })
    expect([status, text]).toEqual([200, '{"Message":"User created","Meta":null,"Status":"OK"}'])
    expect(headers['postern-access-token']).not.toContain('d7ebef749e4348cb67fec3cfc81f0a50')
    expect((await member('multi-org-user@example.org'))?.user.userId).not.toContain('66498cd1')
  })

  it('takes the token as Bearer and by Basic, too', async () => {
    const { token } = scene.organization
    const ways = [`Bearer ${token}`, basic('admin@postern.example', token)]
    for (const [index, authorization] of ways.entries()) {
      const { status } = await post({ email_address: `way-${index}@x.example` }, { authorization })
      expect(status).toBe(200)
    }
  })
})

describe('POST /api/users refuses in the shape of Tyk', () => {
  it.each<[string, object, string]>([
    ['an unknown field', { colour: 'red' }, 'colour: is not a field of this request'],
    ['a field of another model (U2)', { status: 'active' }, 'status: is not a field of this request'],
    ['a user group', { group_id: '5e9d' }, 'group_id: must be empty: there are no user groups here'],
    ['a password that expires', { password_max_days: 30 }, 'password_max_days: must be 0'],
    ['a broken e-mail', { email_address: 'not one' }, 'email_address: must be one plain e-mail address'],
    ['a list of e-mails', { email_address: ['a@x.example'] }, 'email_address: '],
    ['a name with NUL', { first_name: 'a\u0000b' }, 'first_name: must not contain line breaks'],
    ['a level that is none', { user_permissions: { orders: 'all' } }, 'user_permissions.orders: '],
    [
      'an unknown section',
      { user_permissions: { ordres: 'read' } },
      'user_permissions.ordres: is no section',
    ],
    [
      'a section of Tyk alone',
      { user_permissions: { apis: 'write' } },
      'user_permissions.apis: is a section',
    ],
    ['admin for a section', { user_permissions: { orders: 'admin' } }, 'user_permissions.orders: must be'],
    ['text for active', { active: 'true' }, 'active: '],
    ['a short password', { password: 'short' }, 'password: must have at least 8 characters'],
    ['a common password', { password: 'password123' }, 'password: is a common password'],
  ])('%s: 400', async (_, fields, message) => {
    const body = { email_address: 'refused@x.example', active: true, ...fields }
    const { status, headers, json } = await post(body)
    expect(status).toBe(400)
    expect(headers['content-type']).toBe('application/json;charset=UTF-8')
    expect(json).toEqual(refusal(expect.stringContaining(message)))
    expect(await member('refused@x.example')).toBeUndefined()
  })

  it('names every field at fault', async () => {
    const { json } = await post({ first_name: 7, colour: 'red' })
    expect(json).toEqual(refusal(expect.stringMatching(/^first_name: .*; email_address: .*; colour: /)))
  })

  it('broken JSON, a name given twice, __proto__: 400', async () => {
    for (const body of ['{', '{"active":true,"active":false}', '{"__proto__":{}}', '[]', 'null', '']) {
      const { status, json } = await post(body)
      expect([status, json]).toEqual([400, refusal(expect.any(String))])
    }
  })

  it('another content type: 415; a body that is too large: 413', async () => {
    const form = await post('a=b', { headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    expect([form.status, form.json]).toEqual([415, refusal('Send the body as application/json in UTF-8.')])
    const large = await post({ first_name: 'x'.repeat(300_000) })
    expect([large.status, large.json]).toEqual([413, refusal(expect.any(String))])
  })

  it('no credential or a wrong one: 401, with the scheme', async () => {
    const none = await post(documented, { authorization: '' })
    expect([none.status, none.json]).toEqual([401, refusal('A credential is needed')])
    expect(none.headers['www-authenticate']).toBe('Bearer realm="postern"')
    for (const authorization of ['7a7b140f-2480-4d5a-4e78-24049e3ba7f8', `${scene.organization.token}x`]) {
      const wrong = await post(documented, { authorization })
      expect([wrong.status, wrong.json]).toEqual([401, refusal('The credential was not accepted')])
    }
  })

  it('an e-mail that is taken, in any spelling: 409', async () => {
    await post({ email_address: 'taken@x.example', active: true })
    for (const email_address of ['taken@x.example', 'TAKEN@X.example']) {
      const { status, json } = await post({ email_address, active: true })
      expect([status, json]).toEqual([409, refusal('email_address: is taken')])
    }
  })

  it('gives the e-mail to one of twenty racers (U6)', async () => {
    const body = { email_address: 'race@x.example', active: true }
    const racers = await Promise.all(Array.from({ length: 20 }, () => post(body)))
    expect(racers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(racers.filter(({ status }) => status === 409)).toHaveLength(19)
  })

  it('a caller without the permission: 403', async () => {
    const { token } = await makeCaller(scene.table, scene.organization.admin, { username: 'nobody' })
    const { status, json } = await post(documented, { authorization: token })
    expect([status, json]).toEqual([403, refusal('This is not allowed')])
  })

  it('IsAdmin, and any section, from somebody who does not hold it: 403 (U3)', async () => {
    const { token: authorization } = await makeCaller(scene.table, scene.organization.admin, {
      username: 'tyk-helpdesk',
      permissions: { 'postern-users': 'write', orders: 'read' },
    })
    const u3 = (user_permissions: object) =>
      post({ email_address: 'u3@x.example', active: true, user_permissions }, { authorization })
    for (const permissions of [{ IsAdmin: 'admin' }, { orders: 'write' }, { system: 'read' }]) {
      const { status, json } = await u3(permissions)
      expect([status, json]).toEqual([403, refusal(expect.stringContaining('you do not hold'))])
    }
    expect((await u3({ orders: 'read' })).status).toBe(200)
  })

  it('a user who may call that path of a protected API, and does not manage users: 403', async () => {
    const { token: authorization } = await makeCaller(scene.table, scene.organization.admin, {
      username: 'same-path',
      endpoints: ['POST /api/users', 'POST /users/*'],
    })
    expect((await post({ email_address: 'path@x.example' }, { authorization })).status).toBe(403)
  })

  it('the id of another organization (U2): 400, while its own is fine', async () => {
    const other = await post({ email_address: 'org@x.example', org_id: 'org_0000000000' })
    expect([other.status, other.json]).toEqual([
      400,
      refusal('org_id: is not your organization; leave it out'),
    ])
    const own = { email_address: 'org@x.example', org_id: scene.organization.organizationId }
    expect((await post(own)).status).toBe(200)
  })

  it('an unknown account group: 400', async () => {
    const { status, json } = await post(documented, { aid: 999 })
    expect([status, json]).toEqual([400, refusal('aid: is not an account group of this organization')])
  })
})
