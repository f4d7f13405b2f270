import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AuthorizerDependencies, AuthorizerSettings } from '../../lib/admission/authorize.ts'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import { mostKept } from '../../lib/admission/recent-callers.ts'
import type { FindEndpointDependencies } from '../../lib/apis/find-endpoint.ts'
import { makeEndpointFinder, mostKept as mostEndpointsKept } from '../../lib/apis/find-endpoint.ts'
import type { GatewayBinding, GatewayRequest } from '../../lib/apis/gateway-request.ts'
import type { SnapshotKeys } from '../../lib/identity/caller-snapshot.ts'
import type { Member } from '../../lib/identity/member.ts'
import type { StoredCredential } from '../../lib/identity/stored-credential.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import type { StoredApi } from '../../lib/policy/stored-api.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import { newSecretOf } from '../../lib/secrets/key-id.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import {
  actingSession,
  apiWith,
  credentialOf,
  memberWith,
  organizationWith,
  otherOrganizationId,
  policyWith,
  readersOf,
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
const administratorWith = (number: number) =>
  memberWith(number, { membership: { allAccountGroupRoles: [1] } })
const administrators = [1, 2, 3].map(administratorWith)
const made = administrators.map((member) => credentialOf(member))
const token = made[0]?.token ?? ''

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

const readingOf = (members: readonly Member[], credentials: readonly StoredCredential[]) =>
  snapshotsOf({ organization: organizationWith(), policy, members, credentials })
const reading = readingOf(
  administrators,
  made.map(({ credential }) => credential),
)

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
  const { cacheSeconds = 5 } = settings
  const authorize = makeAuthorizer(
    {
      snapshots: readersOf((wanted) => {
        snapshotsRead.push(wanted)
        return reading(wanted)
      }),
      verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' }),
      findImported: () => Promise.resolve(null),
      prepareRanges: prepareNoRanges,
      prepareRateLimit: () => Promise.resolve(uncounted),
      now: () => clock,
      noteUse: () => Promise.resolve(),
      findEndpoint: makeEndpointFinder({ ...finding, ...found }, { cacheSeconds }),
      ...change,
    },
    { cacheSeconds },
  )
  return async (presented: string | undefined, asked: Partial<GatewayRequest> = {}): Promise<string> => {
    const verdict = await authorize(presented && `Bearer ${presented}`, {
      address: '203.0.113.7',
      gateway: { ...gateway, ...asked },
    })
    return verdict.allow ? 'allowed' : verdict.reason
  }
}

