import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect } from 'vitest'
import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { callerWith, withinCacheTime } from './customer.ts'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import { it } from './kit.ts'
import type { Ask, Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'
import { decisionOn as keptDecisionOn } from './organizations.ts'
import type { Created } from './tester.ts'
import { basic, codeOf, makeUser, sessionOf, statusesWith } from './tester.ts'

let laptop: Laptop
let inside: Inside

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  inside = await lookInside(laptop)
})

const password = 'a passphrase of a user'
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()

type Credential = Created['credential']
type Listed = {
  readonly keyId: KeyId
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

const authorizationOf = ({ keyId, secret }: Credential): string => basic(keyId, secret).authorization

const orders = (authorization: string, given: Ask = {}): Promise<Reply> =>
  ask(`${laptop.api}/demo/orders`, { ...given, headers: { authorization, ...given.headers } })

const ownStatus = async (authorization: string): Promise<number> =>
  (await ask(`${laptop.api}/v1/users/me`, { headers: { authorization } })).status

/** A user who may read orders, with a key. */
const reader = (username: string, fields: object = {}) =>
  makeUser(laptop, { username, permissions: { orders: 'read' }, generate: 'key', ...fields })

const rotate = async ({ user, credential }: Created, body: object): Promise<Credential> => {
  const path = `/v1/users/${user.userId}/keys/${credential.keyId}/rotate`
  const reply = await laptop.admin(path, { body })
  if (reply.status !== 201) throw new Error(`not rotated: ${reply.text}`)
  return (reply.json as { credential: Credential }).credential
}

const listedKey = async (userId: UserId, keyId: KeyId): Promise<Listed | undefined> => {
  const { credentials } = (await laptop.admin(`/v1/users/${userId}/keys`)).json as { credentials: Listed[] }
  return credentials.find((credential) => credential.keyId === keyId)
}

const sessionFrom = async (credential: Credential): Promise<string> => {
  const reply = await ask(`${laptop.api}/oauth/token`, {
    raw: 'grant_type=client_credentials',
    headers: {
      authorization: authorizationOf(credential),
      'content-type': 'application/x-www-form-urlencoded',
    },
  })
  return (reply.json as { access_token: string }).access_token
}

const requestIdOf = (reply: Reply): string => encodeURIComponent(String(reply.headers['apigw-requestid']))
const decisionOn = (reply: Reply): Promise<unknown> => keptDecisionOn(laptop.admin, reply)

describe('what users of such services ask for', () => {
  it('rotates a key by its own user without a body, and makes none unless the organization says so', async () => {
    const made = await reader('self-service')
    const call = callerWith(laptop, { authorization: authorizationOf(made.credential) })
    const own = `/v1/users/me/keys/${made.credential.keyId}`
    const rotated = await call(`${own}/rotate`, { method: 'POST' })
    expect(rotated.status, rotated.text).toBe(201)
    const { credential } = rotated.json as { credential: Credential }
    expect(credential).toMatchObject({ replaces: made.credential.keyId })
    expect((await orders(authorizationOf(credential))).status).toBe(200)
    const refused = await call('/v1/users/me/keys', { body: { name: 'more', kind: 'key' } })
    expect([refused.status, codeOf(refused)]).toEqual([403, 'self_service_off'])
    expect((await call('/v1/users/me/keys')).json).toMatchObject({
      credentials: [{ keyId: credential.keyId }, { replacedBy: credential.keyId }],
    })
    expect((await call(own, { method: 'DELETE' })).status).toBe(204)
  })

  it('rotates with an overlap: old and new secret work side by side', async () => {
    const made = await reader('overlapping')
    const fresh = await rotate(made, { overlapSeconds: 3600 })
    expect(fresh.secret).not.toBe(made.credential.secret)
    for (const credential of [made.credential, fresh, made.credential])
      expect(await statusesWith(laptop, authorizationOf(credential))).toEqual({
        own: 200,
        behindAuthorizer: 200,
      })
    const old = await listedKey(made.user.userId, made.credential.keyId)
    expect(Date.parse(old?.expiresAt ?? '')).toBeGreaterThan(Date.now() + 3_000_000)
  })

  it('ends the old secret when the timer has run out', async () => {
    const made = await reader('timed')
    const fresh = await rotate(made, { overlapSeconds: 1 })
    const old = () => ownStatus(authorizationOf(made.credential))
    await expect.poll(old, { interval: 100 }).toBe(401)
    expect(await ownStatus(authorizationOf(fresh))).toBe(200)
    const now = await reader('timed-to-nothing')
    await rotate(now, { overlapSeconds: 0 })
    expect(await ownStatus(authorizationOf(now.credential))).toBe(401)
  })

  it('ends the old secret as soon as the new one is first used, if that is wished', async () => {
    const made = await reader('until-used')
    const fresh = await rotate(made, { overlapSeconds: 3600, endOldOnFirstUse: true })
    const old = () => statusesWith(laptop, authorizationOf(made.credential))
    expect(await old()).toEqual({ own: 200, behindAuthorizer: 200 })
    expect((await orders(authorizationOf(fresh))).status).toBe(200)
    expect((await old()).own).toBe(401)
    await expect.poll(async () => (await old()).behindAuthorizer, withinCacheTime).toBe(403)
  })

  it('never lets an overlap outlive the old secret’s own expiry', async () => {
    const { user } = await reader('expiring-soon')
    const expiresAt = inAnHour()
    const made = await laptop.admin(`/v1/users/${user.userId}/keys`, {
      body: { name: 'an hour', kind: 'key', expiresAt },
    })
    const { credential } = made.json as { credential: Credential }
    await rotate({ user, credential }, { overlapSeconds: 86_400 })
    expect((await listedKey(user.userId, credential.keyId))?.expiresAt).toBe(expiresAt)
  })

  it('gives keys an expiry, after which they are dead wherever they are presented', async () => {
    const { user } = await reader('expiring')
    const path = `/v1/users/${user.userId}/keys`
    const past = new Date(Date.now() - 1000).toISOString()
    const late = await laptop.admin(path, { body: { name: 'late', kind: 'key', expiresAt: past } })
    expect(late.status).toBe(400)
    const made = await laptop.admin(path, { body: { name: 'hour', kind: 'key', expiresAt: inAnHour() } })
    const { credential } = made.json as { credential: Credential }
    expect(await ownStatus(authorizationOf(credential))).toBe(200)
    const asked = {
      keyId: credential.keyId,
      method: 'GET',
      path: '/orders',
      address: '127.0.0.1',
      time: new Date(Date.now() + 7_200_000).toISOString(),
    }
    const later = await laptop.admin('/v1/access/explain', { body: asked })
    expect(later.json).toMatchObject({ allowed: false, reason: 'credential_expired' })
    await inside.table.client.send(
      new UpdateCommand({
        TableName: inside.table.tableName,
        Key: keys.credential(user.userId, credential.keyId),
        UpdateExpression: 'SET expiresAt = :past',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':past': past },
      }),
    )
    expect(await statusesWith(laptop, authorizationOf(credential))).toEqual({
      own: 401,
      behindAuthorizer: 403,
    })
  })

  it('tells when a key was last used', async () => {
    const { user, credential } = await reader('used')
    expect((await listedKey(user.userId, credential.keyId))?.lastUsedAt).toBeNull()
    const before = Date.now()
    expect((await orders(authorizationOf(credential))).status).toBe(200)
    const used = async () => Date.parse((await listedKey(user.userId, credential.keyId))?.lastUsedAt ?? '')
    await expect.poll(used).toBeGreaterThanOrEqual(before)
  })

  it('keeps an account of every use, every change and every failure', async () => {
    const { user, credential } = await reader('accounted', { password })
    const authorization = authorizationOf(credential)
    await laptop.admin(`/v1/users/${user.userId}`, { method: 'PATCH', body: { description: 'changed' } })
    await ask(`${laptop.api}/v1/users`, { headers: { authorization } })
    // From an address of its own: refusals of strangers are written one by one only up to ten a minute for one address.
    const wrong = { username: 'accounted', password: 'not the password' }
    expect((await ask(`${laptop.api}/v1/auth/login`, { body: wrong, from: '127.0.0.77' })).status).toBe(401)
    const session = await sessionOf(laptop, 'accounted', password)
    const { jti } = JSON.parse(Buffer.from(session.split('.')[1] ?? '', 'base64url').toString())
    const issued = await ask(`${laptop.api}/oauth/token`, {
      raw: 'grant_type=client_credentials',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(issued.status, issued.text).toBe(200)
    const about = async () => {
      const rows = await Promise.all(
        ['target', 'actor'].map(async (side) => {
          const reply = await laptop.admin(`/v1/audit?${side}=${user.userId}`)
          return (reply.json as { rows: object[] }).rows
        }),
      )
      return rows.flat()
    }
    const row = (fields: object) => expect.arrayContaining([expect.objectContaining(fields)])
    for (const fields of [
      { action: 'user.created', outcome: 'done', address: '127.0.0.1' },
      { action: 'user.changed', changes: [{ field: 'description', before: '', after: 'changed' }] },
      { action: 'request.refused', reason: 'permission_not_granted' },
      { action: 'login.refused', reason: 'wrong_password' },
      { action: 'login.succeeded', outcome: 'done', address: '127.0.0.1', targetId: jti },
      {
        action: 'token.issued',
        targetId: expect.stringMatching(/^ses_/),
        actor: expect.objectContaining({ userId: user.userId, keyId: credential.keyId }),
      },
    ])
      await expect.poll(about, withinCacheTime).toEqual(row(fields))
    const served = await orders(authorization)
    const requestId = String(served.headers['apigw-requestid'])
    const entry = () =>
      inside
        .functionsLog()
        .split('\n')
        .find((line) => line.includes(requestId) && line.includes('"decision"'))
    await expect.poll(entry, withinCacheTime).toContain(credential.keyId)
    const denied = await orders(authorization, { body: { article: 'Lamp', quantity: 1 } })
    expect(await decisionOn(denied)).toMatchObject({ subject: { userId: user.userId } })
  })

  it('has a list of addresses for each user that knows IPv6 and all its spellings', async () => {
    const { user } = await reader('dual-stack', { whitelist: ['2001:DB8:0:0::7', '2001:db8:1::/48'] })
    expect(user).toMatchObject({ whitelist: ['2001:db8::7', '2001:db8:1::/48'] })
    for (const [address, allowed] of [
      ['2001:db8::7', true],
      ['2001:0DB8:0000:0000:0000:0000:0000:0007', true],
      ['2001:db8::8', false],
      ['2001:db8:1:ffff::1', true],
      ['2001:db8:2::1', false],
      ['::ffff:203.0.113.7', false],
      ['127.0.0.1', false],
    ] as const) {
      const check = await laptop.admin('/v1/whitelist/check', { body: { username: 'dual-stack', address } })
      expect([address, check.json]).toMatchObject([address, { allowed }])
      const body = { username: 'dual-stack', method: 'GET', path: '/orders', address }
      const explained = await laptop.admin('/v1/access/explain', { body })
      expect([address, explained.json]).toMatchObject([address, { allowed }])
    }
    await reader('mapped', { whitelist: ['::ffff:203.0.113.7'] })
    const check = await laptop.admin('/v1/whitelist/check', {
      body: { username: 'mapped', address: '203.0.113.7' },
    })
    expect(check.json).toMatchObject({ allowed: true })
  })

  it('takes permissions from the API’s own OpenAPI document, and again when that has changed', async () => {
    const operation = (tag: string) => ({ tags: [tag], responses: { 200: { description: 'good' } } })
    const document = (paths: object) => ({
      openapi: '3.1.0',
      info: { title: 'Shop API', version: '1' },
      servers: [{ url: 'https://shop.example/shop' }],
      paths,
    })
    const post = (paths: object, query = '') =>
      laptop.admin(`/v1/apis/demo/sections/import${query}`, { body: { document: document(paths) } })
    const first = {
      '/carts': { get: operation('Carts'), post: operation('Carts') },
      '/carts/{cartId}': { get: operation('Carts'), delete: operation('Carts') },
      '/prices': { get: operation('Prices') },
    }
    const rehearsed = await post(first, '?dryRun=true')
    expect(rehearsed.json).toMatchObject({
      dryRun: { changes: [{ action: 'sections.imported' }] },
      added: [{ name: 'carts' }, { name: 'prices' }],
    })
    expect((await laptop.admin('/v1/apis/demo/sections/carts')).status).toBe(404)
    expect((await post(first)).status).toBe(200)

    await makeUser(laptop, { username: 'cart-reader', permissions: { carts: 'read' } })
    const may = async (method: string, path: string): Promise<boolean> => {
      const body = { username: 'cart-reader', method, path, address: '127.0.0.1' }
      const { json } = await laptop.admin('/v1/access/explain', { body })
      return (json as { allowed: boolean }).allowed
    }
    expect(await may('GET', '/shop/carts/7')).toBe(true)
    expect(await may('DELETE', '/shop/carts/7')).toBe(false)
    expect(await may('GET', '/shop/prices')).toBe(false)
    expect(await may('GET', '/carts/7')).toBe(false)

    const second = {
      '/carts': { get: operation('Carts'), post: operation('Carts') },
      '/carts/{cartId}/lines': { get: operation('Carts') },
    }
    const again = await post(second)
    expect(again.json).toMatchObject({
      added: [],
      changed: [
        {
          name: 'carts',
          endpointsAdded: [{ endpoint: 'GET /shop/carts/{cartId}/lines', level: 'read' }],
          endpointsRemoved: [
            { endpoint: 'GET /shop/carts/{cartId}' },
            { endpoint: 'DELETE /shop/carts/{cartId}' },
          ],
        },
      ],
      removed: [{ name: 'prices' }],
    })
    expect(await may('GET', '/shop/carts/7')).toBe(false)
    expect(await may('GET', '/shop/carts/7/lines')).toBe(true)
    const without = await post({ '/other': { get: operation('Other') } })
    expect([without.status, codeOf(without)]).toEqual([409, 'in_use'])
    expect(without.text).toContain('cart-reader')
  })

  it('lets a tag of the protected API decide a real request', async () => {
    const order = { tags: ['Demo orders'], responses: {} }
    const imported = await laptop.admin('/v1/apis/demo/sections/import', {
      body: {
        document: {
          openapi: '3.0.3',
          info: { title: 'Demo', version: '1' },
          paths: { '/orders': { get: order, post: order } },
        },
      },
    })
    expect(imported.status, imported.text).toBe(200)
    const { credential } = await makeUser(laptop, {
      username: 'by-document',
      permissions: { 'demo-orders': 'read' },
      generate: 'key',
    })
    const authorization = authorizationOf(credential)
    // The authorizer may still know the API as it was.
    await expect.poll(async () => (await orders(authorization)).status, withinCacheTime).toBe(200)
    expect((await orders(authorization, { body: { article: 'Lamp', quantity: 1 } })).status).toBe(403)
  })

  it('tells the administrator, and nobody else, exactly why a call was denied', async () => {
    const cases: [string, object, Ask, string][] = [
      ['address', { whitelist: ['127.0.6.1'] }, {}, 'whitelist_no_match'],
      ['method', {}, { body: { article: 'Lamp', quantity: 1 } }, 'permission_not_granted'],
      ['deny', { permissions: { orders: 'deny' }, role: 'User' }, {}, 'permission_not_granted'],
      ['disabled', { status: 'disabled' }, {}, 'user_disabled'],
    ]
    const seen: string[] = []
    for (const [name, fields, given, reason] of cases) {
      const { user, credential } = await reader(`why-${name}`, fields)
      const denied = await orders(authorizationOf(credential), given)
      expect([name, denied.status]).toEqual([name, 403])
      seen.push(denied.text)
      const decision = await decisionOn(denied)
      expect([name, decision]).toMatchObject([
        name,
        {
          allowed: false,
          reason,
          decidedBy: 'authorizer',
          apiId: expect.stringMatching(/^api_/),
          path: '/orders',
          address: '127.0.0.1',
          subject: { userId: user.userId, keyId: credential.keyId },
        },
      ])
      const listed = await laptop.admin(`/v1/access/decisions?userId=${user.userId}&reason=${reason}`)
      expect([name, listed.json]).toEqual([name, { decisions: [decision], nextCursor: null }])
      const { steps } = decision as { steps: { passed: boolean; saw: string }[] }
      expect(steps.at(-1)).toMatchObject({ passed: false, saw: expect.any(String) })
      const own = await ask(`${laptop.api}/v1/access/decisions/${requestIdOf(denied)}`, {
        headers: { authorization: authorizationOf(credential) },
      })
      expect([401, 403]).toContain(own.status)
    }
    expect(new Set(seen).size).toBe(1)
  })

  it('tells why a secret was not accepted, too', async () => {
    const { user, credential } = await reader('wrong-secret')
    const other = await reader('other-secret')
    const denied = await orders(basic(credential.keyId, other.credential.secret).authorization)
    expect(denied.status).toBe(403)
    expect(await decisionOn(denied)).toMatchObject({
      reason: 'credential_unknown',
      subject: { proven: false, userId: user.userId },
    })
  })

  it('revokes at once, session tokens too', async () => {
    const { user, credential } = await reader('revoked', { password })
    const fromKey = await sessionFrom(credential)
    const fromPassword = await sessionOf(laptop, 'revoked', password)
    for (const session of [fromKey, fromPassword])
      expect(await statusesWith(laptop, `Bearer ${session}`)).toEqual({ own: 200, behindAuthorizer: 200 })
    const path = `/v1/users/${user.userId}/keys/${credential.keyId}`
    expect((await laptop.admin(path, { method: 'DELETE' })).status).toBe(204)
    expect(await ownStatus(authorizationOf(credential))).toBe(401)
    expect(await ownStatus(`Bearer ${fromKey}`)).toBe(401)
    expect(await ownStatus(`Bearer ${fromPassword}`)).toBe(200)
    const behind = async () => (await statusesWith(laptop, `Bearer ${fromKey}`)).behindAuthorizer
    await expect.poll(behind, withinCacheTime).toBe(403)

    await laptop.admin(`/v1/users/${user.userId}`, { method: 'PATCH', body: { status: 'disabled' } })
    expect(await ownStatus(`Bearer ${fromPassword}`)).toBe(401)
  })
})
