import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterEach, describe, expect, it } from 'vitest'
import { readAuthorizerEvent } from '../../../functions/wiring/authorizer-event.ts'
import type { Authorization } from '../../../infra/local/authorizer.ts'
import { createCors } from '../../../infra/local/cors.ts'
import { functionIntegration } from '../../../infra/local/function-integration.ts'
import type { InvocationResult } from '../../../infra/local/function-runner.ts'
import { closeServer, createGateway } from '../../../infra/local/gateway.ts'
import { authorizerEvent } from '../../../infra/local/http-event.ts'
import { listen } from '../../../infra/local/listen.ts'
import { createRouter } from '../../../infra/local/route.ts'
import type { CorsDefinition } from '../../../infra/local/system.ts'

type Setting = {
  readonly answer?: (event: APIGatewayProxyEventV2) => Promise<InvocationResult> | InvocationResult
  readonly authorization?: Authorization
  readonly routeKeys?: readonly string[]
  readonly timeoutMilliseconds?: number
  readonly cors?: CorsDefinition
}

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => closeServer(server, 0)))
})

const result = (payload: unknown): InvocationResult => ({ type: 'result', payload })

/** A gateway in front of one function, and the events that the function got. */
async function gatewayWith(setting: Setting = {}) {
  const events: APIGatewayProxyEventV2[] = []
  const { answer = () => result('ok'), authorization, timeoutMilliseconds = 5_000 } = setting
  const server = createGateway({
    apiId: 'api',
    findRoute: createRouter(
      (setting.routeKeys ?? ['ANY /{path+}']).map((routeKey) => ({
        routeKey,
        functionId: 'F',
        authorizerId: authorization && 'A',
        timeoutMilliseconds,
      })),
    ),
    integrate: functionIntegration(() => ({
      invoke: async (event) => {
        const given = JSON.parse(JSON.stringify(event))
        events.push(given)
        return answer(given)
      },
    })),
    authorizerOf: () => async () => authorization ?? { type: 'failed' },
    cors: createCors(setting.cors),
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    answered: () => {},
  })
  servers.push(server)
  const port = await listen(server, 0)
  return { port, events, origin: `http://127.0.0.1:${port}` }
}

