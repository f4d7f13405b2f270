import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { expectOpenedOften } from '../http/mailed-page.ts'
import { httpEvent } from './http-event.ts'
import { openResetFunctions } from './reset-functions.ts'
import type { Scene } from './reset-scene.ts'
import { issuer, makeScene, newPassword } from './reset-scene.ts'

let scene: Scene
let invoke: Awaited<ReturnType<typeof openResetFunctions>>
const printed: string[] = []

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  scene = await makeScene()
  scene.clock.milliseconds = Date.now()
  await scene.makeUser({ username: 'partner-42', email: 'ops@partner.example' })
  invoke = await openResetFunctions(scene.table)
})
afterAll(() => vi.restoreAllMocks())

const ask = (body: string, headers: Readonly<Record<string, string>> = {}) =>
  invoke('request', httpEvent({ method: 'POST', path: '/v1/password-resets', body, headers }))
const confirm = (body: object) =>
  invoke(
    'confirm',
    httpEvent({ method: 'POST', path: '/v1/password-resets/confirm', body: JSON.stringify(body) }),
  )
const page = (method: 'GET' | 'HEAD', query: string) =>
  invoke('confirm', httpEvent({ method, path: '/password-reset', query }))
const submit = (fields: Record<string, string>) =>
  invoke(
    'confirm',
    httpEvent({
      method: 'POST',
      path: '/password-reset',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    }),
  )

const forgot = (method: 'GET' | 'HEAD' | 'POST', body = '', type = 'application/x-www-form-urlencoded') =>
  invoke(
    'request',
    httpEvent({
      method,
      path: '/forgot-password',
      ...(method === 'POST' ? { body, headers: { 'content-type': type } } : {}),
    }),
  )
const resetRequests = async () => (await scene.itemsOfKind('reset-request')).length

