import { beforeEach, describe, expect, it } from 'vitest'
import type { AuthorizerDependencies, AuthorizerSettings } from '../../lib/admission/authorize.ts'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import type { FindEndpointDependencies } from '../../lib/apis/find-endpoint.ts'
import { makeEndpointFinder } from '../../lib/apis/find-endpoint.ts'
import type { GatewayBinding, GatewayRequest } from '../../lib/apis/gateway-request.ts'
import type { SnapshotKeys } from '../../lib/identity/caller-snapshot.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import type { StoredApi } from '../../lib/policy/stored-api.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import { newToken } from '../../lib/secrets/key-id.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import {
  apiWith,
  credentialOf,
  memberWith,
  organizationWith,
  otherOrganizationId,
  policyWith,
  snapshotsOf,
} from './stored-scene.ts'

const section = {
  name: 'orders',
  title: '',
  endpoints: [{ endpoint: 'GET /orders', level: 'read' as const }],
}
const shop = apiWith(1, 'shop', { sections: [section] })
const foreign = apiWith(2, 'foreign', { organizationId: otherOrganizationId, sections: [section] })
const policy = policyWith([shop])
const administrators = [1, 2, 3].map((number) =>
  memberWith(number, { membership: { allAccountGroupRoles: [1] } }),
)
const made = administrators.map((member) => credentialOf(member))
const tokens = made.map(({ token }) => token)
const [token = ''] = tokens

let clock: number
let snapshotsRead: SnapshotKeys[]
let bindingsRead: string[]
let apisRead: string[]
let bindings: GatewayBinding[] | undefined
let apis: StoredApi[]

beforeEach(() => {
  clock = Date.now()
  snapshotsRead = []
  bindingsRead = []
  apisRead = []
  bindings = [{ bindingId: 'gwb_1', gatewayId: 'gw1', stage: '$default', basePath: '/', apiId: shop.apiId }]
  apis = [shop, foreign]
})

const reading = snapshotsOf({
  organization: organizationWith(),
  policy,
  members: administrators,
  credentials: made.map(({ credential }) => credential),
})

const gateway: GatewayRequest = {
  gatewayId: 'gw1',
  stage: '$default',
  method: 'GET',
  path: '/orders',
  route: '$default',
  isCustomDomain: false,
}

const finding: FindEndpointDependencies = {
  readBindings: async (gatewayId) => {
    bindingsRead.push(gatewayId)
    return bindings
  },
  readApi: async (apiId) => {
    apisRead.push(apiId)
    const found = apis.find((api) => api.apiId === apiId)
    return found === undefined ? undefined : protectedApiOf(found)
  },
  readDefaultApiId: async () => shop.apiId,
  now: () => clock,
}

const authorizer = (
  settings: Partial<AuthorizerSettings> = {},
  change: Partial<AuthorizerDependencies> = {},
  found: Partial<FindEndpointDependencies> = {},
) => {
  const { cacheSeconds = 5, maximumCached = 2 } = settings
  const authorize = makeAuthorizer(
    {
      readSnapshot: (wanted) => {
        snapshotsRead.push(wanted)
        return reading(wanted)
      },
      verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' }),
      findImported: () => Promise.resolve(null),
      prepareRanges: prepareNoRanges,
      prepareRateLimit: () => Promise.resolve(uncounted),
      now: () => clock,
      noteUse: () => Promise.resolve(),
      findEndpoint: makeEndpointFinder({ ...finding, ...found }, { cacheSeconds }),
      ...change,
    },
    { cacheSeconds, maximumCached },
  )
  return async (presented: string, asked: Partial<GatewayRequest> = {}): Promise<string> => {
    const verdict = await authorize(presented === '' ? undefined : `Bearer ${presented}`, {
      address: '203.0.113.7',
      gateway: { ...gateway, ...asked },
    })
    return verdict.allow ? 'allowed' : verdict.reason
  }
}

/** Well-formed, for the key id of the first user, and not its secret. */
const guesses = (count: number): string[] => {
  const keyId = made[0]?.credential.keyId ?? ''
  return Array.from({ length: count }, (_, index) =>
    newToken(keyId, (size) => new Uint8Array(size).map((_byte, place) => (index * 7 + place * 13) % 248)),
  )
}

