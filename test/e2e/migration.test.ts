import { execFile } from 'node:child_process'
import { hash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import {
  formerHashes,
  formerPassword,
  seventyTwoBytes,
  seventyTwoBytesHash,
} from '../secrets/foreign-hashes.ts'
import { resetTokenFor, untilNoted, withinCacheTime } from './customer.ts'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import { it } from './kit.ts'
import type { Laptop } from './laptop.ts'
import { ask } from './laptop.ts'
import type { Created } from './tester.ts'
import { basic, bearer, codeOf, logIn, makeUser, statusesWith, told } from './tester.ts'

let laptop: Laptop
let inside: Inside

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  inside = await lookInside(laptop)
})

const ownHash = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/
const storedHash = async (userId: UserId): Promise<string> =>
  String((await readItem(inside.table, keys.password(userId)))?.['passwordHash'])

const newSecret = () => `old_${randomBytes(24).toString('base64url')}`
const sha256 = (secret: string) => hash('sha256', secret, 'hex')
const importInto = (userId: UserId, body: object) =>
  laptop.admin(`/v1/users/${userId}/keys/import`, { body: { name: 'from before', ...body } })
const importedInto = async (userId: UserId, body: object) => {
  const reply = await importInto(userId, body)
  expect([reply.status, reply.text]).toMatchObject([201, expect.stringContaining('"imported":true')])
  return (reply.json as { credential: Created['credential'] }).credential
}
const revoke = (userId: UserId, keyId: string) =>
  laptop.admin(`/v1/users/${userId}/keys/${keyId}`, { method: 'DELETE' })
const form = (path: string, fields: Record<string, string>, headers = {}) =>
  ask(`${laptop.api}${path}`, {
    raw: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })

