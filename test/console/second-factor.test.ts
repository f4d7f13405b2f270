import { Secret, TOTP } from 'otpauth'
import { beforeAll, describe, expect, it } from 'vitest'
import { readCallerSnapshot } from '../../lib/admission/snapshot-store.ts'
import {
  readConsoleSession,
  readConsoleSessions,
  readEndedSecret,
} from '../../lib/console/console-session-store.ts'
import type { SessionKey } from '../../lib/console/session-cookie.ts'
import { signOut } from '../../lib/console/sign-out.ts'
import type { SnapshotKeys } from '../../lib/identity/caller-snapshot.ts'
import type { StoredUsernameClaim } from '../../lib/identity/user-store.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { itemKinds } from '../../lib/table/schema.ts'
import { put } from '../../lib/table/stored-item.ts'
import type { WriteTransaction } from '../../lib/table/transaction.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { securityKey } from '../factors/authenticator.ts'
import { allItems } from '../fresh-table.ts'
import { issuer } from '../functions/deployment.ts'
import { origin } from '../organizations/organization.ts'
import type { ConsoleScene } from './console-scene.ts'
import { consoleScene, cookieIn, fromOwnPage, password } from './console-scene.ts'

let scene: ConsoleScene
beforeAll(async () => {
  scene = await consoleScene()
})

const base = '/v1/console/session/second-factor'
const post = (path: string, cookie: string, json?: unknown, address?: string) =>
  scene.call('POST', path, {
    ...(json === undefined ? {} : { json }),
    headers: fromOwnPage,
    cookies: [cookie],
    ...(address === undefined ? {} : { address }),
  })
const codeOf = (secret: string, steps = 0): string =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + steps * 30_000 })
const demand = async (secondFactor: string) => {
  const json = { secondFactor }
  const answer = await scene.call('PATCH', '/v1/organization', {
    json,
    authorization: `Bearer ${scene.first.token}`,
  })
  expect(answer.status).toBe(200)
}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const fieldOf = (value: unknown, name: string): string =>
  textOf(new Map<string, unknown>(Object.entries(Object(value))).get(name))

/** A user with an authenticator app, by the API: proof, enrollment, confirmation. */
const withApp = async (username: string) => {
  const { token, user } = await scene.make({ username, email: `${username}@customer.example` })
  const asked = { authorization: `Bearer ${token}` }
  const of = (path: string, json?: unknown, headers = {}) =>
    scene.call('POST', `/v1/users/me/second-factors${path}`, { ...asked, json, headers })
  expect((await of('/enrollments', { kind: 'totp' })).body['code']).toBe('proof_required')
  const { body: proven } = await of('/proofs', { password })
  const headers = { 'postern-proof': textOf(proven['proof']) }
  const { body: begun } = await of('/enrollments', { kind: 'totp' }, headers)
  const secret = fieldOf(begun['totp'], 'secret')
  const confirmation = { enrollmentId: begun['enrollmentId'], name: 'Phone', code: codeOf(secret) }
  const { status, body } = await of('', confirmation)
  expect(status).toBe(201)
  const recoveryCodes = Array.isArray(body['recoveryCodes']) ? body['recoveryCodes'].map(String) : []
  return { secret, recoveryCodes, user, token, of }
}

