import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { newCookieSecret, secretIn } from '../../lib/console/session-cookie.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { newSessionId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { allItems } from '../fresh-table.ts'
import { issuer } from '../functions/deployment.ts'
import type { ConsoleScene } from './console-scene.ts'
import { consoleScene, cookieIn, fromOwnPage, password } from './console-scene.ts'

let scene: ConsoleScene
beforeAll(async () => {
  scene = await consoleScene()
})

const claimsOf = (token: unknown) => {
  const [, payload = ''] = String(token).split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}
const withToken = (token: unknown) => ({ authorization: `Bearer ${String(token)}` })
const sessionIn = (cookie: string) => {
  const found = secretIn(issuer, [cookie])
  if (found === undefined) throw new Error('this is no cookie of a session')
  return found
}
const storedSessions = async () =>
  (await allItems(scene.table)).filter(({ kind }) => kind === 'console-session')
const audited = async (action: string) =>
  (await allItems(scene.table)).filter((item) => item['action'] === action)

describe('a sign-in to the console', () => {
  it('C1: sets a cookie that no script reads, no other site sends and no other host sets, and stores its hash only', async () => {
    const answer = await scene.signIn()
    expect(answer).toMatchObject({ status: 200, body: { state: 'signed-in' } })
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' })
    const [cookie = '', ...others] = answer.cookies
    expect(others).toEqual([])
    const [pair = '', ...attributes] = cookie.split('; ')
    expect(pair).toMatch(/^__Host-postern=pst_s[0-9a-z]{36}_[0-9A-Za-z]{49}$/)
    // A Domain would send it to other hosts, an age would keep it after the browser is closed.
    expect(attributes.toSorted()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure'])
    const secret = pair.slice('__Host-postern='.length)
    expect(answer.text).not.toContain(secret)
    expect(JSON.stringify(await allItems(scene.table))).not.toContain(secret.slice(-49))
  })

  it('gives tokens of five minutes for the same user and membership, all under the id of the session', async () => {
    const cookie = await scene.cookieOf()
    const [first, second] = [await scene.renew(cookie), await scene.renew(cookie)]
    expect(first).toMatchObject({ status: 200, body: { expiresIn: 300 } })
    const [claims, others] = [claimsOf(first.body['accessToken']), claimsOf(second.body['accessToken'])]
    expect(claims).toMatchObject({
      iss: issuer,
      aud: issuer,
      sub: scene.dana.user.userId,
      client_id: scene.dana.user.userId,
      org: scene.first.organizationId,
    })
    expect(claims.exp - claims.iat).toBe(300)
    const live = (sessionLifetimeSeconds: number) =>
      scene.call('PATCH', '/v1/organization', {
        ...withToken(scene.first.token),
        json: { sessionLifetimeSeconds },
      })
    await live(60)
    expect((await scene.renew(cookie)).body['expiresIn']).toBe(60)
    await live(900)
    expect(others.jti).toBe(claims.jti)
    expect(await scene.statusOf(first.body['accessToken'])).toBe(200)
    expect(await audited('login.succeeded')).toContainEqual(
      expect.objectContaining({
        targetId: claims.jti,
        targetUserId: scene.dana.user.userId,
        address: '203.0.113.9',
      }),
    )
  })

  it('gives tokens for the login account group of the user', async () => {
    await scene.make({ username: 'abby', loginAccountGroup: 1 })
    const { body } = await scene.renew(await scene.cookieOf('abby'))
    expect(claimsOf(body['accessToken'])).toMatchObject({ aid: 1 })
  })

  it('C2: answers an API user as it answers a wrong password and a name that nobody has', async () => {
    const { user } = await scene.make({ username: 'machine', accessLevel: 'api' })
    const of = async (given: object) => {
      const { status, headers, text, cookies } = await scene.signIn({ ...given, address: '203.0.113.50' })
      return { status, headers, text, cookies }
    }
    const right = await of({ username: 'machine' })
    expect(right).toMatchObject({ status: 401, cookies: [] })
    expect(right.text).toContain('this user may only call APIs and cannot sign in to the console')
    expect(await of({ username: 'machine', password: 'wrong' })).toEqual(right)
    expect(await of({ username: 'dana', password: 'wrong' })).toEqual(right)
    expect(await of({ username: 'nobody' })).toEqual(right)
    const json = { username: 'machine', password }
    expect((await scene.call('POST', '/v1/auth/login', { json })).status).toBe(200)
    const rows = (await audited('login.refused')).filter(({ targetUserId }) => targetUserId === user.userId)
    expect(rows.map(({ reason }) => reason).toSorted()).toEqual(['access_level', 'wrong_password'])
  })

  it('L3: counts wrong passwords with those of the login, and a right one of an API user like them', async () => {
    await scene.make({ username: 'guessed', accessLevel: 'api' })
    const from = '203.0.113.60'
    for (let index = 0; index < 5; index += 1) {
      const json = { username: 'guessed', password: `guess ${index}` }
      expect((await scene.call('POST', '/v1/auth/login', { json, address: from })).status).toBe(401)
      const isRight = index === 0
      const given = { username: 'guessed', ...(isRight ? {} : { password: `guess ${index}` }), address: from }
      expect((await scene.signIn(given)).status).toBe(401)
    }
    expect((await scene.signIn({ username: 'guessed', address: from })).status).toBe(429)
  })

  it('C3: takes no session that the browser had: its id and secret are new, and the old session ends', async () => {
    const planted = await scene.cookieOf()
    const { body } = await scene.renew(planted)
    const answer = await scene.signIn({ cookies: [planted] })
    const own = cookieIn(answer.cookies[0])
    expect(own.slice(0, 60)).not.toBe(planted.slice(0, 60))
    expect((await scene.renew(planted)).status).toBe(401)
    expect(await scene.statusOf(body['accessToken'])).toBe(401)
    expect((await scene.renew(own)).status).toBe(200)
  })

  it('goes on in another organization of the user, and in no other one', async () => {
    const { organizationId } = scene.second
    const refused = await scene.signIn({ organizationId })
    expect(refused.status).toBe(401)
    await scene.makeInSecond({ username: 'visitor', password, accessLevel: 'dashboard' })
    const home = await scene.signIn({ username: 'visitor', organizationId })
    const token = (await scene.renew(cookieIn(home.cookies[0]))).body['accessToken']
    expect(claimsOf(token)).toMatchObject({ org: organizationId })
  })
})

describe('C4: an endpoint that works with the cookie', () => {
  const withCookies = endpoints.filter(({ cookie }) => cookie !== undefined)
  const hostile: readonly [string, Readonly<Record<string, string>>][] = [
    ['no Origin', {}],
    ['the Origin of a page without one', { origin: 'null' }],
    ['another site', { origin: 'https://evil.example' }],
    ['another host of the site', { origin: 'https://www.postern.example' }],
    ['http', { origin: 'http://postern.example' }],
    ['another port', { origin: 'https://postern.example:8443' }],
    ['a longer name', { origin: 'https://postern.example.evil.example' }],
    ['two', { origin: `${issuer}, https://evil.example` }],
    ['a cross-site request', { origin: issuer, 'sec-fetch-site': 'cross-site' }],
    ['a same-site request', { origin: issuer, 'sec-fetch-site': 'same-site' }],
    ['no page at all', { origin: issuer, 'sec-fetch-site': 'none' }],
  ]

  it('is one of these, and none of them can be called by a link or an image', () => {
    expect(withCookies.map(({ method, path, cookie }) => `${method} ${path} ${cookie}`)).toEqual([
      'POST /v1/console/session sets',
      'POST /v1/console/session/organization needs',
      'POST /v1/console/token needs',
      'DELETE /v1/console/session needs',
      'POST /v1/console/session/second-factor needs',
      'POST /v1/console/session/second-factor/challenges needs',
      'POST /v1/console/session/second-factor/enrollments needs',
      'POST /v1/console/session/second-factor/enrollments/confirm needs',
    ])
  })

  it('takes requests of its own pages only, and does nothing for others', async () => {
    const cookie = await scene.cookieOf()
    const before = await scene.stored()
    for (const { method, path, request } of withCookies)
      for (const [name, headers] of hostile) {
        const json = request.body === undefined ? {} : { json: request.example }
        const answer = await scene.call(method, path, { ...json, headers, cookies: [cookie] })
        expect([answer.status, answer.body['code'], answer.cookies], `${path}: ${name}`).toEqual([
          403,
          'access_denied',
          [],
        ])
      }
    expect(await scene.stored()).toEqual(before)
    expect((await scene.renew(cookie, { origin: issuer })).status).toBe(200)
  })

  it('takes no form, which a page of another site could send', async () => {
    const asked = { form: { username: 'dana', password }, headers: fromOwnPage }
    expect((await scene.call('POST', '/v1/console/session', asked)).status).toBe(415)
  })

  it('has no CORS', async () => {
    const { headers } = await scene.renew(await scene.cookieOf())
    expect(Object.keys(headers).filter((name) => /^access-control/i.test(name))).toEqual([])
    expect(headers).toMatchObject({ 'cross-origin-resource-policy': 'same-origin' })
  })
})

describe('C5: a cookie that is no session', () => {
  it('gets one answer, whatever is wrong with it', async () => {
    const cookie = await scene.cookieOf()
    const ended = await scene.cookieOf()
    await scene.signOut(ended)
    const waiting = await scene.cookieOf()
    const { sessionId: waitingId } = sessionIn(waiting)
    const { userId } = scene.dana.user
    await scene.dependencies.write([
      {
        label: 'wait',
        update: keys.consoleSession(userId, waitingId),
        set: 'SET #state = :state',
        names: { '#state': 'state' },
        values: { ':state': 'second-factor' },
      },
    ])
    const stored = await readItem(scene.table, keys.consoleSession(userId, waitingId))
    const other = (await scene.cookieOf()).slice(-49)
    const answers = []
    for (const cookies of [
      [],
      ['__Host-postern='],
      ['__Host-postern=pst_s'],
      [`__Host-postern=${String(stored?.['secretHash'])}`],
      [`${cookie.slice(0, -49)}${other}`],
      // Of the right form, for a session that is there, and for one that is not.
      [`__Host-postern=${newCookieSecret({ userId, sessionId: waitingId }, randomBytes)}`],
      [`__Host-postern=${newCookieSecret(sessionIn(cookie), randomBytes)}`],
      [`__Host-postern=${newCookieSecret({ userId, sessionId: newSessionId(randomBytes) }, randomBytes)}`],
      [`${cookie.slice(0, -1)}${cookie.endsWith('0') ? '1' : '0'}`],
      [cookie.replace('__Host-postern', 'postern')],
      [cookie.replace('__Host-', '__host-')],
      [cookie, waiting],
      [cookie, cookie],
      [ended],
      [waiting],
    ])
      answers.push(await scene.renew(cookies))
    const [first] = answers
    expect(first).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    for (const { status, text, headers, cookies } of answers)
      expect({ status, text, headers, cookies }).toEqual({
        status: 401,
        text: first?.text,
        headers: first?.headers,
        cookies: [],
      })
    expect((await scene.renew(cookie)).status).toBe(200)
  })

  it('beyond the rate limit of its user hears the limit, and when it may ask again', async () => {
    const { user } = await scene.make({ username: 'rita' })
    const cookie = await scene.cookieOf('rita')
    const path = `/v1/users/${user.userId}/rate-limit`
    const limited = { ...withToken(scene.first.token), json: { rateLimitPerMinute: 1 } }
    expect((await scene.call('PUT', path, limited)).status).toBe(200)
    const answers = [await scene.renew(cookie), await scene.renew(cookie), await scene.renew(cookie)]
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.body['code']).toBe('too_many_requests')
    const { 'X-Organization-Rate-Limit-Limit': limit, 'X-Organization-Rate-Limit-Reset': reset } =
      refused?.headers ?? {}
    expect([limit, Number(reset) % 60]).toEqual(['1', 0])
  })

  it('is signed out without an error, and told to the browser to drop', async () => {
    const { status, cookies } = await scene.signOut('__Host-postern=something')
    expect(status).toBe(204)
    expect(cookies).toEqual(['__Host-postern=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0'])
  })
})

