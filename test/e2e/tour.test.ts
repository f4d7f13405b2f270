import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { describe, expect } from 'vitest'
import { readSettings } from '../../infra/aws/settings.ts'
import { it } from './kit.ts'
import { ask } from './laptop.ts'
import type { Created } from './tester.ts'
import { basic } from './tester.ts'

const messageOf = (json: unknown) => JSON.stringify(json)

/** The blocks of README's "First use", as they are pasted. */
const tourOf = (readme: string): string => {
  const section = /^## First use$([\s\S]*?)^## /m.exec(readme)?.[1] ?? ''
  return [...section.matchAll(/^```sh$([\s\S]*?)^```$/gm)].map(([, block]) => block).join('\n')
}
/** The tour waits for the authorizer of the default settings; the one under test keeps callers for one second (`settings.json`). */
const withoutLongWaits = (tour: string): string => {
  const { authorizerCacheSeconds } = readSettings({ mailFrom: null, adminEmail: null })
  return tour.replaceAll(/^sleep (\d+)$/gm, (_, seconds) => {
    expect(Number(seconds)).toBeGreaterThan(authorizerCacheSeconds)
    return 'sleep 2'
  })
}
const shells = ['bash', 'zsh', 'dash'].filter((shell) => spawnSync(shell, ['-c', ':']).status === 0)

describe('the tour of the README', () => {
  it('can be pasted again and again, after the lines that `npm start` prints for it', async ({ laptop }) => {
    const exported = laptop.output().match(/^export \w+=\S+$/gm) ?? []
    expect(exported.length).toBe(3)
    const script = [...exported, withoutLongWaits(tourOf(readFileSync('README.md', 'utf8')))].join('\n')
    expect(shells.length).toBeGreaterThan(0)
    for (const shell of [...shells, ...shells].slice(0, Math.max(2, shells.length))) {
      const { stdout } = await promisify(execFile)(shell, ['-e', '-c', script], { cwd: tmpdir() })
      const [made, served, moved, refused, why, asked, reset, ...more] = stdout.trimEnd().split('\n')
      expect([shell, more]).toEqual([shell, []])
      expect(JSON.parse(made ?? '')).toMatchObject({ user: { permissions: { orders: 'read' } } })
      expect(JSON.parse(served ?? '')).toMatchObject({ orders: expect.any(Array) })
      expect(JSON.parse(moved ?? '')).toMatchObject({ entries: ['203.0.113.7'] })
      expect(JSON.parse(refused ?? '')).toEqual({ message: 'Forbidden' })
      expect(JSON.parse(why ?? '').reason).toContain('no entry of the whitelist (1) holds this address')
      expect([asked, reset]).toEqual(['{}', '204'])
      const { userId } = JSON.parse(made ?? '').user
      const line = new RegExp(`^\\d\\d:\\d\\d:\\d\\d GET /demo/orders 403 ${userId} whitelist_no_match$`, 'm')
      await expect.poll(() => laptop.output()).toMatch(line)
    }
  })

  it('creates a user with a whitelist, serves it from its address only, and resets its password by mail', async ({
    laptop,
  }) => {
    const { api, admin } = laptop
    const created = await admin('/v1/users', {
      body: {
        username: 'touring-partner',
        email: 'ops@touring.example',
        role: 'User',
        permissions: { orders: 'read' },
        whitelist: ['127.0.0.1'],
        password: 'the first passphrase',
        generate: 'key',
      },
    })
    expect(created.status, created.text).toBe(201)
    const { user, credential } = created.json as Created
    const headers = basic(credential.keyId, credential.secret)

    const orders = await ask(`${api}/demo/orders`, { headers })
    expect(orders.status, orders.text).toBe(200)
    expect(messageOf(orders.json)).toContain(user.userId)

    const elsewhere = await ask(`${api}/demo/orders`, { headers, from: '127.0.0.2' })
    expect(elsewhere.status).toBe(403)
    expect(elsewhere.text).not.toContain('whitelist')
    const why = await admin('/v1/whitelist/check', {
      body: { username: 'touring-partner', address: '127.0.0.2' },
    })
    expect(why.json).toMatchObject({ allowed: false, entry: null })
    expect(messageOf(why.json)).toContain('no entry of the whitelist (1) holds this address')

    const writing = await ask(`${api}/demo/orders`, {
      method: 'POST',
      headers,
      body: { item: 'x' },
    })
    expect(writing.status).toBe(403)

    const login = (password: string) =>
      ask(`${api}/v1/auth/login`, { body: { username: 'Touring-Partner', password } })
    const session = await login('the first passphrase')
    expect(session.json).toMatchObject({ tokenType: 'Bearer', expiresIn: 900 })
    const bearer = { authorization: `Bearer ${(session.json as { accessToken: string }).accessToken}` }
    expect((await ask(`${api}/v1/users/me`, { headers: bearer })).status).toBe(200)

    const asked = await ask(`${api}/v1/password-resets`, { body: { login: 'touring-partner' } })
    expect([asked.status, asked.json]).toEqual([202, {}])
    const mail = await laptop.mailTo('ops@touring.example')
    const link = /https?:\/\/\S+token=\S+/.exec(mail.text)?.[0] ?? ''
    expect(link.startsWith(`${api}/password-reset?token=`)).toBe(true)
    expect((await ask(link)).status).toBe(200)
    expect((await ask(link, { method: 'HEAD' })).status).toBe(200)
    const token = new URL(link).searchParams.get('token')
    const confirm = { token, newPassword: 'a second passphrase', confirmPassword: 'a second passphrase' }
    const uses = [
      await ask(`${api}/v1/password-resets/confirm`, { body: confirm }),
      await ask(`${api}/v1/password-resets/confirm`, { body: confirm }),
    ]
    expect(uses.map(({ status }) => status)).toEqual([204, 400])

    expect((await ask(`${api}/v1/users/me`, { headers: bearer })).status).toBe(401)
    expect((await login('the first passphrase')).status).toBe(401)
    expect((await login('a second passphrase')).status).toBe(200)
    await laptop.mailTo(
      'ops@touring.example',
      ({ text }) => !text.includes('token=') && /password/i.test(text),
    )
  })

  it('serves its documentation and health without a credential, and 404s as problem+json', async ({
    laptop,
  }) => {
    const { api } = laptop
    expect((await ask(`${api}/health`)).json).toEqual({ status: 'ok' })
    expect((await ask(`${api}/openapi.json`)).json).toMatchObject({ openapi: '3.1.0' })
    expect((await ask(`${api}/docs`)).headers['content-type']).toContain('text/html')
    const missing = await ask(`${api}/nowhere`)
    expect([missing.status, missing.headers['content-type']]).toEqual([
      404,
      'application/problem+json;charset=UTF-8',
    ])
    expect(missing.json).toMatchObject({ code: 'not_found', requestId: expect.any(String) })
  })
})
