import { beforeEach, describe, expect, it } from 'vitest'
import { readApi, readBindings } from '../../lib/apis/api-store.ts'
import type { FindEndpointDependencies } from '../../lib/apis/find-endpoint.ts'
import { makeEndpointFinder } from '../../lib/apis/find-endpoint.ts'
import { releaseGateway } from '../../lib/apis/gateway-bindings.ts'
import type { GatewayRequest } from '../../lib/apis/gateway-request.ts'
import { deleteApi } from '../../lib/apis/manage-apis.ts'
import { handOverApi, shareApi } from '../../lib/apis/share-api.ts'
import { decide } from '../../lib/decision/decide.ts'
import type { ProtectedApi } from '../../lib/decision/protected-api.ts'
import { readInstallation } from '../../lib/identity/installation-store.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import type { ApiId } from '../../lib/secrets/key-id.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { shop } from '../decision/sample-subject.ts'
import { origin } from '../organizations/organization.ts'
import type { ApiScene } from './api-scene.ts'
import { apiScene } from './api-scene.ts'

const gatewayId = 'a1b2c3d4e5'
const at = (path: string, more: Partial<GatewayRequest> = {}): GatewayRequest => ({
  gatewayId,
  stage: '$default',
  method: 'GET',
  path,
  route: 'ANY /{proxy+}',
  isCustomDomain: false,
  ...more,
})

describe('the API of a request', () => {
  let scene: ApiScene

  beforeEach(async () => {
    scene = await apiScene()
  })

  const finderOf = (more: Partial<FindEndpointDependencies> = {}) =>
    makeEndpointFinder(
      {
        readBindings: (id) => readBindings(scene.table, id),
        readApi: async (apiId) => {
          const stored = await readApi(scene.table, apiId)
          return stored === undefined ? undefined : protectedApiOf(stored)
        },
        readDefaultApiId: async () => (await readInstallation(scene.table))?.defaultApiId,
        now: Date.now,
        ...more,
      },
      { cacheSeconds: 0 },
    )

  /** What the authorizer of this gateway would answer to whoever holds the token. */
  const answer = async (token: string, request: GatewayRequest, find = finderOf()) => {
    const { subject } = await scene.callerWith(token)
    const { path, target } = await find(request)
    const decision = decide(
      { ok: true, subject },
      { address: origin.address, method: request.method, aid: null, path, target },
      { ranges: noProviderRanges, withinRateLimit: () => true },
    )
    return decision.allow ? 'allowed' : decision.reason
  }

  it('is the default one at a gateway that nobody registered, for its owner’s users only (A3)', async () => {
    const target = { apiId: scene.apiId, organizationId: scene.customer.organizationId }
    const everything = { everySection: { level: 'write' as const } }
    await shareApi(scene.dependencies, await scene.admin(), target, everything, origin)
    expect(await answer(scene.token, at('/orders'))).toBe('allowed')
    expect(await answer(scene.provider.token, at('/orders'))).toBe('api_unknown')
    // Also for those whom the API is shared with: what is behind the gateway, nobody has said.
    expect(await answer(scene.customer.token, at('/orders'))).toBe('api_unknown')
    await scene.bind(scene.apiId, { gatewayId: 'f6g7h8i9j0' })
    expect(await answer(scene.customer.token, at('/orders', { gatewayId: 'f6g7h8i9j0' }))).toBe('allowed')
    expect(await answer(scene.customer.token, at('/orders'))).toBe('api_unknown')
  })

  it('is none at a gateway that nobody registered, when these are to be denied', async () => {
    const find = finderOf({ readDefaultApiId: () => Promise.resolve(undefined) })
    for (const { token } of [scene, scene.provider])
      expect(await answer(token, at('/orders'), find)).toBe('api_unknown')
  })

  it('is none where a gateway is registered only in part, and where it was released', async () => {
    const { bindingId } = await scene.bind(scene.apiId, { basePath: '/shop' })
    expect(await answer(scene.token, at('/shop/orders'))).toBe('allowed')
    for (const request of [at('/orders'), at('/shop2/orders'), at('/shop/orders', { stage: 'prod' })])
      expect([request.path, await answer(scene.token, request)]).toEqual([request.path, 'api_unknown'])
    const binding = { apiId: scene.apiId, bindingId }
    await releaseGateway(scene.dependencies, await scene.admin(), binding, origin)
    for (const path of ['/shop/orders', '/orders'])
      expect([path, await answer(scene.token, at(path))]).toEqual([path, 'api_unknown'])
  })

  it('is none after it was deleted: its gateway does not fall to the default', async () => {
    const { apiId } = await scene.create({})
    await scene.bind(apiId, {})
    expect(await answer(scene.token, at('/customers'))).toBe('allowed')
    await deleteApi(scene.dependencies, await scene.admin(), apiId, origin)
    expect(await answer(scene.token, at('/customers'))).toBe('api_unknown')
  })

  it('is the one of the longest base path, and each is open to its own organization only', async () => {
    const theirs = await scene.create({}, scene.provider.admin())
    await scene.bind(scene.apiId, { basePath: '/' })
    await scene.bind(theirs.apiId, { basePath: '/crm' })
    expect(await answer(scene.token, at('/orders'))).toBe('allowed')
    expect(await answer(scene.token, at('/crm'))).toBe('api_unknown')
    expect(await answer(scene.token, at('/crm/x'))).toBe('api_unknown')
    expect(await answer(scene.provider.token, at('/crm/x'))).toBe('allowed')
    expect(await answer(scene.provider.token, at('/crmx'))).toBe('api_unknown')
    for (const path of ['/crm/../orders', '/crm//x', '/%63rm%2fx', '/crm/..;/orders'])
      expect([path, await answer(scene.provider.token, at(path))]).toEqual([path, 'path_refused'])
    // One letter encoded is the same place.
    expect(await answer(scene.provider.token, at('/%63rm/x'))).toBe('allowed')
    expect(await answer(scene.token, at('/%63rm/x'))).toBe('api_unknown')
  })

  it('follows when it is handed to another organization', async () => {
    const { apiId } = await scene.create({})
    await scene.bind(apiId, {})
    const target = { apiId, organizationId: scene.provider.organizationId }
    await handOverApi(scene.dependencies, await scene.admin(), target, origin)
    expect(await answer(scene.token, at('/x'))).toBe('api_unknown')
    expect(await answer(scene.provider.token, at('/x'))).toBe('allowed')
  })

  it('denies everybody where the gateway’s route disagrees with the path', async () => {
    await scene.bind(scene.apiId, {})
    const routes = ['GET /stock', 'POST /{proxy+}', 'GET /orders/{id}', 'nonsense']
    for (const route of routes)
      expect([route, await answer(scene.token, at('/orders', { route }))]).toEqual([route, 'route_mismatch'])
    for (const route of ['GET /orders', 'GET /{any}', '$default', null])
      expect([route, await answer(scene.token, at('/orders', { route }))]).toEqual([route, 'allowed'])
  })
})

