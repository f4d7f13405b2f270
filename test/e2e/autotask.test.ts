import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { callerWith, resetTokenFor, untilNoted, withinCacheTime } from './customer.ts'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import { it } from './kit.ts'
import type { Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'
import { storedText } from './stored-text.ts'
import type { Created } from './tester.ts'
import { basic, bearer, codeOf, makeUser, sessionOf, times } from './tester.ts'

let laptop: Laptop
let inside: Inside

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  inside = await lookInside(laptop)
})

const password = 'a passphrase of a person'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'

const change = (userId: UserId, body: object) =>
  laptop.admin(`/v1/users/${userId}`, { method: 'PATCH', body })

const tokenRequest = (fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Reply> =>
  ask(`${laptop.api}/oauth/token`, {
    raw: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })

const tokenIn = (reply: Reply): string => {
  if (reply.status !== 200) throw new Error(`no token: ${reply.text}`)
  return (reply.json as { access_token: string }).access_token
}

/** Token exchange (RFC 8693), as an integrator does it with the key pair that it was given. */
const actAs = async ({ keyId, secret }: Created['credential'], username: string): Promise<Reply> => {
  const own = tokenIn(await tokenRequest({ grant_type: 'client_credentials' }, basic(keyId, secret)))
  return await tokenRequest(
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: own,
      subject_token_type: accessToken,
      requested_subject: username,
    },
    basic(keyId, secret),
  )
}

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe('API users as Autotask documents them', () => {
  it('lets only an administrator create an API user', async () => {
    for (const role of ['User', 'Read Only', 'Regular User', 'Admin']) {
      const username = `creator-${role.replace(' ', '-')}`
      await makeUser(laptop, { username, password, role })
      const call = callerWith(laptop, bearer(await sessionOf(laptop, username, password)))
      const reply = await call('/v1/users', { body: { username: `${username}-made`, generate: 'key' } })
      expect([role, reply.status]).toEqual([role, role === 'Admin' ? 201 : 403])
    }
  })

  it('lets only somebody with full administrative rights give impersonation rights', async () => {
    await makeUser(laptop, { username: 'account-admin', password, role: 'Account Admin' })
    const call = callerWith(laptop, bearer(await sessionOf(laptop, 'account-admin', password)))
    expect((await call('/v1/users', { body: { username: 'harmless' } })).status).toBe(201)
    for (const impersonation of ['full', 'selected']) {
      const reply = await call('/v1/users', { body: { username: `sly-${impersonation}`, impersonation } })
      expect([reply.status, codeOf(reply)]).toEqual([403, 'grant_not_held'])
    }
  })

  it('takes first name, last name, and an e-mail that need not be deliverable', async () => {
    const { user } = await makeUser(laptop, {
      username: 'integration',
      firstName: 'MSP',
      lastName: 'Integrations',
      email: 'nobody@does-not-exist.invalid',
    })
    expect((await laptop.admin(`/v1/users/${user.userId}`)).json).toMatchObject({
      user: {
        firstName: 'MSP',
        lastName: 'Integrations',
        name: 'MSP Integrations',
        email: 'nobody@does-not-exist.invalid',
      },
    })
  })

  it('lets several users share one e-mail', async () => {
    const email = 'shared@msp.example'
    for (const username of ['sharer-1', 'sharer-2']) await makeUser(laptop, { username, email, password })
    const found = (await laptop.admin('/v1/users?q=shared@msp.example')).json as { users: unknown[] }
    expect(found.users).toHaveLength(2)
    const token = await resetTokenFor(laptop, 'sharer-2', email)
    const newPassword = 'a passphrase of the second only'
    const confirmed = await ask(`${laptop.api}/v1/password-resets/confirm`, {
      body: { token, newPassword, confirmPassword: newPassword },
    })
    expect(confirmed.status).toBe(204)
    await sessionOf(laptop, 'sharer-2', newPassword)
    await sessionOf(laptop, 'sharer-1', password)
  })

  it('lets an API user with full impersonation rights act as any user, and the audit names both', async () => {
    const full = await makeUser(laptop, { username: 'full-rights', impersonation: 'full', generate: 'key' })
    const person = await makeUser(laptop, { username: 'technician', permissions: { orders: 'read' } })
    const before = await ask(`${laptop.api}/demo/orders`, {
      headers: basic(full.credential.keyId, full.credential.secret),
    })
    expect(before.status).toBe(403)

    const reply = await actAs(full.credential, 'technician')
    expect(reply.json).toMatchObject({ token_type: 'Bearer', issued_token_type: accessToken })
    const token = tokenIn(reply)
    expect(claimsOf(token)).toMatchObject({ sub: person.user.userId, act: { sub: full.user.userId } })
    const orders = await ask(`${laptop.api}/demo/orders`, { headers: bearer(token) })
    expect(orders.json).toMatchObject({
      caller: { userId: person.user.userId, username: 'technician', actorId: full.user.userId },
    })
    const started = (await laptop.admin(`/v1/audit?action=impersonation.started&actor=${full.user.userId}`))
      .json
    expect(started).toMatchObject({
      rows: [{ actor: { userId: full.user.userId }, targetUserId: person.user.userId }],
    })
    // It reaches the protected API, and neither management nor what people do with themselves.
    const noted = async () => {
      for (const path of ['/v1/users', '/v1/users/me', '/v1/users/me/memberships']) {
        const denied = await ask(`${laptop.api}${path}`, { headers: bearer(token) })
        expect([path, denied.status]).toEqual([path, 403])
      }
      const { json } = await laptop.admin(`/v1/audit?action=request.refused&actor=${full.user.userId}`)
      return (json as { rows: object[] }).rows.slice(0, 3)
    }
    await expect.poll(noted, untilNoted).toMatchObject(
      times(3, () => ({
        reason: 'acting_refused',
        actor: { userId: person.user.userId, actingUserId: full.user.userId },
      })),
    )
  })

  it('adds impersonation of chosen resources to an API user (system) later', async () => {
    const system = await makeUser(laptop, { username: 'system', generate: 'key' })
    const chosen = await makeUser(laptop, { username: 'chosen', permissions: { orders: 'read' } })
    await makeUser(laptop, { username: 'not-chosen', permissions: { orders: 'read' } })
    expect((await actAs(system.credential, 'chosen')).json).toMatchObject({ error: 'invalid_grant' })
    expect((await laptop.admin(`/v1/audit?actor=${system.user.userId}`)).json).toMatchObject({
      rows: [
        { action: 'login.refused', reason: 'impersonation_refused', request: 'POST /oauth/token' },
        { action: 'token.issued', actor: { keyId: system.credential.keyId } },
      ],
    })

    const added = await change(system.user.userId, {
      impersonation: 'selected',
      impersonationTargets: [chosen.user.userId],
    })
    expect(added.json).toMatchObject({
      user: { impersonation: 'selected', impersonationTargets: [chosen.user.userId] },
    })
    const token = tokenIn(await actAs(system.credential, 'chosen'))
    expect((await ask(`${laptop.api}/demo/orders`, { headers: bearer(token) })).status).toBe(200)
    expect((await actAs(system.credential, 'not-chosen')).json).toMatchObject({ error: 'invalid_grant' })

    await change(system.user.userId, { impersonation: 'none' })
    expect((await actAs(system.credential, 'chosen')).json).toMatchObject({ error: 'invalid_grant' })
  })

  it('ends acting as somebody as soon as whoever acts may not any more (T4, T7)', async () => {
    const person = await makeUser(laptop, { username: 'acted-as', permissions: { orders: 'read' } })
    const other = await makeUser(laptop, { username: 'not-acted-as' })
    const selected = { impersonation: 'selected', impersonationTargets: [person.user.userId] }
    const ways = {
      'its key is revoked': ({ user, credential }: Created) =>
        laptop.admin(`/v1/users/${user.userId}/keys/${credential.keyId}`, { method: 'DELETE' }),
      'it is disabled': ({ user }: Created) => change(user.userId, { status: 'disabled' }),
      'its roles change': ({ user }: Created) => change(user.userId, { role: 'Read Only' }),
      'it may act as nobody': ({ user }: Created) => change(user.userId, { impersonation: 'none' }),
      'it may act as others': ({ user }: Created) =>
        change(user.userId, { ...selected, impersonationTargets: [other.user.userId] }),
      'it is deleted': ({ user }: Created) => laptop.admin(`/v1/users/${user.userId}`, { method: 'DELETE' }),
    }
    const tried = Object.entries(ways).map(async ([way, end], index) => {
      const actor = await makeUser(laptop, { username: `actor-${index}`, ...selected, generate: 'key' })
      const token = tokenIn(await actAs(actor.credential, 'acted-as'))
      const own = async () => (await ask(`${laptop.api}/v1/users/me`, { headers: bearer(token) })).status
      const behind = async () => (await ask(`${laptop.api}/demo/orders`, { headers: bearer(token) })).status
      // Postern's own API knows who it is, and serves nobody who acts as another.
      expect([way, await own(), await behind()]).toEqual([way, 403, 200])
      expect((await end(actor)).status, way).toBeLessThan(300)
      expect([way, await own()]).toEqual([way, 401])
      await expect.poll(behind, { ...withinCacheTime, message: way }).toBe(403)
    })
    await Promise.all(tried)
    // The user itself is as before.
    expect((await laptop.admin(`/v1/users/${person.user.userId}`)).json).toMatchObject({
      user: { status: 'active' },
    })
  })

  it('exchanges no token that does not hold, even for a client that may impersonate', async () => {
    const { credential } = await makeUser(laptop, {
      username: 'careless',
      impersonation: 'full',
      generate: 'key',
    })
    await makeUser(laptop, { username: 'careless-target' })
    const reply = await tokenRequest(
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: 'never given out by anybody',
        subject_token_type: accessToken,
        requested_subject: 'careless-target',
      },
      basic(credential.keyId, credential.secret),
    )
    // RFC 8693 section 2.2.2
    expect([reply.status, reply.json]).toMatchObject([400, { error: 'invalid_request' }])
  })

  it('keeps the primary internal location', async () => {
    const { user } = await makeUser(laptop, { username: 'located', location: 'Headquarters, Berlin' })
    expect((await laptop.admin(`/v1/users/${user.userId}`)).json).toMatchObject({
      user: { location: 'Headquarters, Berlin' },
    })
    expect((await change(user.userId, { location: 'Branch 2' })).json).toMatchObject({
      user: { location: 'Branch 2' },
    })
  })

  it('generates a key and a secret, shown then and never again', async () => {
    const { user, credential } = await makeUser(laptop, { username: 'noted-down', generate: 'key' })
    expect(credential.secret).toMatch(/^pst_/)
    for (const path of ['', '/keys'])
      expect((await laptop.admin(`/v1/users/${user.userId}${path}`)).text).not.toContain(credential.secret)
    const another = await laptop.admin(`/v1/users/${user.userId}/keys`, {
      body: { name: 'second', kind: 'key' },
    })
    expect(another.json).toMatchObject({
      credential: { keyId: expect.stringMatching(/^key_/), secret: expect.any(String) },
    })
    expect(await storedText(inside)).not.toContain(credential.secret)
    expect(inside.functionsLog()).not.toContain(credential.secret)
  })

  it('serves the integrator who has key and secret as username and password', async () => {
    const { credential } = await makeUser(laptop, {
      username: 'integrator',
      permissions: { orders: 'write' },
      generate: 'key',
    })
    const call = callerWith(laptop, basic(credential.keyId, credential.secret))
    expect((await call('/demo/orders')).status).toBe(200)
    expect((await call('/demo/orders', { body: { article: 'Lamp', quantity: 1 } })).status).toBe(201)
    const wrong = callerWith(laptop, basic(credential.keyId, `${credential.secret.slice(0, -1)}0`))
    expect((await wrong('/v1/users/me')).status).toBe(401)
  })

  it('has an integration vendor picked from a list, by which every call and change is attributable', async () => {
    const listed = await laptop.admin('/v1/integration-vendors', { body: { name: 'MSPintegrations' } })
    expect(listed.status, listed.text).toBe(201)
    const { vendorId } = (listed.json as { integrationVendor: { vendorId: string } }).integrationVendor
    const { integrationVendors } = (await laptop.admin('/v1/integration-vendors')).json as {
      integrationVendors: object[]
    }
    expect(integrationVendors).toContainEqual(expect.objectContaining({ vendorId, name: 'MSPintegrations' }))
    const unlisted = await laptop.admin('/v1/users', {
      body: { username: 'unlisted', integrationVendor: 'Somebody else' },
    })
    expect([unlisted.status, unlisted.json]).toMatchObject([400, { errors: [{ path: 'integrationVendor' }] }])

    const { user, credential } = await makeUser(laptop, {
      username: 'tracked',
      role: 'Admin',
      integrationVendor: 'MSPintegrations',
      generate: 'key',
    })
    const call = callerWith(laptop, basic(credential.keyId, credential.secret))
    expect((await call('/demo/orders')).json).toMatchObject({ caller: { integrationVendor: vendorId } })
    const made = await call('/v1/users', { body: { username: 'made-by-vendor' } })
    expect(made.status, made.text).toBe(201)
    expect((await call('/v1/users', { body: { username: 'made-by-vendor' } })).status).toBe(409)
    // Its usage is counted per vendor, in lines that CloudWatch makes metrics of.
    const counted = () =>
      readFileSync(laptop.lines['logs'] ?? '', 'utf8')
        .split('\n')
        .filter((line) => line.includes('"_aws"') && line.includes(`"${vendorId}"`))
        .map((line) => line.split('\t')[0])
    await expect.poll(counted).toEqual(['authorizer', 'create-user', 'create-user'])
    const { rows } = (await laptop.admin(`/v1/audit?actor=${user.userId}`)).json as { rows: object[] }
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows)
      expect(row).toMatchObject({ actor: { userId: user.userId, integrationVendor: vendorId } })
  })

  it('creates, updates, queries and deletes through the API with key and secret', async () => {
    const { credential } = await makeUser(laptop, { username: 'crud', role: 'Admin', generate: 'key' })
    const call = callerWith(laptop, basic(credential.keyId, credential.secret))
    const created = await call('/v1/users', { body: { username: 'entity', firstName: 'One' } })
    const { userId } = (created.json as Created).user
    const updated = await call(`/v1/users/${userId}`, { method: 'PATCH', body: { firstName: 'Two' } })
    expect(updated.json).toMatchObject({ user: { firstName: 'Two' } })
    expect((await call('/v1/users?q=entity')).json).toMatchObject({ users: [{ userId, firstName: 'Two' }] })
    expect((await call(`/v1/users/${userId}`, { method: 'DELETE' })).status).toBe(204)
    expect((await call(`/v1/users/${userId}`)).status).toBe(404)
  })
})
