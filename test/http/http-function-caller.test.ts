import { describe, expect, it } from 'vitest'
import { problems } from '../../lib/contract/problem.ts'
import { denialReasons } from '../../lib/decision/decide.ts'
import type { LogEntry } from '../../lib/effects/log-entry.ts'
import { httpFunction } from '../../lib/http/http-function.ts'
import { refusalCode } from '../../lib/http/refusal.ts'
import { whitelistEndpoints } from '../../lib/users/whitelist-endpoints.ts'
import { lambdaContext } from './http-event.ts'
import { admitted, denied, fine, get, list, params, path, put, start } from './http-function-scene.ts'

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
