import { describe, expect, it } from 'vitest'
import type { Admission } from '../../lib/admission/admit.ts'
import type { Operations } from '../../lib/contract/operation.ts'
import { problems } from '../../lib/contract/problem.ts'
import type { DenialReason } from '../../lib/decision/decide.ts'
import { denialReasons } from '../../lib/decision/decide.ts'
import type { DecisionRequest } from '../../lib/decision/decision-request.ts'
import { DomainError, domainErrorCodes } from '../../lib/effects/domain-error.ts'
import type { LogEntry } from '../../lib/effects/log-entry.ts'
import { httpFunction } from '../../lib/http/http-function.ts'
import { refusalCode } from '../../lib/http/refusal.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { whitelistEndpoints } from '../../lib/users/whitelist-endpoints.ts'
import { subject } from '../decision/sample-subject.ts'
import { httpEvent, lambdaContext } from './http-event.ts'
import { letIn, refusedFor } from './sample-admission.ts'

const admitted = letIn(subject())
const denied = (reason: DenialReason): Admission =>
  refusedFor(reason, reason === 'credential_unknown' ? null : subject())

const list = { entries: ['203.0.113.7'], warnings: [] }
type WhitelistEndpoint = Extract<(typeof whitelistEndpoints)[number], { function: 'whitelist' }>
const fine: Operations<WhitelistEndpoint> = {
  getWhitelist: () => ({ body: list }),
  replaceWhitelist: () => ({ body: list }),
}
const route = '/v1/users/{userId}/whitelist'
const path = '/v1/users/usr_1/whitelist'
const params = { userId: 'usr_1' }
const get = (headers: Record<string, string> = {}) => httpEvent('GET', route, { path, params, headers })
const put = (body: string, headers: Record<string, string> = {}) =>
  httpEvent('PUT', route, { path, params, body, headers: { 'content-type': 'application/json', ...headers } })

type Setting = {
  readonly operations?: Partial<Operations<WhitelistEndpoint>>
  readonly admission?: Admission | (() => Promise<Admission>)
}

