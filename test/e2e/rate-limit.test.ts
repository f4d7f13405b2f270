import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { it } from './kit.ts'
import type { Ask, Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'
import type { Created } from './tester.ts'
import { basic, bearer, fiveAtATime, sessionOf, tally } from './tester.ts'

const limit = 10
/** More than fit into two minutes, if they fall on two. */
const many = 30

type Standing = { readonly limit: number; readonly remaining: number; readonly reset: number }

const standingIn = (headers: Reply['headers']): Standing => ({
  limit: Number(headers['x-organization-rate-limit-limit']),
  remaining: Number(headers['x-organization-rate-limit-remaining']),
  reset: Number(headers['x-organization-rate-limit-reset']),
})

/** How many of these answers fell into each window. */
const byWindow = (resets: readonly number[]): number[] =>
  [...Map.groupBy(resets, (reset) => reset).values()].map((window) => window.length)

const notCounted = (laptop: Laptop): number =>
  readFileSync(laptop.lines['logs'] ?? '', 'utf8').split('rate_limit_not_counted').length

/**
 * What came of requests that the counters answered. On a laden machine one may answer too late: then each container counts on its own
 * until the minute ends (docs/decisions/0006), and the requests begin again in the next.
 */
const whileCounted = async <T>(laptop: Laptop, requests: () => Promise<T>): Promise<T> => {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const before = notCounted(laptop)
    const answers = await requests()
    if (notCounted(laptop) === before) return answers
    await wait(60_000 - (Date.now() % 60_000))
  }
  throw new Error('the counters answered too late in three minutes')
}

