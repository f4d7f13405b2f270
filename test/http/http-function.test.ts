import { describe, expect, it } from 'vitest'
import { problems } from '../../lib/contract/problem.ts'
import { DomainError, domainErrorCodes } from '../../lib/effects/domain-error.ts'
import { httpFunction } from '../../lib/http/http-function.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { whitelistEndpoints } from '../../lib/users/whitelist-endpoints.ts'
import { subject } from '../decision/sample-subject.ts'
import { httpEvent } from './http-event.ts'
import type { Setting } from './http-function-scene.ts'
import { denied, fine, get, list, put, start, throwing } from './http-function-scene.ts'

describe('an answer', () => {
  it('carries the security headers, and is not to be stored', async () => {
    const { send } = start()
    const { status, headers, body } = await send(get())
    expect(status).toBe(200)
    expect(body).toEqual(list)
    expect(headers).toMatchObject({
      'content-type': 'application/json;charset=UTF-8',
      'cache-control': 'no-store',
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    })
    expect(headers).not.toHaveProperty('x-powered-by')
  })

  it('carries them when it is a refusal or a failure, too', async () => {
    for (const setting of [{ admission: denied('credential_missing') }, throwing(new Error('x'))]) {
      const { headers } = await start(setting).send(get())
      expect(headers).toMatchObject({
        'content-type': 'application/problem+json;charset=UTF-8',
        'cache-control': 'no-store',
        'strict-transport-security': 'max-age=31536000',
        'x-content-type-options': 'nosniff',
      })
    }
  })

  it('ends with a newline, so that the prompt of a terminal does not stand behind it', async () => {
    const answers = [start(), start({ admission: denied('credential_missing') })].map(({ send }) =>
      send(get()),
    )
    for (const { text } of await Promise.all(answers)) expect(text).toMatch(/^\{.*\}\n$/)
  })

  it('loses whatever its schema does not name', async () => {
    const more = { ...list, passwordHash: 'canary', owner: { secret: 'canary' } }
    const { send } = start({ operations: { getWhitelist: () => ({ body: more }) } })
    const { body, text } = await send(get())
    expect(body).toEqual(list)
    expect(text).not.toContain('canary')
  })

  it('that does not fit its schema is a 500, of which nothing gets out or into the log', async () => {
    const broken: Record<string, unknown> = { entries: 'canary-1', warnings: [{ secret: 'canary-2' }] }
    const { send, log } = start({
      operations: {
        getWhitelist: () => Object.assign({ body: list }, { body: broken }),
      },
    })
    const { status, body, text } = await send(get())
    expect(status).toBe(500)
    expect(body).toEqual({
      type: '/docs#error-internal_error',
      title: problems.internal_error.title,
      status: 500,
      code: 'internal_error',
      requestId: 'request-1',
    })
    expect(text + JSON.stringify(log)).not.toContain('canary')
    expect(log).toMatchObject([{ event: 'request_failed', code: 'internal_error', status: 500 }])
  })
})

describe('a failure', () => {
  it.each([
    ['an error', new Error('canary')],
    [
      'an error with more',
      Object.assign(new Error('canary'), { statusCode: 404, code: 'canary', body: 'canary' }),
    ],
    ['a text', 'canary'],
    ['nothing', undefined],
  ])('by %s is a 500 that says nothing', async (_, thrown) => {
    const { send } = start(throwing(thrown))
    const { status, text, body } = await send(get())
    expect(status).toBe(500)
    expect(body).toMatchObject({ code: 'internal_error', requestId: 'request-1' })
    expect(text).not.toContain('canary')
  })

  it('leaves the next request alone', async () => {
    let calls = 0
    const { send } = start({
      operations: {
        getWhitelist: () => {
          calls += 1
          if (calls === 1) throw new Error('once')
          return { body: list }
        },
      },
    })
    expect((await send(get())).status).toBe(500)
    expect((await send(get())).status).toBe(200)
  })

  it('tells the cause to the log only', async () => {
    const error = new DomainError('temporarily_unavailable', { cause: new TypeError('no route to host') })
    const { send, log } = start(throwing(error))
    const { status, headers, text } = await send(get())
    expect(status).toBe(503)
    expect(headers['retry-after']).toBe('1')
    expect(text).not.toContain('host')
    expect(log).toMatchObject([{ event: 'request_failed', error: 'TypeError: no route to host' }])
  })
})

