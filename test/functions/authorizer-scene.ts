import { beforeEach } from 'vitest'
import type { AuthorizerDependencies, AuthorizerSettings } from '../../lib/admission/authorize.ts'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import type { FindEndpointDependencies } from '../../lib/apis/find-endpoint.ts'
import { makeEndpointFinder } from '../../lib/apis/find-endpoint.ts'
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
  apiWith,
  credentialOf,
  memberWith,
  organizationWith,
  otherOrganizationId,
  policyWith,
  readersOf,
  snapshotsOf,
} from './stored-scene.ts'

export const section = {
  name: 'orders',
  title: '',
  endpoints: [{ endpoint: 'GET /orders', level: 'read' as const }],
  version: 1,
}
export const shop = apiWith(1, 'shop', { sections: [section] })
export const foreign = apiWith(2, 'foreign', { organizationId: otherOrganizationId, sections: [section] })
const policy = policyWith([shop])
export const administratorWith = (number: number) =>
  memberWith(number, { membership: { allAccountGroupRoles: [1] } })
export const administrators = [1, 2, 3].map(administratorWith)
export const made = administrators.map((member) => credentialOf(member))
export const token = made[0]?.token ?? ''

/** What stands in the table, how late it is, and what was read. */
export const world: {
  clock: number
  snapshotsRead: SnapshotKeys[]
  bindingsRead: string[]
  apisRead: string[]
  bindings: GatewayBinding[] | undefined
  apis: StoredApi[]
} = { clock: 0, snapshotsRead: [], bindingsRead: [], apisRead: [], bindings: undefined, apis: [] }

/** Begins each test of a file anew. */
export const beginsAnew = (): void =>
  beforeEach(() => {
    world.clock = Date.now()
    world.snapshotsRead = []
    world.bindingsRead = []
    world.apisRead = []
    world.bindings = [
      { bindingId: 'gwb_1', gatewayId: 'gw1', stage: '$default', basePath: '/', apiId: shop.apiId },
    ]
    world.apis = [shop, foreign]
  })

export const readingOf = (members: readonly Member[], credentials: readonly StoredCredential[]) =>
  snapshotsOf({ organization: organizationWith(), policy, members, credentials })
export const reading = readingOf(
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

export const finding: FindEndpointDependencies = {
  readBindings: async (gatewayId) => {
    world.bindingsRead.push(gatewayId)
    return world.bindings
  },
  readApi: async (apiId) => {
    world.apisRead.push(apiId)
    const found = world.apis.find((api) => api.apiId === apiId)
    return found === undefined ? undefined : protectedApiOf(found)
  },
  readDefaultApiId: async () => shop.apiId,
  now: () => world.clock,
}

export const authorizer = (
  settings: Partial<AuthorizerSettings> = {},
  change: Partial<AuthorizerDependencies> = {},
  found: Partial<FindEndpointDependencies> = {},
) => {
  const { cacheSeconds = 5 } = settings
  const authorize = makeAuthorizer(
    {
      snapshots: readersOf((wanted) => {
        world.snapshotsRead.push(wanted)
        return reading(wanted)
      }),
      verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' }),
      findImported: () => Promise.resolve(null),
      prepareRanges: prepareNoRanges,
      prepareRateLimit: () => Promise.resolve(uncounted),
      now: () => world.clock,
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
export const guesses = (count: number): string[] => {
  const keyId = made[0]?.credential.keyId ?? 'key_'
  return Array.from({ length: count }, (_, index) =>
    newSecretOf('token', keyId, (size) =>
      new Uint8Array(size).map((_byte, place) => (index * 7 + place * 13) % 248),
    ),
  )
}