describe('the rate limit of an organization', () => {
  it('does not stand in the way of whoever tries out the laptop', async ({ laptop }) => {
    const first = await laptop.admin('/v1/users/me')
    expect(first.status).toBe(200)
    expect(standingIn(first.headers).limit).toBe(6000)
  })

  it('counts its own API and protected APIs each for itself, and stops both', async ({ laptop }) => {
    const { api, admin } = laptop
    const made = await admin('/v1/organizations', {
      body: { name: 'Busy Ltd', administrator: { username: 'busy-admin' } },
    })
    expect(made.status, made.text).toBe(201)
    const { token } = (made.json as { credential: { token: string } }).credential
    const headers = { authorization: `Bearer ${token}` }
    const me = () => ask(`${api}/v1/users/me`, { headers })

    const before = await me()
    expect(standingIn(before.headers).limit).toBe(240)
    expect(standingIn(before.headers).remaining).toBeLessThan(240)
    const changed = await ask(`${api}/v1/organization`, {
      method: 'PATCH',
      headers,
      body: { rateLimitPerMinute: limit, protectedApiRateLimitPerMinute: limit },
    })
    expect(changed.status, changed.text).toBe(200)

    const [own, orders] = await whileCounted(laptop, () =>
      Promise.all([fiveAtATime(many, me), fiveAtATime(many, () => ask(`${api}/demo/orders`, { headers }))]),
    )
    const passed = own.filter(({ status }) => status === 200)
    const refused = own.filter(({ status }) => status === 429)
    expect(passed.length + refused.length).toBe(many)
    const served = orders.filter(({ status }) => status === 200)
    expect(served.length + orders.filter(({ status }) => status === 403).length).toBe(many)

    // However the requests fell on two minutes, no minute saw more than the limit.
    const callers = served.map(({ json }) => (json as { caller: Record<string, string> }).caller)
    const ownWindows = byWindow(passed.map((reply) => standingIn(reply.headers).reset))
    const servedWindows = byWindow(callers.map((caller) => Number(caller['rateLimitReset'])))
    expect(Math.max(...ownWindows)).toBeLessThanOrEqual(limit)
    expect(Math.max(...servedWindows)).toBeLessThanOrEqual(limit)
    expect(refused.length).toBeGreaterThan(0)
    expect(served.length).toBeLessThan(many)

    for (const reply of own) expect(standingIn(reply.headers).limit).toBe(limit)
    for (const reply of refused) {
      const seconds = Number(reply.headers['retry-after'])
      expect(seconds).toBeGreaterThanOrEqual(1)
      expect(seconds).toBeLessThanOrEqual(60)
      expect(standingIn(reply.headers).remaining).toBe(0)
      expect(reply.json).toMatchObject({ code: 'too_many_requests', status: 429 })
    }

    const others = await admin('/v1/users/me')
    expect(others.status).toBe(200)
  })

  it('L7: does not keep an administrator from revoking a caller without rights that spends all it can', async ({
    laptop,
  }) => {
    const { api, admin } = laptop
    const made = await admin('/v1/organizations', {
      body: { name: 'Attacked Ltd', administrator: { username: 'attacked-admin' } },
    })
    const headers = bearer((made.json as Created).credential.token)
    const asAdministrator = (path: string, given: Ask = {}) => ask(`${api}${path}`, { ...given, headers })
    const body = { username: 'spender', password: 'quite long enough now', role: 'User', generate: 'key' }
    const { user, credential } = (await asAdministrator('/v1/users', { body })).json as Created
    const spender = basic(credential.keyId, credential.secret)
    const session = bearer(await sessionOf(laptop, 'spender', body.password))
    const limited = await asAdministrator('/v1/organization', {
      method: 'PATCH',
      body: { rateLimitPerMinute: limit, protectedApiRateLimitPerMinute: limit },
    })
    expect(limited.status, limited.text).toBe(200)

    const form = { ...spender, 'content-type': 'application/x-www-form-urlencoded' }
    const { keyId } = credential
    const forbidden: (() => Promise<Reply>)[] = [
      () => ask(`${api}/demo/orders`, { headers: spender }),
      () => ask(`${api}/v1/users`, { headers: spender }),
      () => ask(`${api}/v1/users/${user.userId}`, { headers: spender, method: 'DELETE' }),
      () => ask(`${api}/v1/users/${user.userId}/keys/${keyId}`, { headers: spender, method: 'DELETE' }),
      () => ask(`${api}/v1/organization`, { headers: spender, method: 'PATCH', body: { name: 'Mine' } }),
      () =>
        ask(`${api}/v1/access/explain`, {
          headers: spender,
          body: { username: 'spender', method: 'GET', path: '/orders', address: '127.0.0.1' },
        }),
    ]
    for (const request of forbidden)
      expect(tally(await fiveAtATime(limit + 10, request))).toEqual({ 403: limit + 10 })
    const open = [
      () => ask(`${api}/oauth/introspect`, { headers: form, raw: 'token=unknown' }),
      () => ask(`${api}/v1/users/me`, { headers: spender }),
    ]
    for (const request of open)
      expect(tally(await whileCounted(laptop, () => fiveAtATime(many, request)))[429]).toBeGreaterThan(0)

    const disabled = await asAdministrator(`/v1/users/${user.userId}`, {
      method: 'PATCH',
      body: { status: 'disabled' },
    })
    const deleted = await asAdministrator(`/v1/users/${user.userId}/keys/${keyId}`, { method: 'DELETE' })
    const listed = await asAdministrator('/v1/users')
    expect([disabled.status, deleted.status, listed.status], disabled.text).toEqual([200, 204, 200])
    expect((await ask(`${api}/v1/users/me`, { headers: spender })).status).toBe(401)
    expect((await ask(`${api}/v1/users/me`, { headers: session })).status).toBe(401)
  })

  it('does not keep anybody from logging out', async ({ laptop }) => {
    const { api, admin } = laptop
    const made = await admin('/v1/organizations', {
      body: { name: 'Leaving Ltd', administrator: { username: 'leaving-admin' } },
    })
    const headers = bearer((made.json as Created).credential.token)
    const password = 'quite long enough now'
    const body = { username: 'leaver', password, role: 'User' }
    expect((await ask(`${api}/v1/users`, { headers, body })).status).toBe(201)
    const session = bearer(await sessionOf(laptop, 'leaver', password))
    const change = { method: 'PATCH', headers, body: { rateLimitPerMinute: 1 } }
    expect((await ask(`${api}/v1/organization`, change)).status).toBe(200)
    const spent = await whileCounted(laptop, () =>
      fiveAtATime(many, () => ask(`${api}/v1/users/me`, { headers })),
    )
    expect(tally(spent)[429]).toBeGreaterThan(0)
    const out = await ask(`${api}/v1/auth/logout`, { method: 'POST', headers: session })
    expect(out.status, out.text).toBe(204)
    expect(standingIn(out.headers).limit).toBe(1)
  })

  it("lets nobody pass a limit of the user's own, which takes effect at both kinds of API", async ({
    laptop,
  }) => {
    const { api, admin } = laptop
    const made = await admin('/v1/users', {
      body: { username: 'slow-partner', permissions: { orders: 'read' }, generate: 'token' },
    })
    const { user, credential } = made.json as Created
    const headers = bearer(credential.token)
    const path = `/v1/users/${user.userId}/rate-limit`
    const set = (body: object, ifMatch = {}) => admin(path, { method: 'PUT', body, headers: ifMatch })

    for (const rateLimitPerMinute of [0, -1, 1.5, 2 ** 53, '60', true, [60], undefined]) {
      const refused = await set({ rateLimitPerMinute })
      expect([rateLimitPerMinute, refused.status]).toEqual([rateLimitPerMinute, 400])
      expect(refused.json).toMatchObject({ errors: [{ path: 'rateLimitPerMinute' }] })
    }
    expect((await set({ rateLimitPerMinute: 5, version: user.version + 7 })).status).toBe(409)
    expect((await set({ rateLimitPerMinute: 5 }, { 'if-match': '"4711"' })).status).toBe(412)
    const changed = await set({ rateLimitPerMinute: 5, version: user.version })
    expect(changed.status, changed.text).toBe(200)
    // Whoever sets limits need not be one who sees users.
    expect(changed.json).toEqual({ userId: user.userId, rateLimitPerMinute: 5, version: user.version + 1 })
    expect(changed.headers['etag']).toBe(`"${user.version + 1}"`)

    const [own, orders] = await whileCounted(laptop, () =>
      Promise.all([
        fiveAtATime(many, () => ask(`${api}/v1/users/me`, { headers })),
        fiveAtATime(many, () => ask(`${api}/demo/orders`, { headers })),
      ]),
    )
    const passed = own.filter(({ status }) => status === 200)
    expect(own.filter(({ status }) => status === 429)).toHaveLength(many - passed.length)
    for (const reply of own) expect(standingIn(reply.headers).limit).toBe(5)
    const served = orders.filter(({ status }) => status === 200)
    expect(orders.filter(({ status }) => status === 403)).toHaveLength(many - served.length)
    const ownWindows = byWindow(passed.map((reply) => standingIn(reply.headers).reset))
    const servedWindows = byWindow(
      served.map(({ json }) => Number((json as { caller: Record<string, string> }).caller['rateLimitReset'])),
    )
    expect(Math.max(...ownWindows, ...servedWindows)).toBeLessThanOrEqual(5)
    expect(passed.length + served.length).toBeGreaterThan(0)

    const setter = await admin('/v1/users', {
      body: {
        username: 'limit-setter',
        permissions: { 'postern-organization': 'write', 'postern-users': 'deny' },
        generate: 'token',
      },
    })
    const asSetter = { headers: bearer((setter.json as Created).credential.token) }
    const unseen = await ask(`${api}/v1/users/${user.userId}`, asSetter)
    expect(unseen.status).toBe(403)
    const set6 = await ask(`${api}${path}`, { ...asSetter, method: 'PUT', body: { rateLimitPerMinute: 6 } })
    expect([set6.status, Object.keys(set6.json as object).toSorted()]).toEqual([
      200,
      ['rateLimitPerMinute', 'userId', 'version'],
    ])
    expect((await set({ rateLimitPerMinute: null })).json).toMatchObject({ rateLimitPerMinute: null })
    const free = await fiveAtATime(many, () => ask(`${api}/v1/users/me`, { headers }))
    expect(free.filter(({ status }) => status === 200)).toHaveLength(many)
    const audit = await admin(`/v1/audit?target=${user.userId}&action=user.changed`)
    expect(audit.json).toMatchObject({
      rows: [
        { changes: [{ field: 'rateLimitPerMinute', before: 6, after: null }] },
        { changes: [{ field: 'rateLimitPerMinute', before: 5, after: 6 }] },
        { changes: [{ field: 'rateLimitPerMinute', before: null, after: 5 }] },
      ],
    })
  })

  it('is told to a caller who is refused for another reason, and not to strangers', async ({ laptop }) => {
    const { api, admin } = laptop
    const made = await admin('/v1/users', { body: { username: 'unable', role: 'User', generate: 'token' } })
    const { credential } = made.json as { credential: { token: string } }
    const refused = await ask(`${api}/v1/users`, {
      headers: { authorization: `Bearer ${credential.token}` },
    })
    expect(refused.status).toBe(403)
    expect(standingIn(refused.headers).limit).toBe(6000)
    const missing = await admin('/v1/users/usr_0000000000000000')
    expect(missing.status).toBe(404)
    expect(standingIn(missing.headers).limit).toBe(6000)
    const stranger = await ask(`${api}/v1/users`, { headers: { authorization: 'Bearer pst_nothing' } })
    expect(stranger.status).toBe(401)
    expect(Object.keys(stranger.headers).filter((name) => name.includes('rate-limit'))).toEqual([])
  })

  it('counts introspection as a request at a protected API, and neither getting nor giving up a token', async ({
    laptop,
  }) => {
    const { api, admin } = laptop
    const made = await admin('/v1/users', {
      body: { username: 'introspecting', role: 'User', generate: 'key' },
    })
    const { keyId, secret } = (made.json as { credential: { keyId: string; secret: string } }).credential
    const headers = {
      authorization: `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    }
    const issued = await ask(`${api}/oauth/token`, { headers, raw: 'grant_type=client_credentials' })
    expect(issued.status, issued.text).toBe(200)
    expect(issued.headers).not.toHaveProperty('x-organization-rate-limit-limit')
    const { access_token: token } = issued.json as { access_token: string }
    const introspected = await ask(`${api}/oauth/introspect`, { headers, raw: `token=${token}` })
    expect(introspected.json).toMatchObject({ active: true })
    // As a request at a protected API, which has no limit here.
    expect(introspected.headers).not.toHaveProperty('x-organization-rate-limit-limit')
  })
})
