import { describe, expect } from 'vitest'
import { readNamedNarrowings } from '../../lib/providers/provider-refusal-store.ts'
import { readLastGood, readNarrowings, saveState, saveUpdate } from '../../lib/providers/provider-store.ts'
import { refreshProviders } from '../../lib/providers/refresh-providers.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { parseEntry } from '../../lib/whitelist/entry.ts'
import type { Provider } from '../../lib/whitelist/provider.ts'
import { handMadeFolder, readDocuments } from '../providers/provider-documents.ts'
import { readLists } from '../providers/provider-lists.ts'
import { callerWith, resetTokenFor } from './customer.ts'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import { it } from './kit.ts'
import type { Ask, Laptop } from './laptop.ts'
import { ask } from './laptop.ts'
import { basic, bearer, codeOf, logIn, makeUser, sessionOf } from './tester.ts'

let laptop: Laptop
let inside: Inside

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  inside = await lookInside(laptop)
})

const password = 'a passphrase of a service'

/** Stores these lists as the providers' newest, the machine's own address in DigitalOcean's: one can call from there. */
const publishLists = async (): Promise<void> => {
  const lists = readLists(readDocuments(handMadeFolder))
  const here = parseEntry('127.0.3.0/24')
  if (!here.ok || here.entry.kind !== 'network') throw new Error('no network')
  const { networks } = lists.DIGITAL_OCEAN
  const reachable = { ...lists.DIGITAL_OCEAN, networks: [...networks, here.entry.network] }
  const published = { ...lists, DIGITAL_OCEAN: reachable }
  const outcomes = await refreshProviders(
    {
      readPublished: (provider) => Promise.resolve({ ok: true, list: published[provider] }),
      readLastGood: (provider) => readLastGood(inside.table, provider),
      saveUpdate: (update) => saveUpdate(inside.table, update),
      saveState: (state, refused) => saveState(inside.table, state, refused),
      readNarrowings: (provider, names) => readNarrowings(inside.table, provider, names),
      readNamedNarrowings: (provider) => readNamedNarrowings(inside.table, provider),
      maximumAgeDays: 30,
      now: Date.now,
      report: () => undefined,
    },
    ['AWS', 'GOOGLE', 'AZURE', 'CLOUDFLARE', 'DIGITAL_OCEAN'],
  )
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => 'updated'))
}

const orders = (headers: Record<string, string>, given: Ask = {}) =>
  ask(`${laptop.api}/demo/orders`, { ...given, headers })