describe('the cookie', () => {
  it('is no credential of the API, and its secret no token', async () => {
    const cookie = await scene.cookieOf()
    const get = (asked: object) => scene.call('GET', '/v1/users/me', asked)
    expect((await get({ cookies: [cookie], headers: fromOwnPage })).status).toBe(401)
    const secret = cookie.slice('__Host-postern='.length)
    expect((await get({ authorization: `Bearer ${secret}` })).status).toBe(401)
    expect((await get({ authorization: secret })).status).toBe(401)
  })
})

describe('C6: signing out', () => {
  it('ends the session and all its tokens at once, for good, and no other session', async () => {
    const [cookie, other] = [await scene.cookieOf(), await scene.cookieOf()]
    const tokens = [await scene.renew(cookie), await scene.renew(cookie)].map(
      ({ body }) => body['accessToken'],
    )
    const { status, cookies } = await scene.signOut(cookie)
    expect([status, cookies]).toEqual([
      204,
      ['__Host-postern=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0'],
    ])
    for (const token of tokens) expect(await scene.statusOf(token)).toBe(401)
    expect((await scene.renew(cookie)).status).toBe(401)
    expect((await scene.renew(other)).status).toBe(200)
    expect(await audited('session.ended')).toContainEqual(
      expect.objectContaining({
        targetId: claimsOf(tokens[0]).jti,
        targetUserId: scene.dana.user.userId,
        address: '203.0.113.9',
        actor: expect.objectContaining({ kind: 'user', username: 'dana' }),
      }),
    )
  })

  it('is done by the logout of one of its tokens, too', async () => {
    const cookie = await scene.cookieOf()
    const { body } = await scene.renew(cookie)
    const logout = await scene.call('POST', '/v1/auth/logout', withToken(body['accessToken']))
    expect(logout.status).toBe(204)
    expect((await scene.renew(cookie)).status).toBe(401)
  })

  it('everywhere ends every session of the user, and no key and nobody else', async () => {
    const erin = await scene.make({ username: 'erin' })
    const cookies = [await scene.cookieOf('erin'), await scene.cookieOf('erin')]
    const others = await scene.cookieOf()
    const json = { username: 'erin', password }
    const login = (await scene.call('POST', '/v1/auth/login', { json })).body['accessToken']
    const [first] = await Promise.all(cookies.map((cookie) => scene.renew(cookie)))
    const token = first?.body['accessToken']
    expect((await scene.call('DELETE', '/v1/console/sessions', withToken(token))).status).toBe(204)
    for (const cookie of cookies) expect((await scene.renew(cookie)).status).toBe(401)
    expect([await scene.statusOf(token), await scene.statusOf(login)]).toEqual([401, 401])
    expect([await scene.statusOf(erin.token), (await scene.renew(others)).status]).toEqual([200, 200])
    expect(await audited('sessions.ended')).toMatchObject([{ targetUserId: erin.user.userId }])
    expect((await scene.call('GET', '/v1/console/sessions', withToken(erin.token))).body).toEqual({
      sessions: [],
    })
  })

  it('is done by a person: a stolen key, or a session that it opened, signs nobody out', async () => {
    const { token, user } = await scene.make({ username: 'hanna' })
    const created = await scene.call('POST', `/v1/users/${user.userId}/keys`, {
      ...withToken(scene.first.token),
      json: { name: 'stolen', kind: 'key' },
    })
    const key = created.body['credential'] as { keyId: string; secret: string }
    const opened = await scene.call('POST', '/oauth/token', {
      form: { grant_type: 'client_credentials', client_id: key.keyId, client_secret: key.secret },
    })
    const cookie = await scene.cookieOf('hanna')
    const { jti } = claimsOf((await scene.renew(cookie)).body['accessToken'])
    for (const path of ['', `/${jti}`])
      for (const credential of [token, opened.body['access_token']]) {
        const { status, body } = await scene.call(
          'DELETE',
          `/v1/console/sessions${path}`,
          withToken(credential),
        )
        expect([status, body['code']]).toEqual([403, 'access_denied'])
      }
    expect((await scene.renew(cookie)).status).toBe(200)
    const login = { json: { username: 'hanna', password } }
    const { body } = await scene.call('POST', '/v1/auth/login', login)
    const ended = await scene.call('DELETE', `/v1/console/sessions/${jti}`, withToken(body['accessToken']))
    expect(ended.status).toBe(204)
  })
})