describe('what the authorizer read', () => {
  const scene = (cacheSeconds: number) => {
    const clock = { now: 1_000_000 }
    const calls = { bindings: 0, apis: 0, defaults: 0 }
    const state: { bindings: { basePath: string; apiId: ApiId }[] | undefined; fails: boolean } = {
      bindings: [{ basePath: '/', apiId: shop.apiId }],
      fails: false,
    }
    const find = makeEndpointFinder(
      {
        readBindings: (id) => {
          calls.bindings += 1
          if (state.fails) return Promise.reject(new Error('the table does not answer'))
          const bindings = state.bindings?.map((binding) => ({
            bindingId: 'gwb_1' as const,
            gatewayId: id,
            stage: '$default',
            ...binding,
          }))
          return Promise.resolve(bindings)
        },
        readApi: (apiId): Promise<ProtectedApi | undefined> => {
          calls.apis += 1
          return Promise.resolve(apiId === shop.apiId ? shop : undefined)
        },
        readDefaultApiId: () => {
          calls.defaults += 1
          return Promise.resolve(shop.apiId)
        },
        now: () => clock.now,
      },
      { cacheSeconds },
    )
    const found = async (path = '/orders') => {
      const { target } = await find(at(path))
      return target.kind === 'protected' ? (target.api?.name ?? null) : target.kind
    }
    return { clock, calls, state, found }
  }

  it('is kept for the time of the cache and not longer', async () => {
    const { clock, calls, state, found } = scene(5)
    for (let index = 0; index < 10; index += 1) expect(await found()).toBe('shop')
    expect(calls).toEqual({ bindings: 1, apis: 1, defaults: 0 })
    state.bindings = []
    clock.now += 4999
    expect(await found()).toBe('shop')
    clock.now += 1
    expect(await found()).toBeNull()
    state.bindings = undefined
    clock.now += 5000
    expect(await found()).toBe('shop')
    expect(calls.defaults).toBe(1)
  })

  it('is not kept at all with a cache of no seconds', async () => {
    const { calls, state, found } = scene(0)
    await found()
    state.bindings = []
    expect(await found()).toBeNull()
    expect(calls.bindings).toBe(2)
  })

  it('fails the request when it cannot be read, and is read anew for the next', async () => {
    const { state, found } = scene(5)
    state.fails = true
    await expect(found()).rejects.toThrow('does not answer')
    state.fails = false
    expect(await found()).toBe('shop')
  })

  it('names no API when the bound one is not there, rather than the default', async () => {
    const { calls, state, found } = scene(5)
    state.bindings = [{ basePath: '/', apiId: 'api_gone' }]
    expect(await found()).toBeNull()
    expect(calls.defaults).toBe(0)
  })
})