describe('a refused operation', () => {
  it.each(domainErrorCodes)('with %s has its status, and its details', async (code) => {
    const error = new DomainError(code, { detail: 'Why.', errors: [{ path: 'a', message: 'b' }] })
    const { status, body } = await start(throwing(error)).send(get())
    expect(status).toBe(problems[code].status)
    expect(body).toMatchObject({ code, status, detail: 'Why.', errors: [{ path: 'a', message: 'b' }] })
  })

  it('says when to come back', async () => {
    const wait = new DomainError('too_many_requests', { retryAfterSeconds: 42 })
    expect((await start(throwing(wait)).send(get())).headers['retry-after']).toBe('42')
    const limited = await start({ admission: denied('rate_limited') }).send(get())
    expect(limited.headers['retry-after']).toBe('1')
    const other = await start(throwing(new DomainError('not_found'))).send(get())
    expect(other.headers).not.toHaveProperty('retry-after')
  })
})

describe('the log', () => {
  it('holds allow-listed fields of the request, and nothing that the caller sent', async () => {
    const canary = 'canary-4711'
    const secretly = {
      authorization: `Bearer ${canary}`,
      cookie: canary,
      'idempotency-key': canary,
      'user-agent': canary,
    }
    const settings: Setting[] = [
      {},
      { admission: denied('credential_unknown') },
      { admission: denied('whitelist_no_match') },
      throwing(
        new DomainError('invalid_request', { errors: [{ path: canary, message: canary }], detail: canary }),
      ),
    ]
    for (const setting of settings) {
      const { send, log } = start(setting)
      await send({ ...get(secretly), rawQueryString: `token=${canary}` })
      await send(put(`{"entries":["${canary}"],"password":"${canary}"}`, secretly))
      await send(put(`{"${canary}":`, secretly))
      expect(log).toHaveLength(3)
      expect(JSON.stringify(log)).not.toContain(canary)
    }
  })

  it('says who asked for what, how it ended and how long it took', async () => {
    const { send, log } = start()
    await send(get())
    expect(log).toEqual([
      {
        event: 'request',
        requestId: 'request-1',
        operation: 'getWhitelist',
        status: 200,
        address: '203.0.113.9',
        milliseconds: 7,
        userId: subject().userId,
        organizationId: 'org_1',
        keyId: 'key_1',
      },
    ])
  })
})

describe('a request that no route of the function fits', () => {
  const unrouted = (method: string, at: string) => httpEvent(method, at, { routeKey: '$default' })

  it.each([
    ['PATCH', '/v1/users', 'POST, GET'],
    ['POST', '/v1/users/usr_1', 'GET, PATCH, DELETE'],
    ['OPTIONS', '/v1/users/usr_1/keys/key_1/rotate', 'POST'],
    ['DELETE', '/health', 'GET, HEAD'],
  ])('is told with a 405 what %s %s could be', async (method, at, allow) => {
    const { status, headers, body } = await start().send(unrouted(method, at))
    expect(status).toBe(405)
    expect(headers['allow']).toBe(allow)
    expect(body).toMatchObject({ code: 'method_not_allowed', detail: `Allowed methods: ${allow}.` })
  })

  it.each([
    '/nothing',
    '/v1/users/',
    '/v1//users',
    '/v1/users/a/b',
    '/V1/users',
    '/',
    '/v1/users/usr_1/keys/',
  ])('is a 404 for %s', async (at) => {
    const { status, headers, body } = await start().send(unrouted('GET', at))
    expect(status).toBe(404)
    expect(headers).not.toHaveProperty('allow')
    expect(body).toMatchObject({ code: 'not_found' })
  })

  it('asks nobody who is calling', async () => {
    const { send, asked } = start()
    await send(unrouted('GET', '/nothing'))
    expect(asked).toEqual([])
  })
})

describe('binding', () => {
  it('fails at start, not at the first request, when an operation is missing', () => {
    const incomplete = Object.assign({}, fine, { getWhitelist: undefined })
    const bind = () =>
      httpFunction('whitelist', whitelistEndpoints, incomplete, { log: () => undefined, now: () => 0 })
    expect(bind).toThrow('whitelist does not implement getWhitelist')
  })

  it('gives every endpoint of the contract to exactly one function', () => {
    const keys = endpoints.map(({ method, path: at }) => `${method} ${at}`)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
