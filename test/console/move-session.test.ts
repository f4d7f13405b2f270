import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { beforeAll, describe, expect, it } from 'vitest'
import { newCookieSecret } from '../../lib/console/session-cookie.ts'
import { signInOf } from '../../lib/secrets/key-id.ts'
import { logOut } from '../../lib/sessions/log-out.ts'
import type { WriteTransaction } from '../../lib/table/transaction.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { allItems } from '../fresh-table.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import type { ConsoleScene } from './console-scene.ts'
import { consoleScene, cookieIn, fromOwnPage, password } from './console-scene.ts'

let scene: ConsoleScene
let home: string
let host: string
beforeAll(async () => {
  scene = await consoleScene()
  home = scene.first.organizationId
  host = scene.second.organizationId
})

const bearer = (token: unknown) => ({ authorization: `Bearer ${String(token)}` })
const move = (cookie: string, organizationId: string) =>
  scene.call('POST', '/v1/console/session/organization', {
    json: { organizationId },
    headers: fromOwnPage,
    cookies: [cookie],
  })
const claimsOf = (token: unknown) => {
  const [, payload = ''] = String(token).split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}
const claimsIn = async (cookie: string) => claimsOf((await scene.renew(cookie)).body['accessToken'])
const audited = async (action: string, userId: string) =>
  (await allItems(scene.table)).filter((item) => item['action'] === action && item['targetUserId'] === userId)

/** A user of the first organization, who has accepted an invitation of the second. */
const makeGuest = async (username: string) => {
  const { user, token } = await scene.make({ username })
  const invited = await scene.call('POST', '/v1/users', { json: { username }, ...bearer(scene.second.token) })
  expect(invited.status).toBe(201)
  const accept = () => scene.call('POST', `/v1/users/me/memberships/${host}/accept`, bearer(token))
  return { user, token, accept }
}
const signedIn = async (username: string) => cookieIn((await scene.signIn({ username })).cookies[0])

