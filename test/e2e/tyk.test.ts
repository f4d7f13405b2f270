import { generateKeyPairSync, sign } from 'node:crypto'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect } from 'vitest'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { callerWith, paste, resetTokenFor, withinCacheTime } from './customer.ts'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import { it } from './kit.ts'
import type { Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'
import { storedText } from './stored-text.ts'
import { basic, bearer, codeOf, logIn, makeUser, sessionOf, statusesWith } from './tester.ts'

let laptop: Laptop
let inside: Inside
let apiKey: string

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  inside = await lookInside(laptop)
  apiKey = laptop.lines['admin token'] ?? ''
})

/** As Tyk documents it; only key and host are put in. */
const documentedCall = `
      curl -H "Authorization: {API-KEY}" -s -H "Content-Type: application/json" -X POST \\
        -d '{"first_name":"Test","last_name":"User","email_address":"test@testing.com","active":true,
             "user_permissions":{"IsAdmin":"admin"},"password":"thisisatest"}' http://{host}:{port}/api/users
`

const createdAnswer = { Message: 'User created', Meta: null, Status: 'OK' }
const password = 'thisisatest'

const createUser = (body: object, key = apiKey): Promise<Reply> =>
  ask(`${laptop.api}/api/users`, { headers: { authorization: key }, body })

/** A user with these permissions, and its access token. */
const userWith = async (emailAddress: string, permissions: object) => {
  const reply = await createUser({
    first_name: 'Test',
    last_name: 'User',
    email_address: emailAddress,
    active: true,
    user_permissions: permissions,
    password,
  })
  if (reply.status !== 200) throw new Error(`${emailAddress} was not made: ${reply.text}`)
  const token = String(reply.headers['postern-access-token'])
  const { users } = (await laptop.admin(`/v1/users?q=${encodeURIComponent(emailAddress)}`)).json as {
    users: { userId: UserId }[]
  }
  const userId = users[0]?.userId ?? 'usr_none'
  return { userId, token, call: callerWith(laptop, { authorization: token }) }
}

const changePassword = (session: string, body: object): Promise<Reply> =>
  ask(`${laptop.api}/v1/users/me/password`, { method: 'PUT', headers: bearer(session), body })