describe('S1: a sign-in of a user with a second factor', () => {
  it('gets no token before the second step, and a new cookie with it', async () => {
    const app = await withApp('erin')
    const answer = await scene.signIn({ username: 'erin' })
    expect(answer).toMatchObject({ status: 200, body: { state: 'second-factor' } })
    const waiting = cookieIn(answer.cookies[0])
    expect((await scene.renew(waiting)).status).toBe(401)
    expect(await post(`${base}`, waiting, {})).toMatchObject({
      status: 401,
      body: { code: 'second_factor_required' },
    })
    const code = codeOf(app.secret, 1)
    const done = await post(base, waiting, { code })
    expect(done).toMatchObject({ status: 200, body: { state: 'signed-in' } })
    const own = cookieIn(done.cookies[0])
    expect((await scene.renew(own)).status).toBe(200)
    // The cookie that waited is no session any more, nor can the code be used again.
    const late = [await scene.renew(waiting), await post(base, waiting, { code: '1' })]
    for (const { status, body } of late) expect([status, body['code']]).toEqual([401, 'invalid_credentials'])
    const actions = (await allItems(scene.table))
      .filter(({ targetUserId }) => targetUserId === app.user.userId)
      .map(({ action }) => action)
    expect(actions).toContain('login.second-factor-asked')
    // A sign-out that the browser sent before it had the new cookie.
    expect((await scene.signOut(waiting)).status).toBe(204)
    expect((await scene.renew(own)).status).toBe(401)
    const again = cookieIn((await scene.signIn({ username: 'erin' })).cookies[0])
    expect((await post(base, again, { code })).status).toBe(401)
    const login = { username: 'erin', password, code }
    expect((await scene.call('POST', '/v1/auth/login', { json: login })).body['code']).toBe(
      'second_factor_required',
    )
  })

  it('is one by the password alone if the last factor goes while it waits, and leads nowhere where one is asked for', async () => {
    const app = await withApp('erica')
    const waiting = cookieIn((await scene.signIn({ username: 'erica' })).cookies[0])
    const { body: proven } = await app.of('/proofs', { password, code: app.recoveryCodes[0] })
    const asked = {
      authorization: `Bearer ${app.token}`,
      headers: { 'postern-proof': textOf(proven['proof']) },
    }
    const path = '/v1/users/me/second-factors'
    const { body } = await scene.call('GET', path, asked)
    const [factor] = body['secondFactors'] as { factorId: string }[]
    expect((await scene.call('DELETE', `${path}/${factor?.factorId}`, asked)).status).toBe(204)
    expect((await post(base, waiting, {})).status).toBe(200)
    const sessions = (await allItems(scene.table)).filter(
      ({ kind, userId }) => kind === 'console-session' && userId === app.user.userId,
    )
    expect(sessions).toMatchObject([{ state: 'signed-in', tookFactor: false }])
  })

  it('C6: leaves no session to a sign-out at the same moment, whichever comes first', async () => {
    const { recoveryCodes, user } = await withApp('ernie')
    const [first, second] = recoveryCodes
    const { table } = scene
    const waiting = cookieIn((await scene.signIn({ username: 'ernie' })).cookies[0])
    let own = ''
    const overtaken: WriteTransaction = async (writes) => {
      if (own === '') own = cookieIn((await post(base, waiting, { code: first })).cookies[0])
      return await writeTransaction(table, writes)
    }
    const dependencies = {
      ...scene.dependencies,
      issuer,
      readSnapshot: (wanted: SnapshotKeys) => readCallerSnapshot(table, wanted),
      readConsoleSession: (of: SessionKey) => readConsoleSession(table, of),
      readConsoleSessions: (userId: UserId) => readConsoleSessions(table, userId),
      readEndedSecret: (of: SessionKey) => readEndedSecret(table, of),
      write: overtaken,
    }
    await signOut(dependencies, [waiting], origin)
    expect(own).toMatch(/pst_/)
    expect((await scene.renew(own)).status).toBe(401)
    const another = cookieIn((await scene.signIn({ username: 'ernie' })).cookies[0])
    await Promise.all([post(base, another, { code: second }), scene.signOut(another)])
    expect(await readConsoleSessions(table, user.userId)).toEqual([])
  })

  it('takes a recovery code in one of three steps at once', async () => {
    const { recoveryCodes, secret, user } = await withApp('frank')
    const waiting = await Promise.all(
      [1, 2, 3].map(async () => cookieIn((await scene.signIn({ username: 'frank' })).cookies[0])),
    )
    const done = await Promise.all(waiting.map((cookie) => post(base, cookie, { code: recoveryCodes[0] })))
    const answers = done.map(({ status, body }) => `${status} ${textOf(body['code'])}`)
    const wrong = '401 second_factor_required'
    expect(answers.toSorted()).toEqual(['200 ', wrong, wrong])
    const sessions = (await allItems(scene.table)).filter(
      ({ kind, userId, state }) =>
        kind === 'console-session' && userId === user.userId && state === 'signed-in',
    )
    expect(sessions).toMatchObject([{ tookFactor: true }])
    // Of one cookie with two factors at once, one opens a session, and the other finds none.
    const rest = waiting.find((_, index) => done[index]?.status === 401) ?? ''
    const codes = [codeOf(secret, 1), recoveryCodes[1]]
    const both = await Promise.all(codes.map((code) => post(base, rest, { code })))
    const loser = both.find(({ status }) => status !== 200)
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(loser).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
  })

  it('S1: asks nothing of somebody else who got the name while it waits', async () => {
    await withApp('fiona')
    const { user: other } = await scene.make({ username: 'fay' })
    const waiting = cookieIn((await scene.signIn({ username: 'fiona' })).cookies[0])
    const claim = { ...keys.usernameClaim('fiona'), kind: itemKinds.usernameClaim, userId: other.userId }
    const { organizationId } = scene.first
    // As if the name had changed hands between the read of the session and that of the name. This one has no second factor.
    await writeTransaction(scene.table, [
      put<typeof StoredUsernameClaim>('username', { ...claim, organizationId }),
    ])
    const answer = await post(base, waiting, {})
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    expect(answer.cookies).toEqual([])
  })

  it('S3: counts wrong codes with wrong passwords, however often it begins again', async () => {
    const app = await withApp('grace')
    const from = '203.0.113.70'
    const right = codeOf(app.secret, 1)
    const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, '0')
    for (let guess = 0; guess < 5; guess += 1) {
      const waiting = cookieIn((await scene.signIn({ username: 'grace', address: from })).cookies[0])
      for (let more = 0; more < 2; more += 1)
        expect((await post(base, waiting, { code: wrong }, from)).status).toBe(401)
    }
    // The right password in between reset nothing: all ten are in the count that has no window.
    const inARow = async () =>
      (await allItems(scene.table))
        .filter(({ sk }) => sk === 'IN_A_ROW')
        .flatMap((item) => Object.values(item).flatMap((each) => (each instanceof Set ? [each.size] : [])))
    expect(await inARow()).toContain(10)
    expect((await scene.signIn({ username: 'grace', address: from })).status).toBe(429)
    const elsewhere = cookieIn((await scene.signIn({ username: 'grace' })).cookies[0])
    expect((await post(base, elsewhere, { code: right }, from)).status).toBe(429)
    expect((await post(base, elsewhere, { code: right })).status).toBe(200)
    expect(await inARow()).not.toContain(10)
  })

  it('takes a passkey on the page of the issuer', async () => {
    const app = await withApp('heidi')
    const { body: proven } = await app.of('/proofs', { password, code: app.recoveryCodes[0] })
    const headers = { 'postern-proof': textOf(proven['proof']) }
    const { body: begun } = await app.of('/enrollments', { kind: 'passkey' }, headers)
    const device = securityKey()
    const created = device.create({ challenge: fieldOf(begun['passkey'], 'challenge'), origin: issuer })
    const confirmation = { enrollmentId: begun['enrollmentId'], name: 'Key', passkey: created }
    expect((await app.of('', confirmation)).status).toBe(201)

    const waiting = cookieIn((await scene.signIn({ username: 'heidi' })).cookies[0])
    const { body: asked } = await post(`${base}/challenges`, waiting)
    const challenge = fieldOf(asked['passkey'], 'challenge')
    const answer = (origin: string) => ({
      passkey: { challengeId: asked['challengeId'], response: device.get({ challenge, origin }) },
    })
    expect((await post(base, waiting, answer('https://evil.example'))).status).toBe(401)
    expect((await post(base, waiting, answer(issuer))).status).toBe(200)
  })
})

