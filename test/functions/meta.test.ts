import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { documentedPath } from '../../lib/reference/openapi/openapi.ts'
import { httpEvent, lambdaContext } from '../http/http-event.ts'

let handler: typeof import('../../functions/meta.ts').handler

beforeAll(async () => {
  vi.stubEnv('ISSUER', 'https://api.example.com')
  vi.stubEnv('LOG_LEVEL', 'SILENT')
  const module = await import('../../functions/meta.ts')
  handler = module.handler
})

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  handler(httpEvent('GET', path, { headers }), lambdaContext)

describe('the meta function', () => {
  it('says that it is up', async () => {
    expect(await get('/health')).toMatchObject({ statusCode: 200, body: '{"status":"ok"}\n' })
  })

  it.each([
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', '/console'],
    ['*/*', '/docs'],
    ['application/json', '/docs'],
    ['text/html;q=0, */*', '/docs'],
    [undefined, '/docs'],
  ])('leads who opens its address and accepts %s to %s', async (accept, location) => {
    const { statusCode, headers } = await get('/', accept === undefined ? {} : { accept })
    expect([statusCode, headers?.['location'], headers?.['vary']]).toEqual([302, location, 'Accept'])
  })

  it.each([
    ['GET', '/console/', '', '/console'],
    ['HEAD', '/console/', 'organization=org_1', '/console?organization=org_1'],
    ['GET', '/docs/', '', '/docs'],
    ['POST', '/console/', '', undefined],
    ['GET', '/v1/users/', '', undefined],
    ['GET', '//console/', '', undefined],
    ['GET', '//evil.example/', '', undefined],
    ['GET', '/', '', undefined],
  ])(
    'leads %s %s?%s to the page without the slash, if there is one: %s',
    async (method, path, query, location) => {
      const event = httpEvent(method, path, { routeKey: '$default', query })
      const { statusCode, headers } = await handler(event, lambdaContext)
      expect(headers?.['location']).toBe(location)
      if (location !== undefined) expect(statusCode).toBe(308)
    },
  )

  it('serves the OpenAPI document of this deployment, whole', async () => {
    const { statusCode, headers, body } = await get('/openapi.json')
    expect(statusCode).toBe(200)
    expect(headers?.['content-type']).toBe('application/json;charset=UTF-8')
    const document: { servers: { url: string }[]; paths: object } = JSON.parse(body ?? '')
    expect(document.servers).toEqual([{ url: 'https://api.example.com', description: 'This deployment' }])
    expect(new Set(Object.keys(document.paths))).toEqual(new Set(endpoints.map(documentedPath)))
  })

  it('serves the same bytes every time', async () => {
    expect(await get('/openapi.json')).toEqual(await get('/openapi.json'))
  })

  it('does not take its origin from the request', async () => {
    const event = httpEvent('GET', '/openapi.json', {
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
    })
    expect((await handler(event, lambdaContext)).body).not.toContain('evil.example')
  })

  it('answers what no route fits, as the $default route', async () => {
    const screen = httpEvent('POST', '/console/users/new', { routeKey: '$default' })
    expect(await handler(screen, lambdaContext)).toMatchObject({
      statusCode: 405,
      headers: { allow: 'GET, HEAD' },
    })
    const nothing = httpEvent('GET', '/nothing', { routeKey: '$default' })
    expect(await handler(nothing, lambdaContext)).toMatchObject({ statusCode: 404 })
    const otherMethod = httpEvent('PUT', '/v1/auth/login', { routeKey: '$default' })
    expect(await handler(otherMethod, lambdaContext)).toMatchObject({
      statusCode: 405,
      headers: { allow: 'POST' },
    })
  })
})

describe('a public document', () => {
  it('may be read by scripts of any origin, and kept for a while', async () => {
    const { headers } = await get('/openapi.json')
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=300',
      vary: 'Accept-Encoding',
    })
  })

  it('is nothing else: other answers stay with their own origin', async () => {
    for (const path of ['/health', '/nothing']) {
      const { headers } = await handler(httpEvent('GET', path), lambdaContext)
      expect(headers).not.toHaveProperty('access-control-allow-origin')
      expect(headers).toMatchObject({ 'cross-origin-resource-policy': 'same-origin' })
    }
  })

  it.each(['/openapi.json', '/.well-known/jwks.json', '/.well-known/oauth-authorization-server'])(
    'has preflights answered, for headers that clients add: %s',
    async (path) => {
      const asked = httpEvent('OPTIONS', path, {
        routeKey: '$default',
        headers: { origin: 'https://app.example', 'access-control-request-headers': 'mcp-protocol-version' },
      })
      expect(await handler(asked, lambdaContext)).toMatchObject({
        statusCode: 204,
        headers: { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' },
      })
    },
  )

  it('is no way around for the rest: OPTIONS elsewhere is not offered', async () => {
    const asked = httpEvent('OPTIONS', '/v1/users', { routeKey: '$default' })
    const { statusCode, headers } = await handler(asked, lambdaContext)
    expect(statusCode).toBe(405)
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('is told apart by its tag: who has it gets 304 and no body', async () => {
    const { headers } = await get('/openapi.json')
    const etag = String(headers?.['etag'])
    expect(etag).toMatch(/^"[\w-]{43}"$/)
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get('/openapi.json', { 'if-none-match': known })
      expect(again.statusCode).toBe(304)
      expect(again.body ?? '').toBe('')
      expect(again.headers).toMatchObject({ etag, 'cache-control': 'public, max-age=300' })
    }
    expect((await get('/openapi.json', { 'if-none-match': '"other"' })).statusCode).toBe(200)
  })

  it.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ])('is compressed with %s for whoever asks, under a tag of its own', async (coding, unpack) => {
    const plain = await get('/openapi.json')
    const small = await get('/openapi.json', { 'accept-encoding': coding })
    expect(small).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': coding } })
    const bytes = Buffer.from(small.body ?? '', 'base64')
    expect(unpack(bytes).toString()).toBe(plain.body)
    expect(bytes.length).toBeLessThan(60_000)
    const tags = await Promise.all(
      ['identity', 'gzip', 'br'].map(async (accepted) => {
        const { headers } = await get('/openapi.json', { 'accept-encoding': accepted })
        return String(headers?.['etag'])
      }),
    )
    expect(new Set(tags).size).toBe(3)
    // Each tag says what the client has.
    for (const tag of tags) {
      const known = { 'if-none-match': tag, 'accept-encoding': coding }
      expect((await get('/openapi.json', known)).statusCode).toBe(304)
    }
  })

  it.each(['identity', 'zstd', 'gzip;q=0', 'gzip; q=0.000, br;q=0', '*;q=0', ''])(
    'is sent as it is to whoever wants no other: "%s"',
    async (accepted) => {
      const { headers, isBase64Encoded } = await get('/openapi.json', { 'accept-encoding': accepted })
      expect(headers).not.toHaveProperty('content-encoding')
      expect(isBase64Encoded).not.toBe(true)
    },
  )

  it.each([
    ['GZIP', 'gzip'],
    ['gzip;q=1.000', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['identity;q=0.5, *;q=0.1', 'br'],
    ['gzip, deflate, br', 'br'],
  ])('is compressed for "%s" with %s', async (accepted, coding) => {
    const { headers } = await get('/openapi.json', { 'accept-encoding': accepted })
    expect(headers).toMatchObject({ 'content-encoding': coding })
  })

  it('answers HEAD as GET', async () => {
    for (const path of ['/health', '/openapi.json']) {
      expect(await handler(httpEvent('HEAD', path), lambdaContext)).toEqual(await get(path))
    }
  })
})
