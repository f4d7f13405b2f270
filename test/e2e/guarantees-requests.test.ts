import { describe, expect } from 'vitest'
import type { UserId } from '../../lib/secrets/key-id.ts'
import type { Inside } from './inside.ts'
import { lookInside } from './inside.ts'
import { it } from './kit.ts'
import type { Laptop } from './laptop.ts'
import { ask } from './laptop.ts'
import { openConnection, rawRequest } from './raw-connection.ts'
import { codeOf, fiveAtATime, makeUser, tally, times } from './tester.ts'

let laptop: Laptop
let inside: Inside
/** How long the log was when this file began: others make faults on purpose. */
let logged = 0

it.beforeAll(async ({ laptop: running }) => {
  laptop = running
  inside = await lookInside(laptop)
  logged = inside.functionsLog().length
})

const adminHeader = () => `authorization: Bearer ${laptop.lines['admin token']}`
const json = 'content-type: application/json'
/** A fault that was answered with a 5xx, or that broke a function, shows here. */
const faults = () =>
  inside
    .functionsLog()
    .slice(logged)
    .split('\n')
    .filter((line) => /request_failed|"level":"ERROR"|Error:/.test(line))

const usernames = async (): Promise<Set<string>> => {
  const names = new Set<string>()
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after = cursor === '' ? '' : `&cursor=${cursor}`
    const reply = await laptop.admin(`/v1/users?limit=100${after}`)
    const page = reply.json as { users: { username: string }[]; nextCursor: string | null }
    for (const { username } of page.users) names.add(username)
    cursor = page.nextCursor
  }
  return names
}

