import * as fc from 'fast-check'
import type { Caller } from '../../lib/contract/operation.ts'
import { explain } from '../../lib/explain/explain.ts'
import type { ExplainBody, Explanation } from '../../lib/explain/explain-endpoints.ts'
import type { Member } from '../../lib/identity/member.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../../lib/identity/stored-organization.ts'
import { subjectOf } from '../../lib/identity/subject-of-snapshot.ts'
import type { StoredApi } from '../../lib/policy/stored-api.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { ownEndpointAt } from '../../lib/reference/own-endpoint.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import {
  apiWith,
  credentialOf,
  memberWith,
  organizationId,
  organizationWith,
  otherOrganizationId,
  policyWith,
  snapshotsOf,
} from '../functions/stored-scene.ts'

export const now = Date.now()
const levels = fc.constantFrom('read' as const, 'write' as const)
const sections = [
  {
    name: 'orders',
    title: '',
    endpoints: [
      { endpoint: 'GET /orders', level: 'read' as const },
      { endpoint: 'POST /orders', level: 'write' as const },
      { endpoint: 'GET /orders/{id}', level: 'read' as const },
    ],
    version: 1,
  },
  {
    name: 'refunds',
    title: '',
    endpoints: [{ endpoint: '* /refunds/*', level: 'write' as const }],
    version: 1,
  },
]
const names = ['orders', 'refunds'] as const

const shop = apiWith(1, 'shop', { sections })
const ledger = apiWith(2, 'ledger', { sections: sections.slice(0, 1) })
const shared = fc
  .record({
    sections: fc.dictionary(fc.constantFrom(...names), levels),
    everySection: fc.option(fc.record({ level: levels, except: fc.subarray([...names]) }), { nil: null }),
  })
  .map((share) =>
    apiWith(3, 'market', {
      sections,
      organizationId: otherOrganizationId,
      shares: [{ organizationId, ...share, version: 1 }],
    }),
  )

const ofApis = ['api_000000000001', 'api_000000000002', 'api_000000000003', 'api_000000000009'] as const
const permissions = fc.dictionary(
  fc.oneof(
    fc.tuple(fc.constantFrom(...ofApis), fc.constantFrom(...names)).map((parts) => parts.join('/')),
    fc.constantFrom('postern-users', 'postern-access', 'postern-audit', 'postern-apis'),
  ),
  levels,
  { maxKeys: 3 },
)
const patterns = fc
  .tuple(
    fc.constantFrom(...ofApis),
    fc.constantFrom('GET /orders', '* /orders', 'GET /orders/*', 'GET /{any}', 'POST /*', 'GET /orders/17'),
  )
  .map((parts) => parts.join(' '))
const endpointLists = fc.array(patterns, { maxLength: 2 })
const roleIds = fc.uniqueArray(fc.constantFrom(1, 2, 3, 4, 5, 6, 1000, 1001, 1999), { maxLength: 2 })
const mostly = <T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other })

const roles = fc.tuple(
  ...[1000, 1001].map((roleId) =>
    fc.record({
      roleId: fc.constant(roleId),
      name: fc.constant(`role-${roleId}`),
      permissions,
      endpoints: endpointLists,
      everySection: fc.array(
        fc.record({ apiId: fc.constantFrom(...ofApis), level: levels, except: fc.subarray([...names]) }),
        { maxLength: 1 },
      ),
      impersonation: mostly<'none' | 'full'>('none', fc.constant('full')),
      impersonationTargets: fc.constant<UserId[]>([]),
      version: fc.constant(1),
      impersonationEpoch: fc.constant(0),
    }),
  ),
)
const accountGroups = [
  { aid: 1, name: 'One', version: 1 },
  { aid: 2, name: 'Two', version: 1 },
]

const addresses = ['203.0.113.7', '198.51.100.9', '2001:db8::7', '', 'nonsense'] as const
const whitelists = mostly<string[]>(
  [],
  fc.subarray(['203.0.113.0/24', '2001:db8::/32', 'AWS', 'broken entry'], { minLength: 1 }),
)

/** A user of an organization that owns two APIs and has a share of a third. */
export const worlds = fc
  .record({
    market: shared,
    roles,
    organization: fc.record({
      status: mostly<StoredOrganization['status']>('active', fc.constant('inactive')),
      whitelistRequired: mostly(false, fc.constant(true)),
    }),
    user: fc.record({
      status: mostly<Member['user']['status']>('active', fc.constant('disabled')),
      whitelist: whitelists,
    }),
    membership: fc.record({
      status: mostly<Member['membership']['status']>('active', fc.constantFrom('invited', 'suspended')),
      loginAccountGroup: fc.constantFrom(null, 1, 2, 9),
      allAccountGroupRoles: roleIds,
      accountGroupRoles: fc.array(fc.record({ aid: fc.constantFrom(1, 2, 9), roles: roleIds }), {
        maxLength: 2,
      }),
      permissions,
      endpoints: endpointLists,
    }),
    hasExpired: mostly(false, fc.constant(true)),
  })
  .map((given) => {
    const apis: readonly StoredApi[] = [shop, ledger, given.market]
    const policy: StoredAccessPolicy = policyWith(apis, { roles: given.roles, accountGroups })
    const organization = organizationWith(given.organization)
    const member = memberWith(1, given)
    const expiresAt = given.hasExpired ? new Date(now - 1).toISOString() : null
    const { token, credential } = credentialOf(member, { expiresAt })
    const administrator = memberWith(2, { membership: { allAccountGroupRoles: [1] } })
    const readSnapshot = snapshotsOf({
      organization,
      policy,
      members: [member, administrator],
      credentials: [credential],
    })
    return { apis, policy, organization, member, token, credential, administrator, readSnapshot }
  })
export type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never

export const administratorIn = ({ policy, organization, administrator }: World): Caller => {
  const { user, membership } = administrator
  const snapshot = { user, membership, organization, policy, credential: null, loggedOut: false, actor: null }
  const provenBy = { kind: 'token', keyId: null, sessionId: null, actorId: null, audience: null } as const
  const subject = subjectOf(snapshot, user, organization, provenBy)
  return { subject, snapshot, aid: null, reach: 'organization' }
}

export const explained = (world: World, asked: ExplainBody): Promise<Explanation> =>
  explain(
    {
      ownEndpointAt,
      readSnapshot: world.readSnapshot,
      readUserIdByUsername: () => Promise.resolve(undefined),
      readApi: (apiId) => Promise.resolve(world.apis.find((api) => api.apiId === apiId)),
      prepareRanges: prepareNoRanges,
      now: () => now,
    },
    administratorIn(world),
    asked,
  )

export const requests = fc.record({
  api: fc.constantFrom('shop', 'ledger', 'market'),
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  path: fc.constantFrom(
    '/',
    '/orders',
    '/orders/17',
    '/refunds/1/x',
    '/orders/',
    '/orders//1',
    '/x%2fy',
    '/else',
  ),
  address: mostly<(typeof addresses)[number]>('203.0.113.7', fc.constantFrom(...addresses)),
})

const closed = endpoints.filter(({ access }) => access !== 'public')
export const ownRequests = fc.record({
  endpoint: fc.constantFrom(...closed),
  aid: fc.constantFrom(undefined, 1, 2, 9),
  address: mostly<(typeof addresses)[number]>('203.0.113.7', fc.constantFrom(...addresses)),
})
