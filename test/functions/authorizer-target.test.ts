import { describe, expect, it } from 'vitest'
import { authorizer, beginsAnew, foreign, section, shop, token, world } from './authorizer-scene.ts'
import { readersOf } from './stored-scene.ts'

beginsAnew()

describe('which API a request is for', () => {
  it('is the one that is bound there; a gateway that is bound in part is closed elsewhere (A3)', async () => {
    world.bindings = [
      { bindingId: 'gwb_1', gatewayId: 'gw1', stage: '$default', basePath: '/shop', apiId: shop.apiId },
    ]
    const ask = authorizer()
    expect(await ask(token, { path: '/shop/orders' })).toBe('allowed')
    expect(await ask(token, { path: '/orders' })).toBe('api_unknown')
    expect(await ask(token, { path: '/shop/orders', stage: 'dev' })).toBe('api_unknown')
  })

  it('is the default for a gateway that nobody ever registered, unless these are denied (A3)', async () => {
    world.bindings = undefined
    expect(await authorizer()(token)).toBe('allowed')
    const denying = { readDefaultApiId: async () => undefined }
    expect(await authorizer({}, {}, denying)(token)).toBe('api_unknown')
  })

  it('is none for an organization that does not see it, whatever its administrators hold', async () => {
    world.bindings = [
      { bindingId: 'gwb_1', gatewayId: 'gw1', stage: '$default', basePath: '/', apiId: foreign.apiId },
    ]
    expect(await authorizer()(token)).toBe('api_unknown')
  })

  it('is unknown when a binding is left over whose API is gone', async () => {
    world.apis = []
    expect(await authorizer()(token)).toBe('api_unknown')
  })

  it.each([
    ['another template', { route: 'GET /invoices/{id}' }],
    ['another method', { route: 'POST /orders' }],
    ['a route that is none', { route: 'orders' }],
  ])('is not guessed where the gateway disagrees with itself: %s (A1)', async (_name, asked) => {
    expect(await authorizer()(token, asked)).toBe('route_mismatch')
  })

  it.each(['/orders/..%2fx', '/orders//x', '/%2e%2e/orders', '/orders;/../x', '', 'orders'])(
    'is not guessed from a path with two readings: "%s" (I7)',
    async (path) => {
      for (const route of ['$default', 'GET /orders', null])
        expect(await authorizer()(token, { path, route })).toBe('path_refused')
    },
  )
})

describe('whatever fails decides nothing (A2)', () => {
  const broken = () => Promise.reject(new Error('no table'))
  it.each([
    ['the caller', { snapshots: readersOf(broken) }, {}],
    ['the world.bindings', {}, { readBindings: broken }],
    ['the API', {}, { readApi: broken }],
    ['the rate limit', { prepareRateLimit: broken }, {}],
    ['the search for the API', { findEndpoint: broken }, {}],
  ])('%s', async (_name, change, found) => {
    await expect(authorizer({}, change, found)(token)).rejects.toThrow('no table')
  })

  it('the installation, for a gateway that nobody registered', async () => {
    world.bindings = undefined
    await expect(authorizer({}, {}, { readDefaultApiId: broken })(token)).rejects.toThrow('no table')
  })

  it('a stored pattern that cannot be read', async () => {
    const endpoints = [{ endpoint: 'nonsense', level: 'read' as const }]
    world.apis = [{ ...shop, sections: [{ ...section, endpoints }] }]
    await expect(authorizer()(token)).rejects.toThrow()
  })

  it('and nothing is looked up for whoever presents nothing', async () => {
    for (const nothing of [undefined, '']) expect(await authorizer()(nothing)).toBe('credential_missing')
    expect([world.snapshotsRead, world.bindingsRead]).toEqual([[], []])
  })
})
