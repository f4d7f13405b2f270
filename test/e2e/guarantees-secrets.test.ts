import { hash, pbkdf2Sync, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { allItems } from '../fresh-table.ts'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import { it } from './kit.ts'
import type { Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'
import type { Created } from './tester.ts'
import { basic, bearer, logIn, makeUser, sessionOf } from './tester.ts'

let laptop: Laptop
let inside: Inside

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  inside = await lookInside(laptop)
})

/** Every secret that went in or came out, by the flow that had it. */
const canaries = new Map<string, string>()
const canary = (name: string): string => {
  const text = `canary ${name} ${crypto.randomUUID()}`
  canaries.set(name, text)
  return text
}
const keep = (name: string, secret: string | undefined): string => {
  if (secret === undefined || secret.length < 12) throw new Error(`${name} gave no secret`)
  canaries.set(name, secret)
  return secret
}
/** What no answer may repeat, unless it is the one answer that shows it. */
const replies: Reply[] = []
const asked = async (reply: Promise<Reply>): Promise<Reply> => {
  const came = await reply
  replies.push(came)
  return came
}

const passwords = async () => {
  const { api } = laptop
  const first = canary('first password')
  const email = 'secret@owners.example'
  await makeUser(laptop, { username: 'secretive', email, password: first })
  const session = keep('session token', await sessionOf(laptop, 'secretive', first))
  await asked(logIn(laptop, 'secretive', canary('wrong password')))
  await asked(logIn(laptop, canary('password typed as the name'), 'x'))
  await asked(logIn(laptop, 'secretive', `${canary('too long a password')}${'x'.repeat(2000)}`))
  const extra = {
    username: 'x',
    password: canary('password in a refused body'),
    extra: canary('unknown field'),
  }
  await asked(ask(`${api}/v1/auth/login`, { body: extra }))
  await asked(
    ask(`${api}/v1/auth/login`, {
      raw: `{"password":"${canary('password in broken JSON')}`,
      headers: { 'content-type': 'application/json' },
    }),
  )
  await asked(
    ask(`${api}/v1/auth/login?password=${encodeURIComponent(canary('password in a query'))}`, {
      body: extra,
    }),
  )
  const change = (body: object) =>
    asked(ask(`${api}/v1/users/me/password`, { method: 'PUT', headers: bearer(session), body }))
  const [next, odd] = [canary('second password'), canary('confirmation that differs')]
  await change({ currentPassword: first, newPassword: next, confirmPassword: odd })
  await change({
    currentPassword: canary('wrong current password'),
    newPassword: next,
    confirmPassword: next,
  })
  expect((await change({ currentPassword: first, newPassword: next, confirmPassword: next })).status).toBe(
    204,
  )

  await asked(
    ask(`${api}/v1/password-resets`, { body: { login: canary('password typed as a reset login') } }),
  )
  await asked(ask(`${api}/v1/password-resets`, { body: { login: 'secretive' } }))
  const mail = await laptop.mailTo(email, ({ text }) => text.includes('token='))
  const token = keep('reset token', /token=([\w-]+)/.exec(mail.text)?.[1])
  await ask(`${api}/password-reset?token=${token}`)
  const third = canary('third password')
  const confirm = (body: object) => asked(ask(`${api}/v1/password-resets/confirm`, { body }))
  await confirm({ token, newPassword: 'short', confirmPassword: 'short' })
  await confirm({ token, newPassword: third, confirmPassword: canary('reset confirmation that differs') })
  await confirm({ token: canary('invented reset token'), newPassword: third, confirmPassword: third })
  expect((await confirm({ token, newPassword: third, confirmPassword: third })).status).toBe(204)
}

