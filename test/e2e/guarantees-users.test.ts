import { describe, expect } from 'vitest'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { it } from './kit.ts'
import type { Ask, Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'
import type { Created } from './tester.ts'
import { basic, bearer, codeOf, makeUser, told } from './tester.ts'

let laptop: Laptop
/** The administrator of another organization. */
let stranger: (path: string, given?: Ask) => Promise<Reply>

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  const other = await laptop.admin('/v1/organizations', {
    body: { name: 'Strangers', administrator: { username: 'stranger', email: 'stranger@other.example' } },
  })
  expect(other.status, other.text).toBe(201)
  stranger = as((other.json as Created).credential.token)
})

const as =
  (token: string) =>
  (path: string, given: Ask = {}) =>
    ask(`${laptop.api}${path}`, { ...given, headers: { ...bearer(token), ...given.headers } })

const patch = (userId: UserId, body: unknown, headers = {}) =>
  laptop.admin(`/v1/users/${userId}`, { method: 'PATCH', body, headers })
const shown = async (userId: UserId) => {
  const [user, keys] = await Promise.all([
    laptop.admin(`/v1/users/${userId}`),
    laptop.admin(`/v1/users/${userId}/keys`),
  ])
  return { user: user.text, keys: keys.text }
}

type Operation = {
  readonly security?: readonly Record<string, unknown>[]
  readonly requestBody?: { readonly content: Record<string, { readonly example?: unknown }> }
}

/**
 * Every endpoint that wants a credential of a request, as the service itself describes it, with an example of its body. Those that want
 * the console's cookie refuse requests of other pages first.
 */
const protectedOperations = async () => {
  const { paths } = (await ask(`${laptop.api}/openapi.json`)).json as {
    paths: Record<string, Record<string, Operation>>
  }
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { security = [], requestBody }]) => {
      const isOpen = security.length === 0 || security.some((one) => Object.keys(one).length === 0)
      const isOfConsole = security.some((one) => 'console' in one)
      const body = requestBody?.content['application/json']?.example
      const given: Ask = { method: method.toUpperCase(), ...(body === undefined ? {} : { body }) }
      return isOpen || isOfConsole ? [] : [{ path, given }]
    }),
  )
}