/** The command lines of docs/migration.md, block by block, as one shell runs them, and what each block prints. */
const runMigrationPage = async (): Promise<string[]> => {
  const page = await readFile('docs/migration.md', 'utf8')
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines = '']) => lines)
  const script = blocks.map((lines) => `${lines}\necho; echo '=== end of block'\n`).join('')
  const folder = await mkdtemp(join(tmpdir(), 'postern-migration-'))
  const environment = {
    ...process.env,
    POSTERN: laptop.api,
    TOKEN: laptop.lines['admin token'] ?? '',
    OLD_TOKEN: 'sk_live_from_the_page_0123456789abcdef',
    // With what a form would read otherwise, had it not been encoded.
    OLD_SECRET: 'secret+from%2Fthe&page=0123456789%zz',
  }
  try {
    const printed = await new Promise<string>((resolve, reject) => {
      execFile(
        'sh',
        ['-e', '-c', script],
        { cwd: folder, env: environment, encoding: 'utf8' },
        (error, stdout, stderr) =>
          error === null && stderr === '' ? resolve(stdout) : reject(error ?? new Error(stderr)),
      )
    })
    return printed.split('=== end of block').slice(0, -1)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('the lines of docs/migration.md', () => {
  it('do what the page says', async () => {
    const [, users = '', file = '', hashes, imports = '', calls = ''] = await runMigrationPage()
    expect(hashes?.trim()).toBe('')
    expect([...users.matchAll(/"username":"(\w+)"/g)].map(([, name]) => name)).toEqual([
      'shop',
      'billing',
      'reports',
    ])
    expect(users).toContain('"tokenType":"Bearer"')
    expect([...file.matchAll(/"username":"(\w+)"/g)].map(([, name]) => name)).toEqual(['crm', 'stock'])
    expect([...imports.matchAll(/"imported":true/g)]).toHaveLength(2)
    expect(imports).toContain('"clientId":"shop-production"')
    expect([...calls.matchAll(/"username":"shop"/g)]).toHaveLength(4)
    expect(calls).toContain('"access_token":"eyJ')
    for (const name of ['shop', 'billing', 'reports'])
      expect([name, (await logIn(laptop, name, formerPassword)).status]).toEqual([name, 200])
  })
})

describe('a user who moves in with a password', () => {
  it.each([
    ['bcrypt', 'bcrypt 2a'],
    ['argon2', 'argon2i'],
    ['PBKDF2', 'passlib PBKDF2-SHA512'],
  ])('logs in by %s, and from then on by our own hash', async (_what, library) => {
    const username = `moving-${library.replaceAll(' ', '-')}`
    const passwordHash = formerHashes[library] ?? ''
    const { user } = await makeUser(laptop, { username, passwordHash })
    expect(passwordHash.endsWith(await storedHash(user.userId))).toBe(true)
    expect((await logIn(laptop, username, `${formerPassword}!`)).status).toBe(401)
    expect((await logIn(laptop, username, formerPassword)).status).toBe(200)
    expect(await storedHash(user.userId)).toMatch(ownHash)
    expect((await logIn(laptop, username, formerPassword)).status).toBe(200)
    expect((await logIn(laptop, username, `${formerPassword}!`)).status).toBe(401)
  })

  it('changes or resets the password before any login', async () => {
    const words = { newPassword: 'a passphrase of now', confirmPassword: 'a passphrase of now' }
    const passwordHash = formerHashes['bcrypt 2a']
    const made = await makeUser(laptop, { username: 'changes', passwordHash, generate: 'token' })
    const changed = await ask(`${laptop.api}/v1/users/me/password`, {
      method: 'PUT',
      headers: bearer(made.credential.token),
      body: { currentPassword: formerPassword, ...words },
    })
    expect(changed.status).toBe(204)
    const email = 'resets@owners.example'
    await makeUser(laptop, { username: 'resets', passwordHash, email })
    const token = await resetTokenFor(laptop, 'resets', email)
    const reset = await ask(`${laptop.api}/v1/password-resets/confirm`, { body: { token, ...words } })
    expect(reset.status).toBe(204)
    for (const name of ['changes', 'resets']) {
      expect([name, (await logIn(laptop, name, formerPassword)).status]).toEqual([name, 401])
      expect([name, (await logIn(laptop, name, words.newPassword)).status]).toEqual([name, 200])
    }
  })

  it('L5: is not let in by the first 72 bytes of a longer password', async () => {
    await makeUser(laptop, { username: 'seventy-two', passwordHash: seventyTwoBytesHash })
    expect((await logIn(laptop, 'seventy-two', `${seventyTwoBytes}!`)).status).toBe(401)
    expect((await logIn(laptop, 'seventy-two', seventyTwoBytes)).status).toBe(200)
  })

  it('L1: is refused like nobody at all', async () => {
    await makeUser(laptop, { username: 'not-yet', passwordHash: formerHashes['Django PBKDF2'] })
    const replies = await Promise.all(
      ['not-yet', 'nobody-at-all'].map((name) => logIn(laptop, name, 'a guess', '127.2.30.1')),
    )
    const [known, unknown] = replies.map(told)
    expect(known).toEqual(unknown)
  })

  it('is refused with a hash that is weak, dear or no hash, and told what is accepted', async () => {
    for (const passwordHash of [
      '5f4dcc3b5aa765d61d8327deb882cf99',
      '$2b$31$0XGCgZrwlMn0ecEK1zzFZeA2kGqnwrFzumhHifOdp5lWPDMuJlLPS',
      '$argon2id$v=19$m=4194304,t=3,p=1$LeweZ7lfnndbKI3fXot1AQ$s4woACQ8fWyuZC4dEgBpt7BG1pBSoeVGPLYEV4lzuMo',
      formerPassword,
    ]) {
      const refused = await laptop.admin('/v1/users', { body: { username: 'refused', passwordHash } })
      expect([refused.status, refused.json]).toMatchObject([
        400,
        { errors: [{ path: 'passwordHash', message: expect.stringContaining('accepted are argon2id') }] },
      ])
      expect(refused.text).not.toContain(passwordHash)
    }
    const both = { username: 'both', password: formerPassword, passwordHash: formerHashes['bcrypt 2b'] }
    const refused = await laptop.admin('/v1/users', { body: both })
    expect([refused.status, refused.json]).toMatchObject([400, { errors: [{ path: 'passwordHash' }] }])
  })
})

describe('an integration that moves in', () => {
  const permissions = { orders: 'read' }

  it('goes on with its token in every form, until it is revoked, and never after that', async () => {
    const { user } = await makeUser(laptop, { username: 'old-shop', permissions })
    const secret = newSecret()
    const forms = [
      `Bearer ${secret}`,
      secret,
      basic('old-shop', secret).authorization,
      basic('OLD-SHOP', secret).authorization,
    ]
    for (const form of forms)
      expect([form, await statusesWith(laptop, form)]).toEqual([form, { own: 401, behindAuthorizer: 403 }])
    const { keyId } = await importedInto(user.userId, { kind: 'token', hash: sha256(secret) })
    for (const form of forms)
      expect([form, await statusesWith(laptop, form)]).toEqual([form, { own: 200, behindAuthorizer: 200 }])
    const wrong = basic('somebody', secret).authorization
    expect(await statusesWith(laptop, wrong)).toEqual({ own: 401, behindAuthorizer: 403 })
    const listed = await laptop.admin(`/v1/users/${user.userId}/keys`)
    expect(listed.json).toMatchObject({ credentials: [{ keyId, imported: true, kind: 'token' }] })
    expect(listed.text).not.toContain(sha256(secret))

    const again = await importInto(user.userId, { kind: 'token', hash: sha256(secret).toUpperCase() })
    expect([again.status, codeOf(again)]).toEqual([409, 'already_imported'])
    expect((await revoke(user.userId, keyId)).status).toBe(204)
    expect((await statusesWith(laptop, `Bearer ${secret}`)).own).toBe(401)
    const behind = async () => (await statusesWith(laptop, `Bearer ${secret}`)).behindAuthorizer
    await expect.poll(behind, withinCacheTime).toBe(403)
    // In whatever form it comes, the hash of a revoked secret is not taken again, nor by another organization.
    const made = await laptop.admin('/v1/organizations', {
      body: { name: 'Elsewhere', administrator: { username: 'elsewhere-admin' } },
    })
    const elsewhere = made.json as Created
    const path = `${laptop.api}/v1/users/${elsewhere.user.userId}/keys/import`
    for (const hash of [sha256(secret), Buffer.from(sha256(secret), 'hex').toString('base64')]) {
      const body = { name: 'once more', kind: 'token', hash }
      const tries = [
        await importInto(user.userId, { kind: 'token', hash }),
        await ask(path, { body, headers: { authorization: `Bearer ${elsewhere.credential.token}` } }),
      ]
      for (const tried of tries) expect([tried.status, codeOf(tried)]).toEqual([409, 'already_imported'])
    }
    expect(await statusesWith(laptop, secret)).toEqual({ own: 401, behindAuthorizer: 403 })
    // Base64 is a form of a hash like any other.
    const fresh = newSecret()
    await importedInto(user.userId, {
      kind: 'token',
      hash: Buffer.from(sha256(fresh), 'hex').toString('base64'),
    })
    expect(await statusesWith(laptop, fresh)).toEqual({ own: 200, behindAuthorizer: 200 })
  })

  it('goes on with its client id and secret, directly and at the token endpoint', async () => {
    const { user } = await makeUser(laptop, { username: 'old-client', permissions })
    const secret = `${newSecret()}+/&=%`
    const clientId = 'client+with/odd&characters'
    const credential = await importedInto(user.userId, { kind: 'key', clientId, hash: sha256(secret) })
    const { authorization } = basic(clientId, secret)
    expect(await statusesWith(laptop, authorization)).toEqual({ own: 200, behindAuthorizer: 200 })
    for (const form of [`Bearer ${secret}`, secret, basic('old-client', secret).authorization])
      expect([form, await statusesWith(laptop, form)]).toEqual([form, { own: 401, behindAuthorizer: 403 }])

    const grant = { grant_type: 'client_credentials' }
    const posted = await form('/oauth/token', { ...grant, client_id: clientId, client_secret: secret })
    const encoded = basic(encodeURIComponent(clientId), encodeURIComponent(secret))
    const byHeader = await form('/oauth/token', grant, encoded)
    for (const { status, json } of [posted, byHeader]) {
      expect(status).toBe(200)
      const session = `Bearer ${(json as { access_token: string }).access_token}`
      expect(await statusesWith(laptop, session)).toEqual({ own: 200, behindAuthorizer: 200 })
    }
    const asElsewhere = await form('/oauth/token', grant, { authorization })
    expect([asElsewhere.status, asElsewhere.json]).toMatchObject([401, { error: 'invalid_client' }])
    const wrong = await form('/oauth/token', { ...grant, client_id: 'another', client_secret: secret })
    expect([wrong.status, wrong.json]).toMatchObject([401, { error: 'invalid_client' }])

    const session = `Bearer ${(posted.json as { access_token: string }).access_token}`
    expect((await revoke(user.userId, credential.keyId)).status).toBe(204)
    expect((await statusesWith(laptop, session)).own).toBe(401)
    expect((await statusesWith(laptop, authorization)).own).toBe(401)
  })

  it('asks about its token, and gives it up, at the OAuth endpoints', async () => {
    const { user } = await makeUser(laptop, { username: 'old-oauth', permissions })
    const [secret, token] = [newSecret(), newSecret()]
    await importedInto(user.userId, { kind: 'key', clientId: 'old-oauth-client', hash: sha256(secret) })
    const { keyId } = await importedInto(user.userId, { kind: 'token', hash: sha256(token) })
    const client = { client_id: 'old-oauth-client', client_secret: secret }
    const introspect = async (text: string) =>
      (await form('/oauth/introspect', { token: text, ...client })).json
    expect(await introspect(token)).toMatchObject({ active: true, username: 'old-oauth', client_id: keyId })
    expect(await introspect(newSecret())).toEqual({ active: false })
    // The secret of a key is no token.
    expect(await introspect(secret)).toEqual({ active: false })
    for (const text of [newSecret(), token])
      expect((await form('/oauth/revoke', { token: text, ...client })).status).toBe(200)
    expect((await statusesWith(laptop, token)).own).toBe(401)
    expect(await introspect(token)).toEqual({ active: false })
    // Revoked is revoked: nobody makes it live again by importing its hash once more.
    const again = await importInto(user.userId, { kind: 'token', hash: sha256(token) })
    expect([again.status, again.json]).toMatchObject([409, { code: 'already_imported' }])
    expect((await statusesWith(laptop, token)).own).toBe(401)
  })

  it('is explained by the id that it has here, and counted as the caller that it is', async () => {
    const { user } = await makeUser(laptop, { username: 'old-explained', permissions })
    const secret = newSecret()
    const { keyId } = await importedInto(user.userId, { kind: 'token', hash: sha256(secret) })
    const asked = { keyId, method: 'GET', path: '/orders', address: '127.0.0.1' }
    const explained = await laptop.admin('/v1/access/explain', { body: asked })
    expect(explained.json).toMatchObject({ allowed: true, subject: { keyId, username: 'old-explained' } })
    const noted = async () => {
      const denied = await ask(`${laptop.api}/v1/users`, { headers: { authorization: secret } })
      expect(denied.status).toBe(403)
      return (await laptop.admin(`/v1/audit?actor=${user.userId}`)).json
    }
    await expect.poll(noted, untilNoted).toMatchObject({
      rows: [{ action: 'request.refused', actor: { keyId }, reason: 'permission_not_granted' }],
    })
  })

  it('creates users by the call of another product with its old token', async () => {
    const { user } = await makeUser(laptop, { username: 'old-tyk', role: 'Admin' })
    const secret = newSecret()
    await importedInto(user.userId, { kind: 'token', hash: sha256(secret) })
    const created = await ask(`${laptop.api}/api/users`, {
      headers: { authorization: secret },
      body: { email_address: 'by-old-token@example.com', active: true },
    })
    expect([created.status, created.json]).toMatchObject([200, { Status: 'OK' }])
  })

  it('moves on to a credential of ours, the old one beside it for a while', async () => {
    const { user } = await makeUser(laptop, { username: 'old-rotating', permissions })
    const secret = newSecret()
    const { keyId } = await importedInto(user.userId, { kind: 'token', hash: sha256(secret) })
    const rotated = await laptop.admin(`/v1/users/${user.userId}/keys/${keyId}/rotate`, { body: {} })
    const { token } = (rotated.json as Created).credential
    for (const text of [secret, token])
      expect(await statusesWith(laptop, text)).toEqual({ own: 200, behindAuthorizer: 200 })
  })

  it('never lives again once its user was deleted, for whomever it is imported', async () => {
    const secret = newSecret()
    const first = await makeUser(laptop, { username: 'old-leaving', permissions })
    await importedInto(first.user.userId, { kind: 'token', hash: sha256(secret) })
    const path = `/v1/users/${first.user.userId}`
    expect((await laptop.admin(path, { method: 'DELETE' })).status).toBe(204)
    expect((await statusesWith(laptop, secret)).own).toBe(401)
    const second = await makeUser(laptop, { username: 'old-leaving', permissions })
    const again = await importInto(second.user.userId, { kind: 'token', hash: sha256(secret) })
    expect([again.status, again.json]).toMatchObject([409, { code: 'already_imported' }])
    expect((await statusesWith(laptop, secret)).own).toBe(401)
  })

  it('is refused with fields that make no sense, each by its name', async () => {
    const { user } = await makeUser(laptop, { username: 'old-mistakes' })
    const good = { kind: 'key', clientId: 'client', hash: sha256(newSecret()) }
    for (const [path, body] of [
      ['hash', { ...good, hash: newSecret() }],
      ['clientId', { ...good, clientId: 'a:b' }],
      ['clientId', { ...good, clientId: 'key_abc' }],
      ['clientId', { ...good, clientId: '' }],
      ['clientId', { ...good, clientId: 'x'.repeat(201) }],
      ['clientId', { ...good, kind: 'token' }],
      ['clientId', { kind: 'key', hash: good.hash }],
      ['expiresAt', { ...good, expiresAt: '2020-01-01T00:00:00Z' }],
      ['secret', { ...good, secret: 'x' }],
      ['kind', { ...good, kind: 'password' }],
    ] as const) {
      const refused = await importInto(user.userId, body)
      expect([path, refused.status, refused.json]).toMatchObject([path, 400, { errors: [{ path }] }])
    }
  })
})
