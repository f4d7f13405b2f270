import { beforeAll, describe, expect, it, vi } from 'vitest'
import { endpoints } from '../../lib/contract/endpoints.ts'
import { httpEvent, lambdaContext } from '../http/http-event.ts'

let handler: typeof import('../../functions/meta.ts').handler

beforeAll(async () => {
  vi.stubEnv('ISSUER', 'https://api.example.com')
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT')
  const module = await import('../../functions/meta.ts')
  handler = module.handler
})

const get = (path: string) => handler(httpEvent('GET', path), lambdaContext)

describe('the meta function', () => {
  it('says that it is up', async () => {
    expect(await get('/health')).toMatchObject({ statusCode: 200, body: '{"status":"ok"}\n' })
  })

  it('leads whoever opens its address to the reference', async () => {
    expect(await get('/')).toMatchObject({ statusCode: 302, headers: { location: '/docs' } })
  })

  it('serves the OpenAPI document of this deployment, whole', async () => {
    const { statusCode, headers, body } = await get('/openapi.json')
    expect(statusCode).toBe(200)
    expect(headers?.['content-type']).toBe('application/json;charset=UTF-8')
    const document: { servers: { url: string }[]; paths: object } = JSON.parse(body ?? '')
    expect(document.servers).toEqual([{ url: 'https://api.example.com', description: 'This deployment' }])
    expect(new Set(Object.keys(document.paths))).toEqual(new Set(endpoints.map(({ path }) => path)))
  })

  it('serves the reference as a page that may load nothing', async () => {
    const { statusCode, headers, body } = await get('/docs')
    expect(statusCode).toBe(200)
    expect(headers?.['content-type']).toBe('text/html;charset=UTF-8')
    expect(headers?.['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(body).toMatch(/^<!doctype html>/)
    expect(body).toContain('curl -X POST &#39;https://api.example.com/v1/users&#39;')
  })

  it('serves the same bytes every time', async () => {
    expect(await get('/docs')).toEqual(await get('/docs'))
    expect(await get('/openapi.json')).toEqual(await get('/openapi.json'))
  })

  it('does not take its origin from the request', async () => {
    const event = httpEvent('GET', '/openapi.json', {
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
    })
    expect((await handler(event, lambdaContext)).body).not.toContain('evil.example')
  })

  it('answers what no route fits, as the $default route', async () => {
    const nothing = httpEvent('GET', '/nothing', { routeKey: '$default' })
    expect(await handler(nothing, lambdaContext)).toMatchObject({ statusCode: 404 })
    const otherMethod = httpEvent('PUT', '/v1/auth/login', { routeKey: '$default' })
    expect(await handler(otherMethod, lambdaContext)).toMatchObject({
      statusCode: 405,
      headers: { allow: 'POST' },
    })
  })
})