/** Bytes in, bytes out: for requests that no HTTP client would send. */
async function exchange(port: number, bytes: string | Buffer, localAddress = '127.0.0.1'): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  await once(socket, 'connect')
  socket.write(bytes)
  const parts: Buffer[] = []
  socket.on('data', (part: Buffer) => parts.push(part))
  socket.on('error', () => {})
  await once(socket, 'close')
  return Buffer.concat(parts).toString()
}

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`

describe('the event that a function gets', () => {
  it('has the shape of payload format 2.0', async () => {
    const { port, events } = await gatewayWith({ routeKeys: ['POST /users/{userId}/keys'] })
    const body = '{"name":"λ"}'
    await exchange(
      port,
      `${head(
        'POST /users/a%20b/keys?x=1&x=2&y=%26 HTTP/1.1',
        'Host: postern.example:3000',
        'User-Agent: raw',
        'X-Twice: one',
        'X-TWICE: two',
        'Cookie: a=1; b=2',
        'Content-Type: application/json',
        `Content-Length: ${Buffer.byteLength(body)}`,
      )}${body}`,
    )
    expect(events).toEqual([
      {
        version: '2.0',
        routeKey: 'POST /users/{userId}/keys',
        rawPath: '/users/a b/keys',
        rawQueryString: 'x=1&x=2&y=%26',
        cookies: ['a=1', 'b=2'],
        headers: {
          host: 'postern.example:3000',
          'user-agent': 'raw',
          'x-twice': 'one,two',
          'content-type': 'application/json',
          'content-length': '13',
          'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-port': String(port),
          'x-forwarded-proto': 'http',
        },
        queryStringParameters: { x: '1,2', y: '&' },
        pathParameters: { userId: 'a b' },
        requestContext: {
          accountId: '000000000000',
          apiId: 'api',
          domainName: 'api.execute-api.us-east-1.amazonaws.com',
          domainPrefix: 'api',
          http: {
            method: 'POST',
            path: '/users/a b/keys',
            protocol: 'HTTP/1.1',
            sourceIp: '127.0.0.1',
            userAgent: 'raw',
          },
          requestId: expect.stringMatching(/^[\w-]{15}=$/),
          routeKey: 'POST /users/{userId}/keys',
          stage: '$default',
          time: '02/Jan/2026:03:04:05 +0000',
          timeEpoch: 1767323045678,
        },
        body: '{"name":"λ"}',
        isBase64Encoded: false,
      },
    ])
  })

  it('tells the authorizer gateway, stage and route as AWS does, whatever the Host header says', async () => {
    const { port, events } = await gatewayWith({ routeKeys: ['GET /orders/{orderId}'] })
    await exchange(port, head('GET /orders/17 HTTP/1.1', 'Host: shop.example.com'))
    const [event] = events
    if (event === undefined) throw new Error('the function was not asked')
    expect(readAuthorizerEvent(authorizerEvent(event, [])).gateway).toEqual({
      gatewayId: 'api',
      stage: '$default',
      method: 'GET',
      path: '/orders/17',
      route: 'GET /orders/{orderId}',
      isCustomDomain: false,
    })
  })

  it('names the address that the socket comes from, whatever the headers say', async () => {
    const { port, events } = await gatewayWith()
    const forged = ['X-Forwarded-For: 203.0.113.7', 'X-Real-IP: 203.0.113.7', 'Forwarded: for=203.0.113.7']
    await exchange(port, head('GET /x HTTP/1.1', 'Host: x', ...forged), '127.0.0.2')
    expect(events[0]?.requestContext.http.sourceIp).toBe('127.0.0.2')
    expect(events[0]?.headers['x-forwarded-for']).toBe('203.0.113.7, 127.0.0.2')
  })

  it.each([
    ['application/json', Buffer.from('{"a":"ü"}'), false],
    ['text/csv; charset=utf-8', Buffer.from('a,b'), false],
    ['application/problem+json', Buffer.from('{}'), false],
    ['application/json', Buffer.from([0x7b, 0xff, 0x7d]), true],
    ['application/x-www-form-urlencoded', Buffer.from('a=b'), true],
    ['application/octet-stream', Buffer.from('plain'), true],
    ['image/png', Buffer.from([1, 2, 3]), true],
  ])('carries a body of type %s as text or in base64, without loss', async (type, body, isBase64Encoded) => {
    const { origin, events } = await gatewayWith()
    await fetch(`${origin}/x`, { method: 'POST', body, headers: { 'content-type': type } })
    expect(events[0]?.isBase64Encoded).toBe(isBase64Encoded)
    expect(Buffer.from(events[0]?.body ?? '', isBase64Encoded ? 'base64' : 'utf8')).toEqual(body)
  })

  it('has no body, no cookies and no parameters where the request has none', async () => {
    const { origin, events } = await gatewayWith({ routeKeys: ['GET /x'] })
    await fetch(`${origin}/x`)
    for (const absent of ['body', 'cookies', 'queryStringParameters', 'pathParameters']) {
      expect(events[0]).not.toHaveProperty(absent)
    }
    expect(events[0]?.isBase64Encoded).toBe(false)
  })
})

describe('the answer that a caller gets', () => {
  const answerOf = async (payload: unknown, method = 'GET') => {
    const { origin } = await gatewayWith({ answer: () => result(payload) })
    return fetch(`${origin}/x`, { method })
  }

  it.each([
    ['a text', 'hello', 'hello'],
    ['an object without statusCode', { a: 1 }, '{"a":1}'],
    ['a list', [1], '[1]'],
    ['nothing', null, 'null'],
  ])('is a 200 in JSON when the function returns %s', async (_name, payload, body) => {
    const response = await answerOf(payload)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe(body)
  })

  it('has the status, headers, cookies and bytes that the function names', async () => {
    const response = await answerOf({
      statusCode: 418,
      headers: {
        'X-Number': 7,
        'Content-Type': 'image/png',
        'Content-Length': '99',
        'Transfer-Encoding': 'chunked',
      },
      cookies: ['a=1; Secure', 'b=2'],
      body: Buffer.from([0, 255]).toString('base64'),
      isBase64Encoded: true,
    })
    expect(response.status).toBe(418)
    expect(response.headers.get('x-number')).toBe('7')
    expect(response.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2'])
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255]))
    expect(response.headers.get('content-length')).toBe('2')
    expect(response.headers.get('apigw-requestid')).toMatch(/=$/)
  })

  it.each([
    { statusCode: 'abc' },
    { statusCode: 99 },
    { statusCode: 200, body: { a: 1 } },
    { statusCode: 200, headers: { a: ['list'] } },
    { statusCode: 200, headers: { 'bad name': 'x' } },
    { statusCode: 200, headers: { a: 'x\r\ny: z' } },
  ])('is a 500 when the function returns no response: %j', async (payload) => {
    const response = await answerOf(payload)
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }])
  })

  it('has no body for HEAD, and none for 204', async () => {
    const forHead = await answerOf({ statusCode: 200, body: 'four' }, 'HEAD')
    expect([forHead.headers.get('content-length'), await forHead.text()]).toEqual(['4', ''])
    const empty = await answerOf({ statusCode: 204, body: 'ignored' })
    expect([empty.status, await empty.text()]).toEqual([204, ''])
  })

  it.each<[string, Setting, number, string]>([
    ['no route', { routeKeys: ['GET /other'] }, 404, 'Not Found'],
    ['no identity', { authorization: { type: 'no-identity' } }, 401, 'Unauthorized'],
    ['a denial', { authorization: { type: 'denied' } }, 403, 'Forbidden'],
    ['a broken authorizer', { authorization: { type: 'failed' } }, 500, 'Internal Server Error'],
    [
      'a broken function',
      { answer: () => ({ type: 'error', error: { errorType: 'E', errorMessage: 'secret' } }) },
      500,
      'Internal Server Error',
    ],
    [
      'an event that Lambda refuses',
      { answer: () => ({ type: 'too-large' }) },
      413,
      'Request Entity Too Large',
    ],
    [
      'a function that outlasts the integration',
      { answer: () => new Promise(() => {}), timeoutMilliseconds: 20 },
      503,
      'Service Unavailable',
    ],
  ])('is API Gateway’s own for %s', async (_name, setting, status, message) => {
    const { origin } = await gatewayWith(setting)
    const response = await fetch(`${origin}/x`)
    expect([response.status, await response.text()]).toEqual([status, JSON.stringify({ message })])
    expect(response.headers.get('content-type')).toBe('application/json')
  })

  it('reaches no function when the authorizer did not allow it', async () => {
    const { origin, events } = await gatewayWith({ authorization: { type: 'denied' } })
    await fetch(`${origin}/x`)
    expect(events).toEqual([])
  })

  it('comes from a function that knows what the authorizer said', async () => {
    const context = { userId: 'usr_1' }
    const { origin, events } = await gatewayWith({ authorization: { type: 'allowed', context } })
    await fetch(`${origin}/x`)
    expect(events[0]?.requestContext).toMatchObject({ authorizer: { lambda: context } })
  })
})

describe('limits and malformed requests', () => {
  it('takes 10 MB and refuses a byte more', async () => {
    const { origin, events } = await gatewayWith()
    const limit = 10 * 1024 * 1024
    const post = (bytes: number) => fetch(`${origin}/x`, { method: 'POST', body: Buffer.alloc(bytes, 'x') })
    expect((await post(limit)).status).toBe(200)
    const refused = await post(limit + 1)
    expect([refused.status, await refused.json()]).toEqual([413, { message: 'Request Entity Too Large' }])
    expect(events.length).toBe(1)
  })

  it('refuses headers over 10,240 bytes, and far over', async () => {
    const { port, events } = await gatewayWith()
    for (const bytes of [10_300, 100_000]) {
      const answer = await exchange(port, head('GET /x HTTP/1.1', 'Host: x', `X-Long: ${'x'.repeat(bytes)}`))
      expect(answer).toMatch(/^HTTP\/1\.1 431 /)
    }
    expect(events).toEqual([])
  })

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a broken path encoding', head('GET /%zz HTTP/1.1', 'Host: x')],
    ['a header without a name', head('GET /x HTTP/1.1', 'Host: x', ': y')],
    ['two lengths', head('POST /x HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Content-Length: 2')],
    [
      'a length and chunks',
      head('POST /x HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Transfer-Encoding: chunked'),
    ],
    ['a tunnel', head('CONNECT evil.example:443 HTTP/1.1', 'Host: x')],
    ['no host', head('GET /x HTTP/1.1')],
  ])('answers %s with 400 and serves the next request', async (_name, bytes) => {
    const { port, origin, events } = await gatewayWith()
    expect(await exchange(port, bytes)).toMatch(/^HTTP\/1\.1 400 /)
    expect(events).toEqual([])
    expect((await fetch(`${origin}/x`)).status).toBe(200)
  })

  it('survives callers who hang up in the middle of a body', async () => {
    const { port, origin, events } = await gatewayWith()
    for (let count = 0; count < 20; count += 1) {
      const socket = connect({ port, host: '127.0.0.1' })
      await once(socket, 'connect')
      socket.write('POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
      socket.resetAndDestroy()
      await once(socket, 'close')
    }
    expect((await fetch(`${origin}/x`)).status).toBe(200)
    expect(events.length).toBe(1)
  })
})

describe('CORS', () => {
  const cors = {
    AllowOrigins: ['https://console.example'],
    AllowMethods: ['GET', 'POST'],
    AllowHeaders: ['authorization'],
    ExposeHeaders: [],
    AllowCredentials: false,
    MaxAge: 60,
  }
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  })

  it('answers a preflight without asking the function, and only for a named origin', async () => {
    const { origin, events } = await gatewayWith({ cors })
    const allowed = await fetch(`${origin}/x`, preflight('https://console.example'))
    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://console.example')
    expect(allowed.headers.get('access-control-allow-methods')).toBe('GET,POST')
    const refused = await fetch(`${origin}/x`, preflight('https://evil.example'))
    expect(refused.headers.get('access-control-allow-origin')).toBeNull()
    expect(events).toEqual([])
  })

  it('is off where the template does not name it', async () => {
    const { origin, events } = await gatewayWith()
    const response = await fetch(`${origin}/x`, preflight('https://console.example'))
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(events.length).toBe(1)
  })
})