/** A function as Lambda runs it, and what it asked and logged. */
const start = ({ operations = {}, admission = admitted }: Setting = {}) => {
  const log: LogEntry[] = []
  const asked: { authorization: string | undefined; request: DecisionRequest }[] = []
  let clock = 1000
  const handler = httpFunction(
    'whitelist',
    whitelistEndpoints,
    { ...fine, ...operations },
    {
      log: (entry) => log.push(entry),
      everyEndpoint: endpoints,
      now: () => {
        clock += 7
        return clock
      },
      admit: async (authorization, request) => {
        asked.push({ authorization, request })
        return typeof admission === 'function' ? await admission() : admission
      },
    },
  )
  const send = async (event: ReturnType<typeof httpEvent>) => {
    const result = await handler(event, lambdaContext)
    const headers = Object.fromEntries(
      Object.entries(result.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const body: unknown = result.body === undefined ? undefined : JSON.parse(result.body)
    return { status: result.statusCode, headers, body, text: result.body ?? '' }
  }
  return { send, log, asked }
}

const throwing = (thrown: unknown): Setting => ({
  operations: {
    getWhitelist: () => {
      throw thrown
    },
  },
})

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

describe('a caller', () => {
  it('without a credential hears 401 with a challenge', async () => {
    const { send, asked } = start({ admission: denied('credential_missing') })
    const { status, headers, body } = await send(get())
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe('Bearer realm="postern"')
    expect(body).toMatchObject({ code: 'authentication_required', requestId: 'request-1' })
    expect(asked[0]?.authorization).toBeUndefined()
  })

  it.each([
    ['a token', 'Bearer pst_x', 'Bearer realm="postern", error="invalid_token"'],
    ['a bare token', 'pst_x', 'Bearer realm="postern", error="invalid_token"'],
    ['a key pair, which is no token', 'Basic a2V5OnNlY3JldA==', 'Bearer realm="postern"'],
    ['another scheme, of which nothing is a token', 'Digest pst_x', 'Bearer realm="postern"'],
  ])(
    'tells whoever sent %s in vain what RFC 6750 section 3 asks for',
    async (_name, authorization, challenge) => {
      const { status, headers } = await start({ admission: denied('session_expired') }).send(
        get({ authorization }),
      )
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toBe(challenge)
    },
  )

  it.each(denialReasons)('who is denied for %s hears its code, and never the reason', async (reason) => {
    const { send, log } = start({ admission: denied(reason) })
    const { status, body, text } = await send(get())
    const code = refusalCode(reason)
    expect(status).toBe(problems[code].status)
    expect(body).toEqual({
      type: `/docs#error-${code}`,
      title: problems[code].title,
      status,
      code,
      requestId: 'request-1',
      // The one thing that is the caller's own mistake in the request: it is told which field.
      ...(reason === 'account_group_unknown'
        ? { errors: [{ path: 'aid', message: 'is not an account group of this organization' }] }
        : {}),
    })
    expect(text).not.toContain(reason)
    expect(log).toMatchObject([{ reason, code, status }])
  })

  it('cannot tell the ways in which a credential fails from each other', async () => {
    const alike = denialReasons.filter((reason) => refusalCode(reason) === 'invalid_credentials')
    expect(alike.length).toBeGreaterThan(8)
    const answers = await Promise.all(alike.map((reason) => start({ admission: denied(reason) }).send(get())))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  it('is decided on before the request is looked at', async () => {
    const malformed = put('{"entries":', { 'content-type': 'text/plain' })
    const refused = await start({ admission: denied('permission_not_granted') }).send(malformed)
    expect(refused.status).toBe(403)
    const passed = await start().send(malformed)
    expect(passed.status).toBe(415)
  })

  it('is decided on by the address and the path of API Gateway, not by what headers claim', async () => {
    const { send, asked } = start()
    await send(
      get({
        authorization: 'Bearer x',
        'x-forwarded-for': '203.0.113.7',
        forwarded: 'for=203.0.113.7',
        'x-original-url': '/v1/users/me',
        'x-http-method-override': 'DELETE',
      }),
    )
    expect(asked).toMatchObject([
      {
        authorization: 'Bearer x',
        request: {
          address: '203.0.113.9',
          method: 'GET',
          path,
          aid: null,
          target: {
            kind: 'management',
            section: 'postern-whitelist',
            level: 'read',
            scope: 'account-group',
          },
          requestId: 'request-1',
        },
      },
    ])
  })

  it('does not get in when the decision itself fails', async () => {
    const failing = () => Promise.reject(new Error('the table does not answer'))
    const { send } = start({ admission: failing })
    const { status, text } = await send(get())
    expect(status).toBe(500)
    expect(text).not.toContain('table')
  })

  it('does not get in without the data behind the decision', async () => {
    const { send } = start({ admission: { ...admitted, admitted: null } })
    expect((await send(get())).status).toBe(500)
  })

  it('of a function that cannot admit anybody gets nowhere', async () => {
    const log: LogEntry[] = []
    const handler = httpFunction('whitelist', whitelistEndpoints, fine, {
      log: (entry) => log.push(entry),
      now: () => 0,
    })
    expect(await handler(get(), lambdaContext)).toMatchObject({ statusCode: 500 })
  })

  it('is handed to the operation with the validated input', async () => {
    const seen: unknown[] = []
    const { send } = start({
      operations: {
        replaceWhitelist: (input) => {
          seen.push(input)
          return { body: list }
        },
      },
    })
    const event = put('{"entries":["203.0.113.7"]}', { authorization: 'pst_x' })
    await send({ ...event, rawQueryString: 'dryRun=true' })
    expect(seen).toEqual([
      {
        params,
        query: undefined,
        dryRun: true,
        write: expect.any(Function),
        once: expect.any(Function),
        headers: undefined,
        body: { entries: ['203.0.113.7'] },
        form: null,
        authorization: 'pst_x',
        cookies: [],
        caller: { ...admitted.admitted, reach: new Set() },
        origin: { address: '203.0.113.9', requestId: 'request-1' },
      },
    ])
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