const credentials = async () => {
  const { api, admin } = laptop
  const made = await makeUser(laptop, {
    username: 'keyed',
    permissions: { orders: 'read' },
    generate: 'token',
  })
  const { userId } = made.user
  const token = keep('token', made.credential.token)
  const created = await admin(`/v1/users/${userId}/keys`, { body: { name: 'k', kind: 'key' } })
  const key = (created.json as Created).credential
  const secret = keep('key secret', key.secret)
  const rotated = await admin(`/v1/users/${userId}/keys/${key.keyId}/rotate`, { body: {} })
  keep('rotated secret', (rotated.json as Created).credential.secret)
  const idempotencyKey = keep('idempotency key', crypto.randomUUID())
  const headers = { 'idempotency-key': idempotencyKey }
  const repeated = {
    username: 'repeated-secretly',
    password: canary('password of a repeated creation'),
    generate: 'key',
  }
  const once = await admin('/v1/users', { body: repeated, headers })
  keep('secret of a repeated creation', (once.json as Created).credential.secret)
  await admin('/v1/users', { body: repeated, headers })
  await asked(admin('/v1/users', { body: { ...repeated, password: canary('mismatched password') }, headers }))
  await asked(
    admin('/v1/users', { body: { username: 'keyed', password: canary('password of a taken name') } }),
  )
  for (const headers of [
    bearer(token),
    basic(key.keyId, secret),
    basic('keyed', token),
    { authorization: token },
  ]) {
    await asked(ask(`${api}/v1/users/me`, { headers }))
    await asked(ask(`${api}/v1/users`, { headers }))
    await asked(ask(`${api}/demo/orders`, { headers }))
    await asked(ask(`${api}/demo/orders?access_token=${token}`, { headers, method: 'POST', raw: token }))
    await asked(ask(`${api}/v1/users/${token}`, { headers }))
    await asked(ask(`${api}/nowhere/${token}?token=${token}`, { headers }))
  }
  await asked(ask(`${api}/v1/users/me`, { headers: basic('keyed', canary('password as Basic')) }))
  await asked(ask(`${api}/demo/orders`, { headers: bearer(canary('invented token').replaceAll(' ', '_')) }))
  const form = (path: string, fields: Record<string, string>, query = '') =>
    ask(`${api}${path}${query}`, {
      raw: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  const proof = { client_id: key.keyId, client_secret: secret }
  const opened = await form('/oauth/token', { grant_type: 'client_credentials', ...proof })
  const session = keep('OAuth session', (opened.json as { access_token: string }).access_token)
  await asked(
    form('/oauth/token', { grant_type: 'password', username: 'keyed', password: canary('OAuth password') }),
  )
  await asked(form('/oauth/token', { grant_type: 'client_credentials' }, `?client_secret=${secret}`))
  await asked(
    form('/oauth/token', {
      ...proof,
      grant_type: 'client_credentials',
      client_secret: canary('OAuth secret'),
    }),
  )
  await asked(form('/oauth/introspect', { token: session, ...proof }))
  await asked(form('/oauth/introspect', { token, ...proof }))
  await asked(form('/oauth/revoke', { token: session, ...proof }))
}

/** A hash as Django writes it, cheap: the test makes it, and a login verifies it. */
const djangoHash = (password: string): string => {
  const salt = randomBytes(12).toString('hex')
  return `pbkdf2_sha256$1000$${salt}$${pbkdf2Sync(password, salt, 1000, 32, 'sha256').toString('base64')}`
}

const imports = async () => {
  const { api, admin } = laptop
  const password = canary('password behind an imported hash')
  const passwordHash = keep('imported hash', djangoHash(password))
  const body = { username: 'imported', passwordHash, permissions: { orders: 'read' } }
  const idempotencyKey = keep('idempotency key of an import', crypto.randomUUID())
  const create = (given: object) =>
    asked(admin('/v1/users', { body: given, headers: { 'idempotency-key': idempotencyKey } }))
  const confirmation = canary('confirmation of no password')
  await create({ ...body, confirmPassword: confirmation })
  await create({ ...body, password: canary('password beside its hash') })
  await create({ ...body, passwordHash: `${passwordHash}\n` })
  const made = await create(body)
  expect(made.status).toBe(201)
  expect((await create(body)).json).toEqual(made.json)
  const other = djangoHash(password)
  await create({ ...body, passwordHash: keep('mismatched hash', other) })
  await asked(
    admin('/v1/users', { body: { ...body, passwordHash: keep('hash of a taken name', djangoHash('x')) } }),
  )
  await asked(logIn(laptop, 'imported', canary('wrong password for an imported hash')))
  keep('session token after an import', await sessionOf(laptop, 'imported', password))

  const { userId } = (made.json as Created).user
  const [token, secret] = [canary('imported token'), canary('imported secret')].map((text) =>
    text.replaceAll(' ', '_'),
  )
  const [tokenText, secretText] = [keep('imported token', token), keep('imported secret', secret)]
  const importing = (given: object) =>
    asked(admin(`/v1/users/${userId}/keys/import`, { body: { name: 'i', ...given } }))
  const sha256 = (text: string) => hash('sha256', text, 'hex')
  await importing({ kind: 'token', hash: tokenText })
  await importing({ kind: 'token', hash: sha256(tokenText) })
  await importing({ kind: 'key', clientId: 'old', hash: sha256(secretText) })
  await importing({ kind: 'key', clientId: 'old', hash: sha256(secretText) })
  for (const headers of [
    bearer(tokenText),
    { authorization: tokenText },
    basic('imported', tokenText),
    basic('somebody', tokenText),
    basic('old', secretText),
    basic('other', secretText),
    bearer(secretText),
  ]) {
    await asked(ask(`${api}/v1/users`, { headers }))
    await asked(ask(`${api}/demo/orders`, { headers }))
    await asked(ask(`${api}/demo/orders`, { headers, method: 'POST', raw: tokenText }))
  }
  const proof = { client_id: 'old', client_secret: secretText }
  for (const [path, fields] of [
    ['/oauth/introspect', { token: tokenText }],
    ['/oauth/revoke', { token: canary('unknown token').replaceAll(' ', '_') }],
  ] as const)
    await asked(
      ask(`${api}${path}`, {
        raw: new URLSearchParams({ ...proof, ...fields }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    )
  return [sha256(tokenText), sha256(secretText)]
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

/** As it is, in base64, percent-encoded, as JSON: however it could have been written down. */
const formsOf = (secret: string): string[] => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('hex'),
]

const leaksIn = (text: string): string[] =>
  [...canaries].flatMap(([name, secret]) =>
    formsOf(secret).some((form) => text.includes(form)) ? [name] : [],
  )

describe('secrets', () => {
  it('F5: shows no canary of any flow in a log, an audit row, a stored item, a mail or another answer', async () => {
    await passwords()
    await credentials()
    const hashes = await imports()
    expect(canaries.size).toBeGreaterThan(25)
    await laptop.mailTo('secret@owners.example', ({ text }) => !text.includes('token='))

    const audit = await laptop.admin('/v1/audit/export')
    expect(audit.text.split('\n').length).toBeGreaterThan(10)
    expect(leaksIn(audit.text)).toEqual([])

    const log = inside.functionsLog()
    expect(log.split('\n').length).toBeGreaterThan(50)
    expect(leaksIn(log)).toEqual([])
    expect(leaksIn(laptop.output())).toEqual([])
    // Those are stored, to be compared with, and shown nowhere.
    const shown = [audit.text, log, laptop.output(), ...replies.map(({ text }) => text)]
    for (const secretHash of hashes) expect(shown.filter((text) => text.includes(secretHash))).toEqual([])

    // A request that asks for a reset is kept until the mailer has dealt with it, the login with it.
    const items = async () => leaksIn(JSON.stringify(await allItems(inside.table)))
    await expect.poll(items, { timeout: 60_000, interval: 200 }).toEqual([])
    expect((await allItems(inside.table)).length).toBeGreaterThan(20)

    const allowed = new Map([
      ['reset token', await laptop.mailTo('secret@owners.example', ({ text }) => text.includes('token='))],
    ])
    for (const mail of await laptop.mails()) {
      const isTheLink = mail.at === allowed.get('reset token')?.at && mail.text.includes('token=')
      expect(leaksIn(JSON.stringify(mail))).toEqual(isTheLink ? ['reset token'] : [])
    }
    for (const { status, text, headers } of replies)
      expect([status, leaksIn(`${text}${JSON.stringify(headers)}`)]).toEqual([status, []])
  })

  it('F5: keeps no canary on the disk, but the mailbox and what the operator was shown', () => {
    const folder = laptop.lines['data'] ?? ''
    const leaky = filesBelow(folder).flatMap((path) => {
      const leaks = leaksIn(readFileSync(path, 'latin1'))
      return leaks.length === 0 ? [] : [`${path.slice(folder.length + 1)}: ${leaks.join(', ')}`]
    })
    // The database's own file keeps deleted rows until it writes over them.
    const live = leaky.filter(
      (line) => !line.startsWith('dynamodb/') && !line.startsWith('mails.jsonl: reset token'),
    )
    expect(live).toEqual([])
  })
})