describe('what the authorizer keeps of callers', () => {
  it('is read once for so long, and anew after that', async () => {
    const ask = authorizer({ cacheSeconds: 5 })
    for (const after of [0, 4999, 0]) {
      clock += after
      expect(await ask(token)).toBe('allowed')
    }
    expect(snapshotsRead).toHaveLength(1)
    clock += 1
    expect(await ask(token)).toBe('allowed')
    expect(snapshotsRead).toHaveLength(2)
  })

  it('is not lengthened by use: a caller that never pauses is read anew as often', async () => {
    const ask = authorizer({ cacheSeconds: 5 })
    for (let second = 0; second < 50; second += 1) {
      await ask(token)
      clock += 1000
    }
    expect(snapshotsRead).toHaveLength(10)
  })

  it('is nothing at 0 seconds', async () => {
    const ask = authorizer({ cacheSeconds: 0 })
    for (let count = 0; count < 3; count += 1) expect(await ask(token)).toBe('allowed')
    expect([snapshotsRead.length, bindingsRead.length, apisRead.length]).toEqual([3, 3, 3])
  })

  it('is not pushed out by wrong secrets for a known key id, and none of these is kept', async () => {
    const ask = authorizer({ maximumCached: 2 })
    for (const known of tokens.slice(0, 2)) expect(await ask(known)).toBe('allowed')
    const wrong = guesses(40)
    expect(new Set(wrong).size).toBe(40)
    for (const guess of [...wrong, ...wrong]) expect(await ask(guess)).toBe('credential_unknown')
    expect(snapshotsRead).toHaveLength(2 + 80)
    for (const known of tokens.slice(0, 2)) expect(await ask(known)).toBe('allowed')
    expect(snapshotsRead).toHaveLength(82)
  })

  it('is bounded: the caller that was read first makes room', async () => {
    const ask = authorizer({ maximumCached: 2 })
    for (const known of tokens) await ask(known)
    expect(snapshotsRead).toHaveLength(3)
    for (const known of tokens.slice(1)) await ask(known)
    expect(snapshotsRead).toHaveLength(3)
    await ask(token)
    expect(snapshotsRead).toHaveLength(4)
  })

  it('is who calls and never the answer: each method, path, gateway and address is decided on (I6)', async () => {
    const ask = authorizer({ maximumCached: 100 })
    expect(await ask(token)).toBe('allowed')
    expect(await ask(token, { path: '/orders/%2e%2e/x' })).toBe('path_refused')
    expect(await ask(token, { gatewayId: '' })).toBe('api_unknown')
    expect(await ask(token)).toBe('allowed')
    expect(snapshotsRead).toHaveLength(1)
  })
})

describe('what the authorizer keeps of gateways and APIs', () => {
  it('is read once for so long, and a change of binding or API holds after that', async () => {
    const ask = authorizer({ cacheSeconds: 5 })
    expect(await ask(token)).toBe('allowed')
    bindings = []
    clock += 4999
    expect(await ask(token)).toBe('allowed')
    expect([bindingsRead.length, apisRead.length]).toEqual([1, 1])
    clock += 1
    expect(await ask(token)).toBe('api_unknown')
    bindings = undefined
    apis = []
    clock += 5000
    expect(await ask(token)).toBe('api_unknown')
    expect(bindingsRead).toHaveLength(3)
  })

  it('is not lengthened by use', async () => {
    const ask = authorizer({ cacheSeconds: 5 })
    for (let second = 0; second < 50; second += 1) {
      await ask(token)
      clock += 1000
    }
    expect([bindingsRead.length, apisRead.length]).toEqual([10, 10])
  })

  it('holds no failed read', async () => {
    let fails = true
    const read = finding.readBindings
    const failing = {
      readBindings: (id: string) => (fails ? Promise.reject(new Error('no table')) : read(id)),
    }
    const ask = authorizer({}, {}, failing)
    await expect(ask(token)).rejects.toThrow('no table')
    fails = false
    expect(await ask(token)).toBe('allowed')
  })

  it('is asked about by nothing that an event does not name', async () => {
    const ask = authorizer()
    for (const nameless of [{ gatewayId: '' }, { stage: '' }, { gatewayId: '', stage: '' }])
      expect(await ask(token, nameless)).toBe('api_unknown')
    expect(bindingsRead).toEqual([])
  })
})

describe('which API a request is for', () => {
  it('is the one that is bound there; a gateway that is bound in part is closed elsewhere (A3)', async () => {
    bindings = [
      { bindingId: 'gwb_1', gatewayId: 'gw1', stage: '$default', basePath: '/shop', apiId: shop.apiId },
    ]
    const ask = authorizer()
    expect(await ask(token, { path: '/shop/orders' })).toBe('allowed')
    expect(await ask(token, { path: '/orders' })).toBe('api_unknown')
    expect(await ask(token, { path: '/shop/orders', stage: 'dev' })).toBe('api_unknown')
  })

  it('is the default for a gateway that nobody ever registered, unless these are denied (A3)', async () => {
    bindings = undefined
    expect(await authorizer()(token)).toBe('allowed')
    const denying = { readDefaultApiId: async () => undefined }
    expect(await authorizer({}, {}, denying)(token)).toBe('api_unknown')
  })

  it('is none for an organization that does not see it, whatever its administrators hold', async () => {
    bindings = [
      { bindingId: 'gwb_1', gatewayId: 'gw1', stage: '$default', basePath: '/', apiId: foreign.apiId },
    ]
    expect(await authorizer()(token)).toBe('api_unknown')
  })

  it('is unknown when a binding is left over whose API is gone', async () => {
    apis = []
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
    ['the caller', { readSnapshot: broken }, {}],
    ['the bindings', {}, { readBindings: broken }],
    ['the API', {}, { readApi: broken }],
    ['the rate limit', { prepareRateLimit: broken }, {}],
    ['the search for the API', { findEndpoint: broken }, {}],
  ])('%s', async (_name, change, found) => {
    await expect(authorizer({}, change, found)(token)).rejects.toThrow('no table')
  })

  it('the installation, for a gateway that nobody registered', async () => {
    bindings = undefined
    await expect(authorizer({}, {}, { readDefaultApiId: broken })(token)).rejects.toThrow('no table')
  })

  it('a stored pattern that cannot be read', async () => {
    const endpoints = [{ endpoint: 'nonsense', level: 'read' as const }]
    apis = [{ ...shop, sections: [{ ...section, endpoints }] }]
    await expect(authorizer()(token)).rejects.toThrow()
  })

  it('and nothing is looked up for whoever presents nothing', async () => {
    expect(await authorizer()('')).toBe('credential_missing')
    expect([snapshotsRead, bindingsRead]).toEqual([[], []])
  })
})
