import { describe, expect, it } from 'vitest'
import type { GatewayBinding, GatewayRequest } from '../../lib/apis/gateway-request.ts'
import { requestedEndpoint } from '../../lib/apis/gateway-request.ts'
import type { ApiId } from '../../lib/secrets/key-id.ts'

const request = (change: Partial<GatewayRequest>): GatewayRequest => ({
  gatewayId: 'a1b2c3d4e5',
  stage: 'prod',
  method: 'GET',
  path: '/orders',
  route: 'GET /orders',
  isCustomDomain: false,
  ...change,
})

const binding = (basePath: string, apiId: ApiId, change: Partial<GatewayBinding> = {}): GatewayBinding => ({
  bindingId: `gwb_${apiId}`,
  gatewayId: 'a1b2c3d4e5',
  stage: 'prod',
  basePath,
  apiId,
  ...change,
})

const whole = binding('/', 'api_whole')
const shop = binding('/shop', 'api_shop')

const refused = (why: string) => ({ ok: false, why })
const mismatch = refused('the route that the gateway matched does not fit the path')

describe('the endpoint that a request is for', () => {
  it.each<[string, Partial<GatewayRequest>, readonly GatewayBinding[], string | null, string]>([
    ['the default endpoint', {}, [whole], 'api_whole', '/orders'],
    ['nobody bound', {}, [], null, '/orders'],
    [
      'a mapped base path with a binding',
      { path: '/shop/orders', isCustomDomain: true },
      [whole, shop],
      'api_shop',
      '/orders',
    ],
    [
      'a mapped base path that the route reveals',
      { path: '/shop/orders', isCustomDomain: true },
      [whole],
      'api_whole',
      '/orders',
    ],
    ['the same, unbound', { path: '/shop/v2/orders', isCustomDomain: true }, [], null, '/orders'],
    [
      'a mapped base path and the root',
      { path: '/shop', route: 'GET /', isCustomDomain: true },
      [],
      null,
      '/',
    ],
    [
      'a prefix of the routes',
      { path: '/shop/orders', route: 'GET /shop/orders' },
      [whole, shop],
      'api_shop',
      '/orders',
    ],
    ['the base path itself', { path: '/shop', route: 'ANY /shop' }, [whole, shop], 'api_shop', '/'],
    [
      'the longer of two base paths',
      { path: '/shop/v2/orders', route: '$default' },
      [shop, binding('/shop/v2', 'api_v2'), whole],
      'api_v2',
      '/orders',
    ],
    [
      'a base path within the part that the route reveals',
      { path: '/mapped/shop/orders', route: 'GET /shop/orders', isCustomDomain: true },
      [whole, shop],
      'api_shop',
      '/orders',
    ],
    [
      'whole segments only',
      { path: '/shopping', route: '$default' },
      [whole, shop],
      'api_whole',
      '/shopping',
    ],
    ['upper and lower case', { path: '/Shop/orders', route: '$default' }, [shop], null, '/Shop/orders'],
    ['a greedy route', { path: '/shop/a/b', route: 'ANY /shop/{proxy+}' }, [whole], 'api_whole', '/shop/a/b'],
    // HTTP APIs match `/` with `ANY /{proxy+}`.
    ['a greedy route and the root', { path: '/', route: 'ANY /{proxy+}' }, [whole], 'api_whole', '/'],
    ['a template', { path: '/orders/17', route: 'GET /orders/{id}' }, [whole], 'api_whole', '/orders/17'],
    ['no route in the event', { path: '/shop/orders', route: null }, [shop], 'api_shop', '/orders'],
    [
      'an encoded spelling, which stays as it was sent',
      { path: '/sh%6Fp/a%20b/%C3%A9', route: '$default' },
      [shop],
      'api_shop',
      '/a%20b/%C3%A9',
    ],
  ])('%s', (_name, change, bindings, apiId, path) => {
    expect(requestedEndpoint(request(change), bindings)).toEqual({ ok: true, apiId, path })
  })

  it('knows no binding of another gateway, of another stage, or of a place without a name', () => {
    const elsewhere = [
      binding('/', 'api_other', { gatewayId: 'f6g7h8i9j0' }),
      binding('/', 'api_other', { stage: 'test' }),
      binding('/', 'api_other', { gatewayId: '' }),
      binding('/', 'api_other', { stage: '' }),
    ]
    const nowhere = { ok: true, apiId: null, path: '/orders' }
    expect(requestedEndpoint(request({}), elsewhere)).toEqual(nowhere)
    expect(requestedEndpoint(request({ gatewayId: '' }), elsewhere)).toEqual(nowhere)
    expect(requestedEndpoint(request({ stage: '' }), elsewhere)).toEqual(nowhere)
  })

  it.each<[string, Partial<GatewayRequest>]>([
    ['another path', { path: '/admin/x' }],
    ['a path in front, which only a custom domain can have', { path: '/admin/orders' }],
    ['a path behind', { path: '/orders/17', isCustomDomain: true }],
    ['another method', { method: 'POST' }],
    ['a method in lower case', { method: 'get' }],
    ['a trailing slash', { path: '/orders/', isCustomDomain: true }],
    ['upper and lower case', { path: '/Orders', isCustomDomain: true }],
    ['a template without its segment', { path: '/orders/', route: 'GET /orders/{id}' }],
    ['a greedy template without a segment', { path: '/orders', route: 'GET /orders/{rest+}' }],
    [
      'a greedy route behind a base path',
      { path: '/x/orders/1', route: 'GET /orders/{rest+}', isCustomDomain: true },
    ],
  ])('A1: is none when the route does not fit: %s', (_name, change) => {
    expect(requestedEndpoint(request(change), [whole])).toEqual(mismatch)
  })

  it.each(['', 'GET', 'GET orders', 'GET  /orders', '$connect', 'GET /{rest+}/orders', '/orders'])(
    'is none when the route key %j is malformed',
    (route) => {
      expect(requestedEndpoint(request({ route }), [whole])).toEqual(refused('the route key is malformed'))
    },
  )

  it.each([
    '',
    'orders',
    '/shop//orders',
    '/shop/../orders',
    '/shop/%2e%2e/orders',
    '/shop%2forders',
    '/x%5corders',
  ])('I7: is none for the path %j, which has two readings', (path) => {
    for (const route of ['$default', null, 'GET /orders', 'ANY /{proxy+}']) {
      const result = requestedEndpoint(request({ path, route, isCustomDomain: true }), [whole, shop])
      expect(result.ok).toBe(false)
    }
  })
})