describe('the functions of the password reset', () => {
  it('answer known, unknown, disabled and impossible logins with the same bytes (R1)', async () => {
    await scene.makeUser({ username: 'sleeper', status: 'disabled' })
    const known = await ask('{"login":"partner-42"}')
    expect([known.statusCode, known.body]).toEqual([202, '{}\n'])
    for (const login of ['nobody', 'sleeper', 'ſleeper \u{1f511}', 'x'.repeat(254)])
      expect(await ask(JSON.stringify({ login }))).toEqual(known)
  })

  it('take a forgotten password from a page, with one answer for every login (R1) and the same mail', async () => {
    await scene.deliverPending()
    await scene.makeUser({ username: 'forgetful', email: 'lost@partner.example' })
    const [before, reset] = [scene.mails.length, await resetRequests()]
    for (const method of ['GET', 'HEAD'] as const) {
      const opened = await forgot(method)
      expect(opened).toMatchObject({
        statusCode: 200,
        headers: { 'content-type': 'text/html;charset=UTF-8', 'cache-control': 'no-store' },
      })
      // API Gateway keeps the body from whoever asked with HEAD.
      expect(opened.body).toContain('<form method="post" action="forgot-password">')
    }
    expect(await resetRequests()).toBe(reset)
    const known = await forgot('POST', 'login=forgetful')
    const others = ['login=nobody', 'login=LOST%40partner.example', 'login=%EF%BC%A1', 'login=%3Cb%3E+%C3%A9']
    for (const form of others) expect(await forgot('POST', form)).toEqual(known)
    expect(known).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining('Check your mailbox') as unknown,
    })
    await scene.deliverPending()
    // By its name, and by its address.
    expect(scene.mails.slice(before).map(({ to }) => to)).toEqual([
      'lost@partner.example',
      'lost@partner.example',
    ])
    for (const form of ['', 'login=', 'login=a&login=b', 'login=a&url=https://evil.example', 'login=%ff'])
      expect(await forgot('POST', form)).toMatchObject({
        statusCode: 400,
        headers: { 'content-type': 'text/html;charset=UTF-8' },
      })
    expect((await forgot('POST', '{"login":"a"}', 'application/json')).statusCode).toBe(415)
    const { link } = /(?<link>https:\S+\/forgot-password)/.exec(scene.mails.at(-1)?.text ?? '')?.groups ?? {}
    expect(link).toBe(`${issuer}/forgot-password`)
  })

  it('mail a link to the configured origin, whatever the headers claim (R2)', async () => {
    await scene.deliverPending()
    const before = scene.mails.length
    const evil = 'evil.example'
    await ask('{"login":"partner-42"}', {
      host: evil,
      'x-forwarded-host': evil,
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '6.6.6.6',
      forwarded: `for=6.6.6.6;host=${evil}`,
      'x-original-url': `https://${evil}`,
      origin: `https://${evil}`,
      referer: `https://${evil}/x`,
    })
    expect(JSON.stringify(await scene.itemsOfKind('reset-request'))).not.toMatch(/evil|6\.6\.6\.6/)
    await scene.deliverPending()
    expect(scene.mails).toHaveLength(before + 1)
    const mail = scene.mails.at(-1)
    expect(`${mail?.text}${mail?.html}`).toContain(`${issuer}/password-reset?token=`)
    expect(JSON.stringify(mail)).not.toContain(evil)
  })

  it.each([
    ['{"login":["ops@partner.example","evil@evil.example"]}'],
    ['{"login":{"$ne":null}}'],
    ['{"login":"ops@partner.example\\r\\nBcc: evil@evil.example"}'],
    ['{"login":"a","login":"b"}'],
    ['{"login":"a","url":"https://evil.example"}'],
    ['{}'],
    ['[]'],
    ['"ops@partner.example"'],
    ['{"login":'],
  ])('refuse %s with a 400 (R3)', async (body) => {
    const { statusCode, headers } = await ask(body)
    expect(statusCode).toBe(400)
    expect(headers?.['content-type']).toContain('application/problem+json')
  })

  it('change nothing when the link is opened, however often and by whom (R9)', async () => {
    const token = await scene.mailedToken('partner-42')
    const before = JSON.stringify(await scene.items())
    await expectOpenedOften((method) => page(method, `token=${token}&utm_source=mail`), token)
    expect(JSON.stringify(await scene.items())).toBe(before)
    expect((await confirm({ token, newPassword, confirmPassword: newPassword })).statusCode).toBe(204)
  })

  it('take the new password from the form, once', async () => {
    const token = await scene.mailedToken('partner-42')
    const refused = await submit({ token, newPassword: 'short', confirmPassword: 'short' })
    expect(refused.statusCode).toBe(400)
    expect(refused.body).toContain('must have at least 8 characters')
    expect(refused.body).toContain(`value="${token}"`)
    const typo = await submit({ token, newPassword, confirmPassword: `${newPassword}x` })
    expect(typo.statusCode).toBe(400)
    expect(typo.body).toContain('must be the same as the new password')
    const done = await submit({ token, newPassword, confirmPassword: newPassword })
    expect(done.statusCode).toBe(200)
    expect(done.body).toContain('The new password is set')
    expect(done.body).not.toContain(token)
    const again = await submit({ token, newPassword, confirmPassword: newPassword })
    expect(again.statusCode).toBe(400)
    expect(again.body).toContain('no longer works')
  })

  it('name the field at fault to callers of the API', async () => {
    const token = await scene.mailedToken('partner-42')
    const differing = await confirm({ token, newPassword, confirmPassword: 'something else' })
    expect(differing.statusCode).toBe(400)
    expect(JSON.parse(differing.body ?? '')).toMatchObject({ errors: [{ path: 'confirmPassword' }] })
    const dead = await confirm({ token: 'x', newPassword, confirmPassword: newPassword })
    expect(JSON.parse(dead.body ?? '')).toMatchObject({ status: 400, code: 'reset_token_invalid' })
  })

  it('log no token, no password, no login and no mail address (F5)', async () => {
    await ask('{"login":"canary-login@canary.example"}')
    await scene.makeUser({ username: 'partner-43', email: 'ops-43@partner.example' })
    const token = await scene.mailedToken('partner-43')
    await page('GET', `token=${token}`)
    await confirm({ token, newPassword: 'canary', confirmPassword: 'canary' })
    await submit({ token, newPassword: 'canary passphrase', confirmPassword: 'other canary' })
    await submit({
      token,
      newPassword: 'the canary passphrase itself',
      confirmPassword: 'the canary passphrase itself',
    })
    await scene.deliverPending()
    const log = printed.join('\n') + JSON.stringify(scene.logged)
    expect(log).toContain('confirmPasswordReset')
    expect(log).not.toMatch(/canary/)
    expect(log).not.toContain('pst_')
    expect(log).not.toContain('partner.example')
    expect(JSON.stringify(await scene.items())).not.toContain('canary')
  })
})