describe('S1: a sign-in of a user who must have a second factor and has none', () => {
  it('adds one and gets a token only then; nobody adds a second one by the password alone', async () => {
    const { user, token } = await scene.make({ username: 'ivan', email: 'ivan@customer.example' })
    await demand('everybody')
    try {
      const [mine, theirs] = [
        await scene.signIn({ username: 'ivan' }),
        await scene.signIn({ username: 'ivan' }),
      ]
      expect(mine.body['state']).toBe('enroll-second-factor')
      const [own, other] = [cookieIn(mine.cookies[0]), cookieIn(theirs.cookies[0])]
      expect((await scene.renew(own)).status).toBe(401)
      const early = await post(base, own, { code: '123456' })
      expect([early.status, early.body['code']]).toEqual([401, 'invalid_credentials'])
      const begin = async (cookie: string) =>
        (await post(`${base}/enrollments`, cookie, { kind: 'totp' })).body
      const [begun, rival] = [await begin(own), await begin(other)]
      const stored = async (wanted: string) =>
        (await allItems(scene.table)).filter(({ kind, userId }) => kind === wanted && userId === user.userId)
      const byPasswordAlone = { hadFactor: false }
      expect(await stored('ceremony')).toMatchObject([byPasswordAlone, byPasswordAlone])
      const confirmation = (of: typeof begun) => ({
        enrollmentId: of['enrollmentId'],
        name: 'Phone',
        code: codeOf(fieldOf(of['totp'], 'secret')),
      })
      const done = await post(`${base}/enrollments/confirm`, own, confirmation(begun))
      expect(done).toMatchObject({ status: 201, body: { state: 'signed-in' } })
      expect(done.body['recoveryCodes']).toHaveLength(10)
      expect((await scene.renew(cookieIn(done.cookies[0]))).status).toBe(200)
      expect((await scene.renew(own)).status).toBe(401)
      expect((await post(`${base}/enrollments/confirm`, other, confirmation(rival))).status).toBe(401)
      expect((await readItem(scene.table, keys.factors(user.userId)))?.['factors']).toHaveLength(1)
      const sessions = await stored('console-session')
      expect(sessions.filter(({ state }) => state === 'signed-in')).toMatchObject([{ tookFactor: true }])
      const rows = (await allItems(scene.table)).filter((item) => item['targetUserId'] === user.userId)
      expect(rows.map((row) => row['action'])).toEqual(
        expect.arrayContaining(['second-factor.added', 'login.succeeded']),
      )
      // Machines have keys and tokens, which need no second factor.
      expect(await scene.statusOf(token)).toBe(200)
    } finally {
      await demand('optional')
    }
  })
})

it('keeps sessions for one API, and those that act as somebody, away from second factors', async () => {
  const actor = await scene.make({ username: 'mallory', impersonation: 'full' })
  await scene.make({ username: 'judy', permissions: { 'shop/orders': 'read' } })
  const audience = scene.audiences.shop
  const login = { json: { username: 'judy', password, audience } }
  const { body: forApi } = await scene.call('POST', '/v1/auth/login', login)
  const { body: acting } = await scene.call('POST', '/oauth/token', {
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: actor.token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_subject: 'judy',
    },
  })
  for (const accessToken of [forApi['accessToken'], acting['access_token']]) {
    expect(textOf(accessToken)).not.toBe('')
    const asked = { authorization: `Bearer ${textOf(accessToken)}` }
    const list = await scene.call('GET', '/v1/users/me/second-factors', asked)
    const proof = await scene.call('POST', '/v1/users/me/second-factors/proofs', {
      ...asked,
      json: { password },
    })
    expect([list.status, proof.status]).toEqual([403, 403])
  }
})