describe('the management of users under attack', () => {
  it('U1: answers every management call without a good credential with the same 401', async () => {
    const { credential } = await makeUser(laptop, { username: 'partner', generate: 'key' })
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`
    const wrong = [
      basic(credential.keyId, `pst_${'0'.repeat(49)}`),
      basic('key_00000000000000000000000000000000000a', credential.secret),
      basic('admin', laptop.lines['admin password'] ?? ''),
      bearer(unsigned),
      bearer(credential.secret),
      { authorization: `Digest ${credential.keyId}` },
    ]
    const operations = await protectedOperations()
    expect(operations.length).toBeGreaterThan(25)
    for (const { path, given } of operations) {
      const url = `${laptop.api}${path.replaceAll(/\{\w+\}/g, 'usr_0000000000000000')}`
      const without = await ask(url, given)
      const refused = await ask(url, { ...given, headers: wrong[url.length % wrong.length] ?? {} })
      expect([given.method, path, without.status, refused.status]).toEqual([given.method, path, 401, 401])
      // The calls of other systems are refused in those systems' own words.
      if (!path.startsWith('/v1/')) continue
      expect(codeOf(without)).toBe('authentication_required')
      expect(codeOf(refused)).toBe('invalid_credentials')
    }
    // RFC 6750 has whoever sends a token hear it in the challenge: that follows from the header sent, not from what was found.
    const isToken = ({ authorization }: { authorization: string }) => authorization.startsWith('Bearer ')
    for (const alike of [wrong.filter(isToken), wrong.filter((headers) => !isToken(headers))]) {
      const same = await Promise.all(alike.map((headers) => ask(`${laptop.api}/v1/users`, { headers })))
      expect(same.length).toBeGreaterThan(1)
      for (const reply of same) expect(told(reply)).toEqual(told(same[0] ?? reply))
    }
  })

  it("U1: knows another organization's users and keys as little as invented ones", async () => {
    const { user, credential } = await makeUser(laptop, { username: 'ours', generate: 'key' })
    const before = await shown(user.userId)
    const listed = (await laptop.admin('/v6/users', { headers: { accept: 'application/json' } })).json
    const { users } = listed as { users: { email: string; uid: number }[] }
    const uid = String(users.find(({ email }) => email === user.username)?.uid)
    expect(uid).toMatch(/^[0-9]+$/)
    const nobody = { userId: 'usr_0000000000000000', keyId: `key_${'0'.repeat(36)}`, uid: '1' }
    const operations = (await protectedOperations()).filter(({ path }) => /\{(?:userId|uid)\}/.test(path))
    expect(operations.length).toBeGreaterThan(20)
    const at = (path: string, ids: typeof nobody) =>
      path.replace('{userId}', ids.userId).replace('{keyId}', ids.keyId).replace('{uid}', ids.uid)
    for (const { path, given: example } of operations) {
      // The example names roles that this organization does not have.
      const sent = { ...example, headers: { accept: 'application/json' } }
      const given = path.endsWith('/roles') ? { ...sent, body: { allAccountGroupRoles: [] } } : sent
      const foreign = await stranger(at(path, { userId: user.userId, keyId: credential.keyId, uid }), given)
      const invented = await stranger(at(path, nobody), given)
      expect([given.method, path, foreign.status]).toEqual([given.method, path, 404])
      expect(foreign.text.replace(/"requestId":"[^"]*"/, '')).toBe(
        invented.text.replace(/"requestId":"[^"]*"/, ''),
      )
    }
    const asked = { method: 'GET', path: '/v1/users', address: '127.0.0.1' }
    const { userId } = user
    for (const named of [{ userId }, { username: 'ours' }, { keyId: credential.keyId }])
      expect((await stranger('/v1/access/explain', { body: { ...asked, ...named } })).status).toBe(404)
    const { apis } = (await laptop.admin('/v1/apis')).json as { apis: { apiId: string }[] }
    for (const api of ['demo', apis[0]?.apiId ?? '', 'invented']) {
      const explained = await stranger('/v1/access/explain', { body: { ...asked, userId, api } })
      expect([api, explained.status]).toEqual([api, 404])
      expect([api, (await stranger(`/v1/apis/${api}`)).status]).toEqual([api, 404])
    }
    for (const named of [{ userId }, { username: 'ours' }])
      expect((await stranger('/v1/whitelist/check', { body: { ...named, address: '::1' } })).status).toBe(404)
    for (const path of ['/v1/users', '/v1/users?q=ours', '/v1/audit', `/v1/audit?target=${userId}`])
      expect((await stranger(path)).text).not.toContain(userId)
    expect(await shown(userId)).toEqual(before)
  })

  it('U2: refuses every field that is not the caller’s to set, and changes nothing', async () => {
    const { user } = await makeUser(laptop, { username: 'plain', permissions: { orders: 'read' } })
    const before = await shown(user.userId)
    const fields = {
      userId: 'usr_0000000000000000',
      organizationId: 'org_0000000000',
      organization: 'Strangers',
      epoch: 0,
      kind: 'user',
      pk: 'USER#usr_0000000000000000',
      credentialCount: 0,
      passwordHash: '$argon2id$',
      canonicalUsername: 'admin',
      createdAt: '2020-01-01T00:00:00Z',
      lastLoginAt: null,
      lastUsedAt: null,
      rateLimitPerMinute: 1_000_000,
      hasManagementPermissions: true,
      allAccountGroupRoles: [1],
      isAdmin: true,
    }
    for (const [name, value] of Object.entries(fields)) {
      const changed = await patch(user.userId, { [name]: value, description: 'changed all the same' })
      expect([name, changed.status, changed.text.includes(name)]).toEqual([name, 400, true])
      const created = await laptop.admin('/v1/users', { body: { username: 'extra', [name]: value } })
      expect([name, created.status]).toEqual([name, 400])
    }
    for (const value of ['deleted', 'ACTIVE', '', null, 1, ['active']])
      expect([value, (await patch(user.userId, { status: value })).status]).toEqual([value, 400])
    expect(await shown(user.userId)).toEqual(before)
    expect((await laptop.admin('/v1/users?q=extra')).json).toMatchObject({ users: [] })
  })

  it('U3: lets nobody give, take over or touch more than they hold themselves', async () => {
    const me = (await laptop.admin('/v1/users/me')).json as { user: { userId: UserId } }
    const { userId: adminId } = me.user
    const { user, credential } = await makeUser(laptop, {
      username: 'manager',
      role: 'Account Admin',
      generate: 'token',
    })
    const manager = as(credential.token)
    expect((await manager('/v1/users/me')).status).toBe(200)
    const adminKeys = (await laptop.admin(`/v1/users/${adminId}/keys`)).json as {
      credentials: { keyId: string }[]
    }
    const adminKey = adminKeys.credentials[0]?.keyId ?? ''
    const before = [await shown(adminId), await shown(user.userId)]
    const gifts = [
      { role: 'Admin' },
      { roles: ['User', 'Organization Admin'] },
      { permissions: { 'postern-organization': 'write' } },
      { permissions: { 'postern-audit': 'read' } },
      { endpoints: ['* /*'] },
      { endpoints: ['PATCH /v1/organization'] },
      { impersonation: 'full' },
    ]
    const attempts: [string, Ask][] = gifts.flatMap((gift): [string, Ask][] => [
      ['/v1/users', { body: { username: 'puppet', ...gift } }],
      [`/v1/users/${user.userId}`, { method: 'PATCH', body: gift }],
    ])
    const taking: [string, Ask][] = [
      [`/v1/users/${adminId}`, { method: 'PATCH', body: { email: 'manager@evil.example' } }],
      [`/v1/users/${adminId}`, { method: 'PATCH', body: { username: 'admin-that-was' } }],
      [`/v1/users/${adminId}`, { method: 'PATCH', body: { status: 'disabled' } }],
      [`/v1/users/${adminId}`, { method: 'DELETE' }],
      [`/v1/users/${adminId}/keys`, { body: { name: 'mine', kind: 'token' } }],
      [`/v1/users/${adminId}/keys/${adminKey}/rotate`, { body: {} }],
      [`/v1/users/${adminId}/keys/${adminKey}`, { method: 'DELETE' }],
      [`/v1/users/${adminId}/whitelist`, { method: 'PUT', body: { entries: ['192.0.2.1'] } }],
      [`/v1/users/${user.userId}/rate-limit`, { method: 'PUT', body: { rateLimitPerMinute: null } }],
      ['/v1/organization', { method: 'PATCH', body: { name: 'Mine' } }],
      ['/v1/organizations', { body: { name: 'Mine', administrator: { username: 'mine' } } }],
      ['/v1/roles', { body: { name: 'Mine', permissions: { 'postern-organization': 'write' } } }],
      ['/v1/audit', {}],
    ]
    for (const [path, given] of [...attempts, ...taking]) {
      const reply = await manager(path, given)
      expect([path, given, reply.status, reply.text]).toEqual([path, given, 403, expect.any(String)])
    }
    expect([await shown(adminId), await shown(user.userId)]).toEqual(before)
    // What it does hold, it may give: the refusals above are not for another reason.
    const good = await manager('/v1/users', {
      body: { username: 'helped', permissions: { orders: 'write' } },
    })
    expect(good.status, good.text).toBe(201)
  })

  it('U8: keeps an administrator, whatever the last one does to itself', async () => {
    const { userId } = ((await stranger('/v1/users/me')).json as Created).user
    const own = (body: object) => stranger(`/v1/users/${userId}`, { method: 'PATCH', body })
    const refusals = [
      await own({ status: 'disabled' }),
      await own({ role: 'User' }),
      await own({ roles: [] }),
      await own({ whitelist: ['192.0.2.1'] }),
      await stranger(`/v1/users/${userId}/whitelist`, { method: 'PUT', body: { entries: ['192.0.2.1'] } }),
      await stranger(`/v1/users/${userId}`, { method: 'DELETE' }),
    ]
    for (const reply of refusals) {
      expect([reply.status, reply.text]).toEqual([
        409,
        expect.stringMatching(/last_administrator|self_lockout/),
      ])
    }
  })
})