describe('C7: going on in another organization', () => {
  it('gives a new session there, to the same absolute end, and ends the one here at once', async () => {
    const { user, accept } = await makeGuest('erin')
    await accept()
    const first = await scene.signIn({ username: 'erin' })
    const cookie = cookieIn(first.cookies[0])
    const old = (await scene.renew(cookie)).body['accessToken']
    const { jti: before } = claimsOf(old)
    const moved = await move(cookie, host)
    expect(moved).toMatchObject({ status: 200, body: { state: 'signed-in' } })
    expect(moved.body['sessionEndsAt']).toBe(first.body['sessionEndsAt'])
    const own = cookieIn(moved.cookies[0])
    expect(moved.cookies[0]).toBe(`${own}; Path=/; HttpOnly; SameSite=Strict; Secure`)
    expect(own.slice(0, 60)).not.toBe(cookie.slice(0, 60))
    expect([(await scene.renew(cookie)).status, await scene.statusOf(old)]).toEqual([401, 401])
    const claims = await claimsIn(own)
    expect(claims).toMatchObject({ org: host, sub: user.userId })
    // Wrong passwords that are given in both are counted together.
    expect(signInOf(claims.jti)).toBe(signInOf(claimsOf(old).jti))
    const [row, ...more] = await audited('session.moved', user.userId)
    expect(more).toEqual([])
    expect(row).toMatchObject({ organizationId: host, targetId: claims.jti, address: '203.0.113.9' })
    // The host learns nothing of where its guest comes from.
    expect(JSON.stringify({ ...row, actor: null })).not.toContain(home)
    expect(await audited('session.ended', user.userId)).toMatchObject([
      { organizationId: home, targetId: before },
    ])
    expect((await move(own, home)).status).toBe(200)
  })

  it('needs a membership that the user has accepted, and tells of no organization whether it is one', async () => {
    const { accept } = await makeGuest('fred')
    const cookie = await signedIn('fred')
    const others = await scene.cookieOf()
    const before = await scene.stored()
    const answers = [await move(cookie, host), await move(cookie, 'org_0000000000'), await move(others, host)]
    for (const { status, text } of answers) expect([status, text]).toEqual([404, answers[0]?.text])
    expect(await scene.stored()).toEqual(before)
    expect((await claimsIn(cookie)).org).toBe(home)
    await accept()
    expect((await move(cookie, host)).status).toBe(200)
    expect((await move(cookie, host)).status).toBe(401)
  })

  it('is ended by a sign-out with the cookie before, whichever comes first', async () => {
    const { user, accept } = await makeGuest('gwen')
    await accept()
    const sessions = async () =>
      (await allItems(scene.table)).filter(
        ({ kind, userId }) => kind === 'console-session' && userId === user.userId,
      )
    const cookie = await signedIn('gwen')
    const own = cookieIn((await move(cookie, host)).cookies[0])
    const [text = '', , session = ''] = /=pst_s(\w{16})(\w{20})_\w+/.exec(cookie) ?? []
    const madeUp = newCookieSecret({ userId: user.userId, sessionId: `ses_${session}` }, randomBytes)
    expect((await scene.signOut(cookie.replace(text, `=${madeUp}`))).status).toBe(204)
    expect((await scene.renew(own)).status, 'a cookie that was made up').toBe(200)
    expect((await scene.signOut(cookie)).status).toBe(204)
    expect((await scene.renew(own)).status).toBe(401)
    expect(await sessions()).toEqual([])
    const another = await signedIn('gwen')
    await Promise.all([move(another, host), scene.signOut(another)])
    expect(await sessions()).toEqual([])
    const ended = await audited('session.ended', user.userId)
    expect(new Set(ended.map(({ organizationId }) => organizationId))).toEqual(new Set([home, host]))
  })

  it('C6: is ended by its id before, which the list of another session still shows', async () => {
    await (await makeGuest('gary')).accept()
    const [stolen, own] = [await signedIn('gary'), await signedIn('gary')]
    const asked = bearer((await scene.renew(own)).body['accessToken'])
    const { jti } = await claimsIn(stolen)
    const moved = cookieIn((await move(stolen, host)).cookies[0])
    const end = () => scene.call('DELETE', `/v1/console/sessions/${jti}`, asked)
    expect((await end()).status).toBe(204)
    expect((await scene.renew(moved)).status).toBe(401)
    expect((await end()).status).toBe(404)
    expect((await scene.renew(own)).status).toBe(200)
  })

  it('C6: has nothing to begin from after a logout with a token of the session', async () => {
    const { user, accept } = await makeGuest('gale')
    await accept()
    const [cookie, other] = [await signedIn('gale'), await signedIn('gale')]
    const token = (await scene.renew(cookie)).body['accessToken']
    expect((await scene.call('POST', '/v1/auth/logout', bearer(token))).status).toBe(204)
    expect((await move(cookie, host)).status).toBe(401)
    const { body } = await scene.call(
      'GET',
      '/v1/console/sessions',
      bearer((await scene.renew(other)).body['accessToken']),
    )
    expect(body['sessions']).toMatchObject([{ current: true }])
    // The item itself is gone, which the write of a move at the same moment requires to be there.
    const stored = (await allItems(scene.table)).filter(
      ({ kind, userId }) => kind === 'console-session' && userId === user.userId,
    )
    expect(stored).toHaveLength(1)
  })

  it('C6: is ended by a logout with a token of the session before that it overtakes, however often', async () => {
    const { user, accept, token } = await makeGuest('glen')
    await accept()
    let cookie = await signedIn('glen')
    const { jti } = await claimsIn(cookie)
    const ways = [host, home, host]
    const overtaken: WriteTransaction = async (writes) => {
      const way = ways.shift()
      if (way !== undefined) cookie = cookieIn((await move(cookie, way)).cookies[0])
      return await writeTransaction(scene.table, writes)
    }
    const caller = await callerWith(scene.table, token)
    const provenBy = { ...caller.subject.provenBy, sessionId: jti }
    const inSession = { ...caller, subject: { ...caller.subject, provenBy } }
    await logOut({ ...scene.dependencies, write: overtaken }, inSession, origin)
    expect(ways).toEqual([])
    expect((await scene.renew(cookie)).status).toBe(401)
    const kept = (await allItems(scene.table)).filter(({ userId }) => userId === user.userId)
    expect(kept.filter(({ kind }) => kind === 'console-session')).toEqual([])
    // Once more: nothing is left to end, and nothing to write.
    const before = await scene.stored()
    await logOut(scene.dependencies, inSession, origin)
    expect(await scene.stored()).toEqual(before)
  })

  it('is done once of two at once', async () => {
    await (await makeGuest('gina')).accept()
    const cookie = await signedIn('gina')
    const both = await Promise.all([move(cookie, host), move(cookie, host)])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401])
  })

  it('asks for what a sign-in there asks for, and was not given at the sign-in here', async () => {
    const rules = ['optional', 'managers', 'everybody'] as const
    const plain = await makeGuest('hanna')
    const careful = await makeGuest('ivan')
    for (const { accept } of [plain, careful]) await accept()
    const withoutCode = await signedIn('ivan')
    const { secret } = await addApp(careful.token)
    const waiting = await signedIn('ivan')
    const code = TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + 30_000 })
    const done = await scene.call('POST', '/v1/console/session/second-factor', {
      json: { code },
      headers: fromOwnPage,
      cookies: [waiting],
    })
    const sessions = [
      { hasFactor: false, gaveCode: false, cookie: await signedIn('hanna') },
      { hasFactor: true, gaveCode: false, cookie: withoutCode },
      { hasFactor: true, gaveCode: true, cookie: cookieIn(done.cookies[0]) },
    ]
    const setRule = (secondFactor: string) =>
      scene.call('PATCH', '/v1/organization', { json: { secondFactor }, ...bearer(scene.second.token) })
    for (const rule of rules) {
      expect((await setRule(rule)).status).toBe(200)
      for (const session of sessions) {
        // None of them manages anything there.
        const asks = session.hasFactor || rule === 'everybody'
        const answer = await move(session.cookie, host)
        const given = `${rule}, ${JSON.stringify({ ...session, cookie: '' })}`
        if (asks && !session.gaveCode) {
          expect([answer.status, answer.body['code'], answer.cookies], given).toEqual([
            401,
            'second_factor_required',
            [],
          ])
          // It goes on where it is.
          expect((await claimsIn(session.cookie)).org).toBe(home)
          continue
        }
        expect(answer.status, given).toBe(200)
        const back = await move(cookieIn(answer.cookies[0]), home)
        expect(back.status, given).toBe(200)
        session.cookie = cookieIn(back.cookies[0])
      }
    }
    await setRule('optional')
  })

  it('is not for sessions that wait for a second factor', async () => {
    const { accept, token } = await makeGuest('judy')
    await accept()
    await addApp(token)
    const answer = await move(await signedIn('judy'), host)
    expect([answer.status, answer.body['code']]).toEqual([401, 'invalid_credentials'])
  })
})