/** Well-formed, for the key id of the first user, and not its secret. */
const guesses = (count: number): string[] => {
  const keyId = made[0]?.credential.keyId ?? 'key_'
  return Array.from({ length: count }, (_, index) =>
    newSecretOf('token', keyId, (size) =>
      new Uint8Array(size).map((_byte, place) => (index * 7 + place * 13) % 248),
    ),
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

  it('counts from when the read began: what a slow read brings is as old as the read', async () => {
    const slow = async (wanted: SnapshotKeys) => {
      snapshotsRead.push(wanted)
      const snapshot = await reading(wanted)
      clock += 2000
      return snapshot
    }
    const ask = authorizer({ cacheSeconds: 5 }, { snapshots: readersOf(slow) })
    await ask(token)
    clock += 2999
    await ask(token)
    expect(snapshotsRead).toHaveLength(1)
    clock += 1
    await ask(token)
    expect(snapshotsRead).toHaveLength(2)
  })

  it('is held against the time of each request: a credential or a session that ends meanwhile has ended', async () => {
    const [member = administratorWith(1)] = administrators
    const ending = credentialOf(member, { expiresAt: new Date(clock + 2000).toISOString() })
    const expiresAt = clock + 2000
    const session = { ...actingSession(member, member), actor: null, expiresAt }
    const ask = authorizer(
      { cacheSeconds: 5 },
      {
        snapshots: readersOf(readingOf(administrators, [ending.credential])),
        verifySession: () => Promise.resolve({ ok: true, session }),
      },
    )
    for (const [presented, reason] of [
      [ending.token, 'credential_expired'],
      ['a.session.token', 'session_expired'],
    ] as const) {
      expect(await ask(presented)).toBe('allowed')
      clock = expiresAt - 1
      expect(await ask(presented)).toBe('allowed')
      clock = expiresAt
      expect(await ask(presented)).toBe(reason)
      clock = expiresAt - 2000
    }
  })

  it('is nobody who did not prove who they are: wrong secrets are read each time, and what is created next works', async () => {
    const [known, coming] = made
    const stored = [known?.credential].flatMap((credential) => credential ?? [])
    const ask = authorizer(
      {},
      {
        snapshots: readersOf((wanted) => {
          snapshotsRead.push(wanted)
          return readingOf(administrators, stored)(wanted)
        }),
      },
    )
    const wrong = guesses(40)
    expect(new Set(wrong).size).toBe(40)
    for (const guess of [...wrong, ...wrong]) expect(await ask(guess)).toBe('credential_unknown')
    expect(snapshotsRead).toHaveLength(80)
    expect(await ask(coming?.token ?? '')).toBe('credential_unknown')
    if (coming !== undefined) stored.push(coming.credential)
    expect(await ask(coming?.token ?? '')).toBe('allowed')
  })

  it('is bounded by its size: the caller that was read first makes room, and guesses push out nobody', async () => {
    const description = 'x'.repeat(mostKept.callers / 30)
    const crowd = Array.from({ length: 10 }, (_, index) =>
      memberWith(index + 1, { user: { description }, membership: { allAccountGroupRoles: [1] } }),
    )
    const credentials = crowd.map((member) => credentialOf(member))
    const read = readingOf(
      crowd,
      credentials.map(({ credential }) => credential),
    )
    const ask = authorizer(
      {},
      {
        snapshots: readersOf((wanted) => {
          snapshotsRead.push(wanted)
          return read(wanted)
        }),
      },
    )
    const callers = credentials.map(({ token: own }) => own)
    for (const caller of callers) expect(await ask(caller)).toBe('allowed')
    for (const guess of guesses(40)) await ask(guess)
    expect(snapshotsRead).toHaveLength(50)
    for (const caller of callers.slice(1)) await ask(caller)
    expect(snapshotsRead).toHaveLength(50)
    await ask(callers[0] ?? '')
    expect(snapshotsRead).toHaveLength(51)
  })

  it('has its last use noted once, at the time of the request, and by nobody who is refused', async () => {
    const [member = administratorWith(1)] = administrators
    const unused = credentialOf(member, { lastUsedAt: null })
    const uses: string[] = []
    const ask = authorizer(
      { cacheSeconds: 60 },
      {
        snapshots: readersOf(readingOf(administrators, [unused.credential])),
        noteUse: (_credential, at) => void uses.push(at),
      },
    )
    expect(await ask(unused.token, { gatewayId: '' })).toBe('api_unknown')
    expect(uses).toEqual([])
    clock += 7000
    const usedAt = new Date(clock).toISOString()
    expect(await ask(unused.token)).toBe('allowed')
    expect(uses).toEqual([usedAt])
    expect(await ask(unused.token)).toBe('allowed')
    expect(uses).toEqual([usedAt])
  })

  it('is not noted as used again within the hour', async () => {
    const uses: string[] = []
    const [member = administratorWith(1)] = administrators
    const hour = 3_600_000
    for (const since of [0, hour - 1, hour]) {
      const { token: used, credential } = credentialOf(member, {
        lastUsedAt: new Date(clock - since).toISOString(),
      })
      const noteUse = ({ lastUsedAt }: StoredCredential) => void uses.push(lastUsedAt ?? '')
      const ask = authorizer({}, { snapshots: readersOf(readingOf(administrators, [credential])), noteUse })
      expect(await ask(used)).toBe('allowed')
    }
    expect(uses).toEqual([new Date(clock - hour).toISOString()])
  })

  it('has each denial noted before it is answered, and nothing else', async () => {
    const denials: string[] = []
    const ask = authorizer(
      {},
      {
        onDenied: async ({ reason }) => {
          await nextTurn()
          denials.push(reason)
        },
      },
    )
    expect(await ask(token)).toBe('allowed')
    expect(denials).toEqual([])
    expect(await ask(token, { gatewayId: '' })).toBe('api_unknown')
    expect(denials).toEqual(['api_unknown'])
  })

  it('is who calls and never the answer: each method, path, gateway and address is decided on (I6)', async () => {
    const ask = authorizer()
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

  it('counts from when the read began', async () => {
    const slow = <K extends string, T>(read: (key: K) => Promise<T>) => {
      return async (key: K): Promise<T> => {
        const value = await read(key)
        clock += 2000
        return value
      }
    }
    const { readBindings, readApi } = finding
    const ask = authorizer({}, {}, { readBindings: slow(readBindings), readApi: slow(readApi) })
    // The bindings are 4 s old when both are there, the API 2 s.
    await ask(token)
    clock += 999
    await ask(token)
    expect([bindingsRead.length, apisRead.length]).toEqual([1, 1])
    clock += 1
    await ask(token)
    // Reading the bindings anew took the API's last 2 s.
    expect([bindingsRead.length, apisRead.length]).toEqual([2, 2])
  })

  it('is bounded by its size: the gateway that was read first makes room', async () => {
    const [bound] = bindings ?? []
    const bindingId = `gwb_${'1'.repeat(mostEndpointsKept.gateways / 30)}` as const
    bindings = bound && [{ ...bound, bindingId }]
    const ask = authorizer()
    const gateways = Array.from({ length: 10 }, (_, index) => `gw${index + 1}`)
    for (const gatewayId of [...gateways, ...gateways.slice(1)]) await ask(token, { gatewayId })
    expect(bindingsRead).toHaveLength(gateways.length)
    await ask(token, { gatewayId: gateways[0] ?? '' })
    expect(bindingsRead).toHaveLength(gateways.length + 1)
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
    ['the caller', { snapshots: readersOf(broken) }, {}],
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
    for (const nothing of [undefined, '']) expect(await authorizer()(nothing)).toBe('credential_missing')
    expect([snapshotsRead, bindingsRead]).toEqual([[], []])
  })
})