describe('users as Tyk Dashboard documents them', () => {
  it('answers the documented call as it stands, and the user is active at once', async () => {
    const { host } = new URL(laptop.api)
    const command = documentedCall.replace('{API-KEY}', apiKey).replace('{host}:{port}', host)
    expect(await paste(command)).toBe('{"Message":"User created","Meta":null,"Status":"OK"}')
    const session = await sessionOf(laptop, 'test@testing.com', password)
    expect((await ask(`${laptop.api}/v1/users/me`, { headers: bearer(session) })).json).toMatchObject({
      user: {
        username: 'test@testing.com',
        email: 'test@testing.com',
        firstName: 'Test',
        lastName: 'User',
        status: 'active',
        roles: ['Admin'],
      },
    })
    expect((await ask(`${laptop.api}/v1/users`, { headers: bearer(session) })).status).toBe(200)
  })

  it('refuses the call without a good key, and says so as Tyk does', async () => {
    const body = { email_address: 'stranger@testing.com', active: true, password }
    for (const key of ['', 'wrong', `${apiKey}0`]) {
      const reply = await createUser(body, key)
      expect([key, reply.status, reply.json]).toMatchObject([key, 401, { Status: 'Error', Meta: null }])
    }
    expect((await laptop.admin('/v1/users?q=stranger@testing.com')).json).toMatchObject({ users: [] })
  })

  it('creates the API access token of the user with it', async () => {
    const { userId, call } = await userWith('token@testing.com', { IsAdmin: 'admin' })
    expect((await call('/v1/users/me')).json).toMatchObject({ user: { userId } })
    expect((await call('/api/users', { body: { email_address: 'by-token@testing.com' } })).json).toEqual(
      createdAnswer,
    )
    expect((await laptop.admin(`/v1/users/${userId}/keys`)).json).toMatchObject({
      credentials: [{ kind: 'token' }],
    })
  })

  it('takes the e-mail as login name, for one user only', async () => {
    await userWith('login.name@testing.com', {})
    expect((await logIn(laptop, 'Login.Name@testing.com', password)).status).toBe(200)
    const again = await createUser({ email_address: 'LOGIN.NAME@testing.com', active: true, password })
    expect([again.status, again.json]).toMatchObject([409, { Status: 'Error' }])
  })

  it('hashes and salts passwords before storing them', async () => {
    const secret = 'one passphrase of two people'
    const ids = []
    for (const name of ['salt-1@testing.com', 'salt-2@testing.com']) {
      expect((await createUser({ email_address: name, active: true, password: secret })).status).toBe(200)
      const found = (await laptop.admin(`/v1/users?q=${name}`)).json as { users: { userId: UserId }[] }
      ids.push(found.users[0]?.userId ?? 'usr_none')
    }
    const stored = await storedText(inside)
    expect(stored).not.toContain(secret)
    const hashes = [...stored.matchAll(/\$argon2id\$[^"]+/g)].map(([hash]) => hash)
    expect(hashes.length).toBeGreaterThanOrEqual(ids.length)
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  it('lets a user who is not active use neither the console nor the API', async () => {
    for (const [email, active] of [
      ['inactive@testing.com', { active: false }],
      ['unsaid@testing.com', {}],
    ] as const) {
      const reply = await createUser({
        email_address: email,
        password,
        user_permissions: { IsAdmin: 'admin' },
        ...active,
      })
      expect(reply.status, reply.text).toBe(200)
      const headers = { authorization: String(reply.headers['postern-access-token']) }
      expect((await logIn(laptop, email, password)).status).toBe(401)
      expect((await ask(`${laptop.api}/v1/users`, { headers })).status).toBe(401)
      expect((await ask(`${laptop.api}/demo/orders`, { headers })).status).toBe(403)
    }
  })

  it('keeps its users apart from the end users of protected APIs: one kind cannot log in as the other', async () => {
    const { userId } = await userWith('both@testing.com', { IsAdmin: 'admin' })
    // A token that the protected API's own login would give to an end user of the same name.
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: 'https://shop.example', sub: userId, email: 'both@testing.com', exp: now + 600 }
    const content = `${encoded({ alg: 'RS256', typ: 'JWT', kid: 'shop' })}.${encoded(claims)}`
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const endUser = `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`
    expect(await statusesWith(laptop, `Bearer ${endUser}`)).toEqual({ own: 401, behindAuthorizer: 403 })
    // And the password of the dashboard is none for the API.
    const { authorization } = basic('both@testing.com', password)
    expect(await statusesWith(laptop, authorization)).toEqual({ own: 401, behindAuthorizer: 403 })
  })

  it('reads with read, writes with write', async () => {
    const body = { email_address: 'made@testing.com', active: true }
    const reader = await userWith('reader@testing.com', { users: 'read' })
    expect((await reader.call('/v1/users')).status).toBe(200)
    expect((await reader.call('/api/users', { body })).status).toBe(403)
    const writer = await userWith('writer@testing.com', { users: 'write' })
    expect((await writer.call('/v1/users')).status).toBe(200)
    expect((await writer.call('/api/users', { body })).json).toEqual(createdAnswer)
  })

  it('reads and writes the sections of a protected API likewise', async () => {
    const order = { article: 'Lamp', quantity: 1 }
    const expected = [
      ['read', 200, 403],
      ['write', 200, 201],
      ['deny', 403, 403],
    ] as const
    for (const [level, reading, writing] of expected) {
      const { call } = await userWith(`orders-${level}@testing.com`, { orders: level })
      const statuses = [(await call('/demo/orders')).status]
      statuses.push((await call('/demo/orders', { body: order })).status)
      expect([level, ...statuses]).toEqual([level, reading, writing])
    }
  })

  it('takes deny as absence, and refuses it where a role grants the section all the same', async () => {
    const { userId, call } = await userWith('denied@testing.com', { orders: 'deny', users: 'read' })
    expect((await laptop.admin(`/v1/users/${userId}`)).json).toMatchObject({
      user: { permissions: { 'postern-users': 'read' } },
    })
    expect((await call('/v1/users')).status).toBe(200)
    expect((await call('/demo/orders')).status).toBe(403)
    const both = await createUser({
      email_address: 'denied-admin@testing.com',
      active: true,
      user_permissions: { IsAdmin: 'admin', orders: 'deny' },
    })
    expect([both.status, both.json]).toMatchObject([400, { Status: 'Error' }])
    expect(both.text).toContain('user_permissions.orders')
    expect(both.text).toContain('Admin')
    // Rights only add up: a role that is given later grants it.
    await laptop.admin(`/v1/users/${userId}/roles`, {
      method: 'PUT',
      body: { allAccountGroupRoles: [{ roleId: 6 }] },
    })
    const granted = async () => (await call('/demo/orders')).status
    await expect.poll(granted, withinCacheTime).toBe(200)
  })

  it('allows nothing when nothing is granted', async () => {
    for (const [index, permissions] of [{}, { orders: 'deny', users: 'deny' }].entries()) {
      const { call } = await userWith(`nothing-${index}@testing.com`, permissions)
      for (const path of ['/v1/users', '/v1/organization', '/v1/audit', '/demo/orders'])
        expect([path, (await call(path)).status]).toEqual([path, 403])
    }
  })

  it('enforces permissions as soon as one read exists', async () => {
    const { call } = await userWith('one-read@testing.com', { audit_logs: 'read' })
    expect((await call('/v1/audit')).status).toBe(200)
    for (const path of ['/v1/users', '/v1/organization', '/demo/orders'])
      expect([path, (await call(path)).status]).toEqual([path, 403])
  })

  it('serves what needs several sections to those who hold all of them', async () => {
    const both = await userWith('both-sections@testing.com', { users: 'write', keys: 'write' })
    const one = await userWith('one-section@testing.com', { users: 'write' })
    const { userId } = await userWith('owner@testing.com', {})
    for (const [{ call }, status] of [
      [both, 201],
      [one, 403],
    ] as const) {
      expect((await call('/v1/users')).status).toBe(200)
      const key = await call(`/v1/users/${userId}/keys`, { body: { name: 'new', kind: 'key' } })
      expect(key.status, key.text).toBe(status)
    }
  })

  it('names sections and levels that it does not know instead of dropping them', async () => {
    const reply = await createUser({
      email_address: 'misspelt@testing.com',
      active: true,
      user_permissions: { ordres: 'read' },
    })
    expect([reply.status, reply.json]).toMatchObject([400, { Status: 'Error' }])
    expect(reply.text).toContain('user_permissions.ordres')
  })

  it('mails a link for a forgotten password to the login e-mail, valid for 1000 seconds', async () => {
    const { userId } = await userWith('forgot@testing.com', {})
    const before = Math.floor(Date.now() / 1000)
    const first = await resetTokenFor(laptop, 'forgot@testing.com', 'forgot@testing.com')
    const row = { TableName: inside.table.tableName, Key: keys.resetToken(userId) }
    const update = async (expiresAtSeconds: number) =>
      await inside.table.client.send(
        new UpdateCommand({
          ...row,
          UpdateExpression: 'SET expiresAtSeconds = :then',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':then': expiresAtSeconds },
          ReturnValues: 'UPDATED_OLD',
        }),
      )
    const now = Math.floor(Date.now() / 1000)
    const expiresAt = Number((await update(now - 1)).Attributes?.['expiresAtSeconds'])
    expect(expiresAt).toBeGreaterThanOrEqual(before + 1000)
    expect(expiresAt).toBeLessThanOrEqual(now + 1000)
    const confirm = () =>
      ask(`${laptop.api}/v1/password-resets/confirm`, {
        body: { token: first, newPassword: 'a remembered one', confirmPassword: 'a remembered one' },
      })
    expect(codeOf(await confirm())).toBe('reset_token_invalid')
    await update(expiresAt)
    expect((await confirm()).status).toBe(204)
    await sessionOf(laptop, 'forgot@testing.com', 'a remembered one')
  })

  it('changes a password with current, new and confirmation, and logs the user out', async () => {
    await userWith('changer@testing.com', { orders: 'read' })
    const session = await sessionOf(laptop, 'changer@testing.com', password)
    expect(await statusesWith(laptop, `Bearer ${session}`)).toEqual({ own: 200, behindAuthorizer: 200 })
    const newPassword = 'an entirely new one'
    const good = { currentPassword: password, newPassword, confirmPassword: newPassword }
    const refusals = [
      [{ ...good, currentPassword: 'not the current one' }, 'current_password_wrong'],
      [{ ...good, confirmPassword: 'an entirely other one' }, 'invalid_request'],
      [{ currentPassword: password, newPassword }, 'invalid_request'],
    ] as const
    for (const [body, code] of refusals) {
      const refused = await changePassword(session, body)
      expect([refused.status, codeOf(refused)]).toEqual([400, code])
    }
    expect((await changePassword(session, good)).status).toBe(204)
    expect((await statusesWith(laptop, `Bearer ${session}`)).own).toBe(401)
    const behind = async () => (await statusesWith(laptop, `Bearer ${session}`)).behindAuthorizer
    await expect.poll(behind, withinCacheTime).toBe(403)
    expect((await logIn(laptop, 'changer@testing.com', password)).status).toBe(401)
    await sessionOf(laptop, 'changer@testing.com', newPassword)
  })

  it('lets nobody change the password of another user', async () => {
    const { user } = await makeUser(laptop, { username: 'victim', password })
    const body = {
      currentPassword: password,
      newPassword: 'an imposed one',
      confirmPassword: 'an imposed one',
    }
    const byPath = await laptop.admin(`/v1/users/${user.userId}/password`, { method: 'PUT', body })
    expect(byPath.status).toBe(404)
    for (const field of ['password', 'newPassword']) {
      const byField = await laptop.admin(`/v1/users/${user.userId}`, {
        method: 'PATCH',
        body: { [field]: 'an imposed one' },
      })
      expect([field, byField.status]).toEqual([field, 400])
    }
    const named = await laptop.admin('/v1/users/me/password', {
      method: 'PUT',
      body: { ...body, userId: user.userId },
    })
    expect(named.status).toBe(400)
    expect((await logIn(laptop, 'victim', password)).status).toBe(200)
  })
})