describe('API users as Konnektive documents them', () => {
  it('has unique usernames, upper and lower case alike', async () => {
    await makeUser(laptop, { username: 'Checkout' })
    for (const username of ['Checkout', 'checkout', 'CHECKOUT']) {
      const again = await laptop.admin('/v1/users', { body: { username } })
      expect([username, again.status, codeOf(again)]).toEqual([username, 409, 'username_taken'])
    }
  })

  it('needs no e-mail, and takes one', async () => {
    const without = await makeUser(laptop, { username: 'without-mail' })
    expect(without.user).toMatchObject({ email: null })
    const changed = await laptop.admin(`/v1/users/${without.user.userId}`, {
      method: 'PATCH',
      body: { email: 'ops@crm.example' },
    })
    expect(changed.json).toMatchObject({ user: { email: 'ops@crm.example' } })
    const cleared = await laptop.admin(`/v1/users/${without.user.userId}`, {
      method: 'PATCH',
      body: { email: null },
    })
    expect(cleared.json).toMatchObject({ user: { email: null } })
  })

  it('has the access level "api" unless another is given', async () => {
    const { user } = await makeUser(laptop, { username: 'api-level' })
    expect(user).toMatchObject({ accessLevel: 'api' })
    const person = await makeUser(laptop, { username: 'dashboard-level', accessLevel: 'dashboard' })
    expect(person.user).toMatchObject({ accessLevel: 'dashboard' })
    const other = await laptop.admin('/v1/users', { body: { username: 'x', accessLevel: 'superuser' } })
    expect(other.status).toBe(400)
  })

  it('wants a new password twice, the same both times', async () => {
    await makeUser(laptop, { username: 'twice', password, email: 'twice@crm.example' })
    const session = await sessionOf(laptop, 'twice', password)
    const words = { newPassword: 'a better passphrase', confirmPassword: 'a bitter passphrase' }
    const changed = await ask(`${laptop.api}/v1/users/me/password`, {
      method: 'PUT',
      headers: bearer(session),
      body: { currentPassword: password, ...words },
    })
    const token = await resetTokenFor(laptop, 'twice', 'twice@crm.example')
    const reset = await ask(`${laptop.api}/v1/password-resets/confirm`, { body: { token, ...words } })
    for (const reply of [changed, reset])
      expect([reply.status, reply.json]).toMatchObject([400, { errors: [{ path: 'confirmPassword' }] }])
    expect((await logIn(laptop, 'twice', password)).status).toBe(200)
  })

  it('takes the password of a new user twice, and refuses two that differ', async () => {
    const create = (given: object) => laptop.admin('/v1/users', { body: { username: 'form', ...given } })
    for (const given of [
      { password, confirmPassword: 'a bitter passphrase' },
      { password, confirmPassword: '' },
      { confirmPassword: password },
    ]) {
      const refused = await create(given)
      expect([refused.status, refused.json]).toMatchObject([400, { errors: [{ path: 'confirmPassword' }] }])
      expect(refused.text).not.toContain('passphrase')
    }
    const { json, status } = await create({ password, confirmPassword: password })
    expect(status).toBe(201)
    expect(JSON.stringify(json)).not.toMatch(/password/i)
    expect((await logIn(laptop, 'form', password)).status).toBe(200)
    const { user } = json as { user: { userId: UserId } }
    const changed = await laptop.admin(`/v1/users/${user.userId}`, {
      method: 'PATCH',
      body: { confirmPassword: password },
    })
    expect([changed.status, changed.json]).toMatchObject([400, { errors: [{ path: 'confirmPassword' }] }])
  })

  it('takes & in passwords, until the organization forbids it', async () => {
    const withAmpersand = 'salt & pepper & more'
    await makeUser(laptop, { username: 'seasoned', password: withAmpersand, email: 'seasoned@crm.example' })
    const session = await sessionOf(laptop, 'seasoned', withAmpersand)
    const forbid = (forbiddenCharacters: string) =>
      laptop.admin('/v1/organization', { method: 'PATCH', body: { passwordPolicy: { forbiddenCharacters } } })
    expect((await forbid('&')).status).toBe(200)

    const created = await laptop.admin('/v1/users', {
      body: { username: 'too-late', password: withAmpersand },
    })
    const words = { newPassword: 'fish & chips & more', confirmPassword: 'fish & chips & more' }
    const changed = await ask(`${laptop.api}/v1/users/me/password`, {
      method: 'PUT',
      headers: bearer(session),
      body: { currentPassword: withAmpersand, ...words },
    })
    const token = await resetTokenFor(laptop, 'seasoned', 'seasoned@crm.example')
    const reset = await ask(`${laptop.api}/v1/password-resets/confirm`, { body: { token, ...words } })
    for (const reply of [created, changed, reset])
      expect([reply.status, codeOf(reply)]).toEqual([400, 'password_rejected'])
    expect((await logIn(laptop, 'seasoned', withAmpersand)).status).toBe(200)
    expect((await forbid('')).status).toBe(200)
  })

  it('lets an API user in from the listed servers only', async () => {
    const { user, credential } = await makeUser(laptop, {
      username: 'two-servers',
      password,
      permissions: { orders: 'read' },
      whitelist: ['127.0.1.1', '127.0.1.2'],
      generate: 'key',
    })
    const headers = basic(credential.keyId, credential.secret)
    for (const [from, status] of [
      ['127.0.1.1', 200],
      ['127.0.1.2', 200],
      ['127.0.1.3', 403],
      ['127.0.0.1', 403],
    ] as const) {
      expect([from, (await orders(headers, { from })).status]).toEqual([from, status])
      const own = await ask(`${laptop.api}/v1/users/me`, { headers, from })
      expect([from, own.status]).toEqual([from, status])
    }
    expect((await logIn(laptop, 'two-servers', password, '127.0.1.3')).status).toBe(401)
    const forged = { ...headers, 'x-forwarded-for': '127.0.1.1' }
    expect((await orders(forged, { from: '127.0.1.3' })).status).toBe(403)

    const path = `/v1/users/${user.userId}/whitelist`
    const replaced = await laptop.admin(path, { method: 'PUT', body: { entries: ['127.0.1.3'] } })
    expect(replaced.json).toMatchObject({ entries: ['127.0.1.3'] })
    expect((await ask(`${laptop.api}/v1/users/me`, { headers, from: '127.0.1.1' })).status).toBe(403)
    expect((await ask(`${laptop.api}/v1/users/me`, { headers, from: '127.0.1.3' })).status).toBe(200)
  })

  it('lets nobody in for a provider word before its list is there, and says so', async () => {
    const reply = await laptop.admin('/v1/users', { body: { username: 'early', whitelist: ['CLOUDFLARE'] } })
    expect([reply.status, reply.json]).toMatchObject([
      201,
      { warnings: [expect.stringContaining('CLOUDFLARE matches no address')] },
    ])
    const check = await laptop.admin('/v1/whitelist/check', {
      body: { username: 'early', address: '104.16.0.1' },
    })
    expect(check.json).toMatchObject({ allowed: false })
  })

  it('lets in the entire range that a provider publishes, for each of the five words', async () => {
    await publishLists()
    const ranges: Record<Provider, readonly string[]> = {
      AWS: ['3.5.140.9', '3.5.145.255'],
      GOOGLE: ['34.35.1.1', '8.8.4.4', '2001:4860::8888'],
      AZURE: ['4.232.98.121', '20.33.255.255', '2603:1000:4::1'],
      CLOUDFLARE: ['173.245.63.255', '104.27.255.255', '2400:cb00::1'],
      DIGITAL_OCEAN: ['5.101.96.1', '69.55.54.255', '2604:a880:800::1'],
    }
    for (const [word, inRange] of Object.entries(ranges)) {
      const username = `from-${word}`
      await makeUser(laptop, { username, whitelist: [word] })
      const check = async (address: string) =>
        (await laptop.admin('/v1/whitelist/check', { body: { username, address } })).json
      for (const address of inRange)
        expect([address, await check(address)]).toMatchObject([address, { allowed: true, entry: word }])
      const others = Object.entries(ranges).flatMap(([other, addresses]) => (other === word ? [] : addresses))
      for (const address of [...others, '198.51.100.1'])
        expect([word, address, await check(address)]).toMatchObject([word, address, { allowed: false }])
    }
  })

  it('serves calls from an address of the provider, beside single addresses', async () => {
    const { credential } = await makeUser(laptop, {
      username: 'hosted',
      permissions: { orders: 'read' },
      whitelist: ['DIGITAL_OCEAN', '127.0.4.1'],
      generate: 'key',
    })
    const headers = basic(credential.keyId, credential.secret)
    for (const [from, status] of [
      ['127.0.3.200', 200],
      ['127.0.4.1', 200],
      ['127.0.4.2', 403],
    ] as const)
      expect([from, (await orders(headers, { from })).status]).toEqual([from, status])
  })

  it('refuses words that are no provider and addresses that are none', async () => {
    for (const entry of ['ORACLE', 'aws-east', '10.0.0', '10.0.0.256', '0.0.0.0/0', 'crm.example']) {
      const reply = await laptop.admin('/v1/users', {
        body: { username: 'badly-listed', whitelist: ['203.0.113.7', entry] },
      })
      expect([entry, reply.status, reply.json]).toMatchObject([
        entry,
        400,
        { errors: [{ path: 'whitelist.1' }] },
      ])
    }
  })

  it('has its endpoints selected one by one, and may call no other', async () => {
    const { user, credential } = await makeUser(laptop, {
      username: 'one-by-one',
      endpoints: ['GET /orders', 'POST /order/import/', 'GET /order/query'],
      generate: 'key',
    }).catch(() => ({ user: undefined, credential: undefined }))
    // A trailing slash is another path: the service says so instead of guessing.
    expect([user, credential]).toEqual([undefined, undefined])
    const made = await makeUser(laptop, {
      username: 'one-by-one',
      endpoints: ['GET /orders', 'POST /order/import', 'GET /order/query'],
      generate: 'key',
    })
    const headers = basic(made.credential.keyId, made.credential.secret)
    expect((await orders(headers)).status).toBe(200)
    expect((await orders(headers, { body: { article: 'Lamp', quantity: 1 } })).status).toBe(403)
    for (const [method, path, allowed] of [
      ['POST', '/order/import', true],
      ['GET', '/order/import', false],
      ['GET', '/order/query', true],
      ['GET', '/order/query/all', false],
      ['GET', '/customer/query', false],
    ] as const) {
      const body = { username: 'one-by-one', method, path, address: '127.0.0.1' }
      const { json } = await laptop.admin('/v1/access/explain', { body })
      expect([method, path, json]).toMatchObject([method, path, { allowed }])
    }
  })

  it('calls out which endpoints only query', async () => {
    const endpoints = ['POST /order/import', { endpoint: 'POST /order/query', level: 'read' }, 'GET /order']
    const created = await laptop.admin('/v1/apis/demo/sections', { body: { name: 'crm-orders', endpoints } })
    expect(created.json).toMatchObject({
      section: {
        endpoints: [
          { endpoint: 'POST /order/import', level: 'write' },
          { endpoint: 'POST /order/query', level: 'read' },
          { endpoint: 'GET /order', level: 'read' },
        ],
      },
    })
    await makeUser(laptop, { username: 'querying', permissions: { 'crm-orders': 'read' } })
    for (const [path, allowed] of [
      ['/order/query', true],
      ['/order/import', false],
    ] as const) {
      const body = { username: 'querying', method: 'POST', path, address: '127.0.0.1' }
      expect((await laptop.admin('/v1/access/explain', { body })).json).toMatchObject({ allowed })
    }
  })

  it('keeps one API user per calling service apart from the next', async () => {
    const services = []
    for (const username of ['service-shop', 'service-billing']) {
      const made = await makeUser(laptop, { username, permissions: { orders: 'read' }, generate: 'key' })
      services.push({ ...made, headers: basic(made.credential.keyId, made.credential.secret) })
    }
    const [shop, billing] = services
    if (shop === undefined || billing === undefined) throw new Error('two services were made')
    for (const { user, headers } of services)
      expect((await orders(headers)).json).toMatchObject({ caller: { userId: user.userId } })
    await laptop.admin(`/v1/users/${shop.user.userId}`, { method: 'PATCH', body: { status: 'disabled' } })
    expect((await ask(`${laptop.api}/v1/users/me`, { headers: shop.headers })).status).toBe(401)
    expect((await ask(`${laptop.api}/v1/users/me`, { headers: billing.headers })).status).toBe(200)
    expect((await orders(billing.headers)).status).toBe(200)
  })

  it('only sends API calls: nothing of the management is open to it, with whatever credential', async () => {
    const { credential } = await makeUser(laptop, {
      username: 'calls-only',
      password,
      role: 'Regular User',
      generate: 'key',
    })
    const session = await logIn(laptop, 'calls-only', password)
    expect(session.headers).not.toHaveProperty('set-cookie')
    const { accessToken } = session.json as { accessToken: string }
    for (const headers of [bearer(accessToken), basic(credential.keyId, credential.secret)]) {
      const call = callerWith(laptop, headers)
      expect((await call('/demo/orders')).status).toBe(200)
      for (const path of ['users', 'roles', 'sections', 'account-groups', 'organization', 'audit'])
        expect([path, (await call(`/v1/${path}`)).status]).toEqual([path, 403])
      expect((await call('/v1/users', { body: { username: 'self-made' } })).status).toBe(403)
    }
  })
})