describe('hostile requests', () => {
  it('U4: answers every broken body with a 4xx and serves the next request on the same connection', async () => {
    const deep = 100_000
    const bodies: [string, string | Uint8Array][] = [
      ['nothing', ''],
      ['open', '{"username":"a"'],
      ['trailing', '{"username":"a"} {}'],
      ['comment', '{"username":"a" /* */}'],
      ['single quotes', "{'username':'a'}"],
      ['NaN', '{"username":NaN}'],
      ['huge number', '{"username":"a","version":1e999}'],
      ['null', 'null'],
      ['list', '[{"username":"a"}]'],
      ['text', '"username"'],
      ['duplicate', '{"username":"a","username":"admin"}'],
      ['duplicate, escaped', '{"username":"a","\\u0075sername":"admin"}'],
      ['nested duplicate', '{"username":"a","permissions":{"x":"read","x":"write"}}'],
      ['__proto__', '{"username":"a","__proto__":{"role":"Admin"}}'],
      ['nested __proto__', '{"username":"a","permissions":{"__proto__":"write"}}'],
      ['constructor', '{"username":"a","constructor":{"prototype":{"role":"Admin"}}}'],
      ['deep lists', `${'['.repeat(deep)}${']'.repeat(deep)}`],
      ['deep objects', `${'{"a":'.repeat(deep / 4)}1${'}'.repeat(deep / 4)}`],
      ['lone surrogate', '{"username":"a","name":"\\ud800"}'],
      ['control character', '{"username":"a","name":"\u0001"}'],
      ['invalid UTF-8', Buffer.from([...Buffer.from('{"username":"'), 0xc3, 0x28, ...Buffer.from('"}')])],
      ['overlong UTF-8', Buffer.from([...Buffer.from('{"username":"'), 0xc0, 0xaf, ...Buffer.from('"}')])],
      ['UTF-16', Buffer.from('{"username":"a"}', 'utf16le')],
      ['byte order mark', '\ufeff{"username":"a"}'],
      ['many fields', `{${times(20_000, (index) => `"f${index}":1`).join(',')}}`],
    ]
    const types = [
      '',
      'content-type: text/plain',
      'content-type: application/json; charset=utf-16',
      'content-type: application/x-www-form-urlencoded',
      'content-type: multipart/form-data; boundary=x',
      'content-type: application/jsonp',
    ].map((type) => (type === '' ? [] : [type]))
    const before = await usernames()
    const connection = await openConnection(laptop.api)
    const create = (body: string | Uint8Array, headers: readonly string[] = [json]) =>
      connection.send(rawRequest('POST', '/v1/users', [adminHeader(), ...headers], body))
    for (const [name, body] of bodies) {
      const reply = await create(body)
      expect([name, [400, 413].includes(reply.status), reply.head]).toEqual([
        name,
        true,
        expect.stringContaining('application/problem+json'),
      ])
      expect((await connection.send(rawRequest('GET', '/health'))).status).toBe(200)
    }
    for (const headers of types)
      expect([headers, (await create('{"username":"typed"}', headers)).status]).toEqual([headers, 415])
    for (const bytes of [300_000, 6_000_000, 9_000_000])
      expect([bytes, (await create('x'.repeat(bytes))).status]).toEqual([bytes, 413])
    const login = await connection.send(
      rawRequest('POST', '/v1/auth/login', [json], `{"username":"${'x'.repeat(6_000_000)}","password":""}`),
    )
    expect(login.status).toBe(413)
    expect((await create('{"username":"after-all"}')).status).toBe(201)
    connection.close()
    expect(await usernames()).toEqual(new Set([...before, 'after-all']))
    expect(faults()).toEqual([])
  })

  it('U4: refuses huge, doubled and malformed headers, and methods that are not offered', async () => {
    const target = '/v1/users'
    const good = adminHeader()
    const cases: [string, Buffer, readonly number[]][] = [
      ['no credential', rawRequest('GET', target), [401]],
      ['two credentials', rawRequest('GET', target, [good, good]), [401]],
      ['two different ones', rawRequest('GET', target, [good, 'authorization: Bearer x']), [401]],
      ['a bad one first', rawRequest('GET', target, ['Authorization: Bearer x', good]), [401]],
      ['two at the demo', rawRequest('GET', '/demo/orders', [good, good]), [403]],
      ['long credential', rawRequest('GET', target, [`authorization: Bearer ${'x'.repeat(9000)}`]), [401]],
      ['11 KB of headers', rawRequest('GET', target, [good, `x-long: ${'x'.repeat(11_000)}`]), [431]],
      ['HEAD', rawRequest('HEAD', target, [good]), [405]],
      ['OPTIONS', rawRequest('OPTIONS', target, []), [401, 404, 405]],
      ['TRACE', rawRequest('TRACE', target, [good]), [405]],
      ['PUT', rawRequest('PUT', target, [good]), [405]],
      [
        'override',
        rawRequest('GET', target, ['x-http-method-override: POST', 'x-original-url: /health']),
        [401],
      ],
    ]
    for (const [name, request, allowed] of cases) {
      const connection = await openConnection(laptop.api)
      const reply = await connection.send(request)
      expect([name, allowed.includes(reply.status), reply.status]).toEqual([name, true, expect.any(Number)])
      expect([name, reply.head.toLowerCase()]).toEqual([
        name,
        expect.not.stringContaining('access-control-allow-origin'),
      ])
      connection.close()
    }
    expect((await ask(`${laptop.api}/health`)).status).toBe(200)
    expect(faults()).toEqual([])
  })

  it('U5: lets no text of an id or a name reach another item', async () => {
    const me = (await laptop.admin('/v1/users/me')).json as { user: { userId: UserId } }
    const { userId } = me.user
    const ids = [
      `USER%23${userId}`,
      `${userId}%23PROFILE`,
      `${userId}%00`,
      `${userId}%20`,
      `${userId}%0a`,
      userId.toUpperCase(),
      `${userId},${userId}`,
      '%F0%9F%94%91',
      'x'.repeat(5000),
      '__proto__',
      'constructor',
      '*',
      '%2a',
      '$ne',
      '..',
      '%2e%2e',
      '%252e%252e',
      '..%2f..',
      '.%00./',
      `..;%2f${userId}`,
    ]
    const connection = await openConnection(laptop.api)
    for (const id of ids) {
      for (const rest of ['', '/keys', '/whitelist']) {
        const reply = await connection.send(rawRequest('GET', `/v1/users/${id}${rest}`, [adminHeader()]))
        const isRefused = [400, 404].includes(reply.status)
        expect([id, rest, isRefused, reply.text.includes('admin@')]).toEqual([id, rest, true, false])
      }
    }
    connection.close()
    const texts = [
      '#',
      'USER#admin',
      'a#b#c',
      '\u{1f511} ключ 鍵',
      "'; DROP TABLE users; --",
      '<b>&amp;</b>',
      '{{y}}',
      ' ',
    ]
    for (const [index, text] of texts.entries()) {
      const { user } = await makeUser(laptop, {
        username: `verbatim-${index}`,
        name: text,
        description: text,
      })
      const stored = (await laptop.admin(`/v1/users/${user.userId}`)).json
      expect(stored).toMatchObject({ user: { name: text, description: text } })
    }
    for (const text of ['zero\u0000byte', 'line\nbreak', '\u202efdp', 'x'.repeat(201)])
      expect((await laptop.admin('/v1/users', { body: { username: 'bad', name: text } })).status).toBe(400)
    const names = ['a#b', 'a', '__proto__', 'constructor', 'USER#x', 'admin#CLAIM', 'x'.repeat(128)]
    const made = await fiveAtATime(names.length, (index) =>
      makeUser(laptop, { username: names[index] ?? '' }),
    )
    expect(new Set(made.map(({ user }) => user.userId)).size).toBe(names.length)
    for (const [index, name] of names.entries()) {
      const found = await laptop.admin(`/v1/users/${made[index]?.user.userId}`)
      expect(found.json).toMatchObject({ user: { username: name } })
    }
    for (const username of ['', ' ', 'a b', 'a:b', 'a\u0000', 'é', 'x'.repeat(129), '\u{1f511}'])
      expect([username, (await laptop.admin('/v1/users', { body: { username } })).status]).toEqual([
        username,
        400,
      ])
    const forged = [{ pk: `USER#${userId}`, sk: 'SECRET#PASSWORD' }, { directoryPk: 'ORG#x' }, [], 0, 'x']
    for (const value of forged) {
      const cursor = Buffer.from(JSON.stringify(value)).toString('base64url')
      for (const list of ['/v1/users', '/v1/audit'])
        expect([list, value, (await laptop.admin(`${list}?cursor=${cursor}`)).status]).toEqual([
          list,
          value,
          400,
        ])
    }
    expect(faults()).toEqual([])
  })

  it('I7: widens no permission by another spelling of the path', async () => {
    const { credential } = await makeUser(laptop, {
      username: 'narrow',
      endpoints: ['GET /orders/*', 'GET /demo/orders', 'GET /v1/users/me', 'GET /v1/users/*'],
      generate: 'token',
    })
    const header = `authorization: Bearer ${credential.token}`
    const connection = await openConnection(laptop.api)
    const orders = [
      '/demo/orders',
      '/demo/orders/',
      '/demo/orders/.',
      '/demo/orders/..',
      '/demo/orders/../orders',
    ]
    const encoded = [
      '/demo/orders/%2e%2e/orders',
      '/demo/orders%2f',
      '/demo/orders%2f..%2forders',
      '/demo/orders/..%2f',
    ]
    const odd = [
      '//demo/orders',
      '/demo//orders',
      '/demo/./orders',
      '/DEMO/orders',
      '/demo/Orders',
      '/demo/orders;x',
      '/demo/orders/..;/',
    ]
    const worse = [
      '/demo/orders/*',
      '/demo/orders%00',
      '/demo/orders%20',
      '/demo/orders?x=/demo/orders/1',
      '/demo/%6frders',
      '/demo/orders%3f/1',
    ]
    const twice = [
      '/demo/%256frders',
      '/demo/orders/%252e%252e',
      '/demo\\orders',
      '/demo/orders#/1',
      'http://x/demo/orders',
      '/demo/orders%23/1',
    ]
    for (const target of [...orders, ...encoded, ...odd, ...worse, ...twice]) {
      const reply = await connection.send(rawRequest('GET', target, [header]))
      expect([target, reply.status, reply.text.includes('Lantern')]).toEqual([
        target,
        expect.any(Number),
        false,
      ])
      expect([400, 401, 403, 404]).toContain(reply.status)
    }
    const users = [
      '/v1/users',
      '/v1/users/',
      '/v1/users/me/..',
      '/v1/users/me/../',
      '/v1/users/me%2f..',
      '/v1/users/me/%2e%2e',
    ]
    const others = [
      '/v1/organization',
      '/v1/users/me/../../organization',
      '/v1/users/me%2f..%2f..%2forganization',
      '/V1/users',
      '/v1/users?/me',
    ]
    for (const target of [...users, ...others]) {
      const reply = await connection.send(rawRequest('GET', target, [header]))
      expect([target, [400, 403, 404].includes(reply.status)]).toEqual([target, true])
    }
    expect((await connection.send(rawRequest('GET', '/v1/users/me', [header]))).status).toBe(200)
    connection.close()
    const good = await ask(`${laptop.api}/demo/orders`, {
      headers: { authorization: adminHeader().slice(15) },
    })
    expect([good.status, good.text.includes('Lantern'), codeOf(good)]).toEqual([200, true, undefined])
    expect(tally([good])).toEqual({ 200: 1 })
  })
})