describe('the list of own sessions', () => {
  it('says where and since when, and which one asks; each can be ended from another', async () => {
    await scene.make({ username: 'fred' })
    const headers = { ...fromOwnPage, 'user-agent': `Browser ${'x'.repeat(300)}` }
    const here = await scene.signIn({ username: 'fred', headers })
    const there = await scene.signIn({ username: 'fred', address: '203.0.113.70' })
    const [cookie, stolen] = [here, there].map(({ cookies }) => cookieIn(cookies[0]))
    const token = (await scene.renew(cookie ?? '')).body['accessToken']
    const list = async () =>
      (await scene.call('GET', '/v1/console/sessions', withToken(token))).body['sessions']
    const sessions = await list()
    expect(sessions).toMatchObject([
      { current: false, address: '203.0.113.70', userAgent: '' },
      { current: true, address: '203.0.113.9', userAgent: `Browser ${'x'.repeat(248)}` },
    ])
    expect(JSON.stringify(sessions)).not.toMatch(/secret|hash/i)
    const foreign = claimsOf((await scene.renew(await scene.cookieOf())).body['accessToken']).jti
    const [{ sessionId }] = sessions as [{ sessionId: string }]
    const end = (id: string) => scene.call('DELETE', `/v1/console/sessions/${id}`, withToken(token))
    expect((await end(foreign)).status).toBe(404)
    expect((await end(sessionId)).status).toBe(204)
    expect((await end(sessionId)).status).toBe(404)
    expect((await scene.renew(stolen ?? '')).status).toBe(401)
    expect(await list()).toMatchObject([{ current: true }])
  })

  it('leaves out who waits for a second factor', async () => {
    expect((await storedSessions()).some(({ state }) => state === 'second-factor')).toBe(true)
    const { body } = await scene.call('GET', '/v1/console/sessions', withToken(scene.dana.token))
    const shown = (body['sessions'] as readonly { sessionId: string }[]).map(({ sessionId }) => sessionId)
    const waiting = (await storedSessions()).filter(({ state }) => state === 'second-factor')
    for (const { sessionId } of waiting) expect(shown).not.toContain(sessionId)
  })
})

describe('the access level', () => {
  it('ends the sessions at once where it is taken away', async () => {
    const { user } = await scene.make({ username: 'gina' })
    const cookie = await scene.cookieOf('gina')
    const token = (await scene.renew(cookie)).body['accessToken']
    await scene.call('PATCH', `/v1/users/${user.userId}`, {
      ...withToken(scene.first.token),
      json: { accessLevel: 'api' },
    })
    expect((await scene.renew(cookie)).status).toBe(401)
    expect(await scene.statusOf(token)).toBe(401)
    expect((await scene.signIn({ username: 'gina' })).status).toBe(401)
  })
})