describe('a recovery code of a guest', () => {
  it('S4: that is used at the host is told to the home organization, which manages it, and not to the host', async () => {
    const { user, accept, token } = await makeGuest('kate')
    await accept()
    const { recoveryCodes } = await addApp(token)
    const waiting = await scene.signIn({ username: 'kate', organizationId: host })
    const done = await scene.call('POST', '/v1/console/session/second-factor', {
      json: { code: recoveryCodes[0] },
      headers: fromOwnPage,
      cookies: [cookieIn(waiting.cookies[0])],
    })
    expect(done.status).toBe(200)
    const rows = await audited('recovery-code.used', user.userId)
    expect(rows).toMatchObject([{ organizationId: home, actor: { userId: user.userId } }])
    expect(JSON.stringify(rows)).not.toContain(host)
  })
})

/** An authenticator app, by the API. */
const addApp = async (
  token: string,
): Promise<{ readonly secret: string; readonly recoveryCodes: readonly string[] }> => {
  const post = (path: string, json: unknown, headers = {}) =>
    scene.call('POST', `/v1/users/me/second-factors${path}`, { ...bearer(token), json, headers })
  const { body: proven } = await post('/proofs', { password })
  const headers = { 'postern-proof': String(proven['proof']) }
  const { body: begun } = await post('/enrollments', { kind: 'totp' }, headers)
  const { secret } = begun['totp'] as { secret: string }
  const code = TOTP.generate({ secret: Secret.fromBase32(secret) })
  const added = await post('', { enrollmentId: begun['enrollmentId'], name: 'Phone', code })
  expect(added.status).toBe(201)
  return { secret, recoveryCodes: added.body['recoveryCodes'] as string[] }
}
