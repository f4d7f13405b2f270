import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AdmitDependencies } from '../../lib/admission/admit.ts'
import { admit } from '../../lib/admission/admit.ts'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import { makeEndpointFinder } from '../../lib/apis/find-endpoint.ts'
import { targetOf } from '../../lib/contract/endpoint.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import type { DecisionStep } from '../../lib/decision/decide.ts'
import { explain } from '../../lib/explain/explain.ts'
import type { ExplainBody, Explanation } from '../../lib/explain/explain-endpoints.ts'
import type { Member } from '../../lib/identity/member.ts'
import { epochOf } from '../../lib/identity/member.ts'
import type { StoredAccessPolicy, StoredOrganization } from '../../lib/identity/stored-organization.ts'
import { subjectOf } from '../../lib/identity/subject-of-snapshot.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import type { StoredApi } from '../../lib/policy/stored-api.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { ownEndpointAt } from '../../lib/reference/own-endpoint.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { callImpactOf } from '../../lib/sightings/call-impact.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import {
  apiWith,
  credentialOf,
  memberWith,
  organizationId,
  organizationWith,
  otherOrganizationId,
  policyWith,
  readersOf,
  snapshotsOf,
} from '../functions/stored-scene.ts'

const now = Date.now()
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

const worlds = fc
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
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never

const administratorIn = ({ policy, organization, administrator }: World): Caller => {
  const { user, membership } = administrator
  const snapshot = { user, membership, organization, policy, credential: null, loggedOut: false, actor: null }
  const provenBy = { kind: 'token', keyId: null, sessionId: null, actorId: null, audience: null } as const
  const subject = subjectOf(snapshot, user, organization, provenBy)
  return { subject, snapshot, aid: null, reach: 'organization' }
}

const explained = (world: World, asked: ExplainBody): Promise<Explanation> =>
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

const admission = (world: World, audience: string | null, denied: DecisionStep[][]): AdmitDependencies => ({
  readSnapshot: world.readSnapshot,
  verifySession: () =>
    Promise.resolve({
      ok: true,
      session: {
        userId: world.member.user.userId,
        organizationId,
        sessionId: 'ses_00000000000000000001',
        keyId: null,
        audience,
        epoch: epochOf(world.member),
        actor: null,
        expiresAt: now + 60_000,
      },
    }),
  findImported: () => Promise.resolve(null),
  prepareRanges: prepareNoRanges,
  prepareRateLimit: () => Promise.resolve(uncounted),
  now: () => now,
  noteUse: () => Promise.resolve(),
  onDenied: ({ steps }) => {
    denied.push([...steps])
    return Promise.resolve()
  },
})

type Asked = {
  readonly api: string
  readonly method: string
  readonly path: string
  readonly address: string
}

/** What the authorizer answers: each API is bound to a gateway of its own name. */
const authorized = async (
  world: World,
  { api, method, path, address }: Asked,
  presented = world.token,
  audience: string | null = null,
) => {
  const denied: DecisionStep[][] = []
  const settings = { cacheSeconds: 0 }
  const authorize = makeAuthorizer(
    {
      ...admission(world, audience, denied),
      snapshots: readersOf(world.readSnapshot),
      findEndpoint: makeEndpointFinder(
        {
          readBindings: (gatewayId) => {
            const apiId = world.apis.find(({ name }) => name === gatewayId)?.apiId ?? 'api_'
            const place = { bindingId: 'gwb_1' as const, gatewayId, stage: '$default', basePath: '/', apiId }
            return Promise.resolve([place])
          },
          readApi: (apiId) => {
            const found = world.apis.find((candidate) => candidate.apiId === apiId)
            return Promise.resolve(found === undefined ? undefined : protectedApiOf(found))
          },
          readDefaultApiId: () => Promise.resolve(undefined),
          now: () => now,
        },
        settings,
      ),
    },
    settings,
  )
  const verdict = await authorize(`Bearer ${presented}`, {
    address,
    gateway: { gatewayId: api, stage: '$default', method, path, route: '$default', isCustomDomain: false },
  })
  return { verdict, reason: verdict.allow ? null : verdict.reason, steps: denied[0] }
}

const requests = fc.record({
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
const runs = { numRuns: 1500 }

describe('the law "Deciding alike"', () => {
  it('holds between the authorizer and explain: the same answer, for the same reason, by the same steps', async () => {
    const seen = new Set<string | null>()
    await fc.assert(
      fc.asyncProperty(worlds, requests, async (world, asked) => {
        const { keyId } = world.credential
        const { verdict, reason, steps } = await authorized(world, asked)
        const explanation = await explained(world, { ...asked, keyId })
        expect(explanation).toMatchObject({ allowed: verdict.allow, reason, api: asked.api })
        if (!verdict.allow) expect(explanation.steps).toEqual(steps)
        else expect(explanation.subject.accountGroup).toBe(verdict.aid)
        seen.add(reason)
      }),
      runs,
    )
    // A law about one answer only would prove nothing.
    for (const reason of [
      null,
      'credential_expired',
      'user_disabled',
      'membership_inactive',
      'organization_inactive',
      'whitelist_no_match',
      'path_refused',
      'share_exceeded',
      'permission_not_granted',
    ])
      expect(seen).toContain(reason)
  })

  it('holds between a token and a session that is for that API, and one for Postern at own APIs', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, requests, async (world, asked) => {
        const ofToken = await explained(world, { ...asked, userId: world.member.user.userId })
        const api = world.apis.find(({ name }) => name === asked.api)
        const named = await authorized(world, asked, 'a.b.c', api?.audience ?? null)
        expect(named.reason).toBe(ofToken.reason)
        const plain = await authorized(world, asked, 'a.b.c')
        if (asked.api !== 'market') expect(plain.reason).toBe(ofToken.reason)
        else expect(plain.verdict.allow).toBe(false)
      }),
      runs,
    )
  })

  it('holds between the authorizer and the dry run of a change', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, requests, async (world, asked) => {
        const { api, method, path, address } = asked
        const live = await explained(world, { ...asked, userId: world.member.user.userId })
        // A path with two readings is never seen, nor is an event without an address.
        fc.pre(live.reason !== 'path_refused' && address !== '')
        const times = { credential: 'key_1', firstSeenAt: '', lastSeenAt: '', count: 1 }
        const apiId = world.apis.find(({ name }) => name === api)?.apiId ?? 'api_'
        const report = callImpactOf(
          world.member,
          administratorIn(world),
          {
            addresses: [{ ...times, address, refused: 0 }],
            endpoints: [{ ...times, api: apiId, aid: null, needs: null, endpoint: `${method} ${path}` }],
          },
          noProviderRanges,
          new Map(world.apis.map((stored) => [stored.apiId, stored])),
        )
        // An address that nobody can read passes nowhere, and the dry run has no such address to show.
        fc.pre(address !== 'nonsense')
        const refuses = report.refusedAddresses.length + report.refusedEndpoints.length > 0
        expect(refuses).toBe(!live.allowed)
      }),
      runs,
    )
  })

  const closed = endpoints.filter(({ access }) => access !== 'public')
  const ownRequests = fc.record({
    endpoint: fc.constantFrom(...closed),
    aid: fc.constantFrom(undefined, 1, 2, 9),
    address: mostly<(typeof addresses)[number]>('203.0.113.7', fc.constantFrom(...addresses)),
  })

  it("holds between Postern's own endpoints, explain and the dry run", async () => {
    const seen = new Set<string | null>()
    await fc.assert(
      fc.asyncProperty(worlds, ownRequests, async (world, { endpoint, aid, address }) => {
        const { method } = endpoint
        const path = endpoint.path.replaceAll(/\{\w+\}/g, 'x')
        const denied: DecisionStep[][] = []
        const { decision } = await admit(admission(world, null, denied), `Bearer ${world.token}`, {
          ...{ address, method, path, aid: aid ?? null },
          target: targetOf(endpoint),
        })
        const reason = decision.allow ? null : decision.reason
        const { keyId } = world.credential
        const asked = { method, path, address, keyId, api: 'postern', ...(aid === undefined ? {} : { aid }) }
        const explanation = await explained(world, asked)
        expect(explanation).toMatchObject({ allowed: decision.allow, reason, api: 'postern' })
        if (!decision.allow) expect(explanation.steps).toEqual(denied[0])
        seen.add(reason)

        const isAboutRights = reason === null || ['permission_not_granted', 'scope_exceeded'].includes(reason)
        const { access } = endpoint
        if (!isAboutRights || typeof access !== 'object') return
        const times = { credential: 'key_1', firstSeenAt: '', lastSeenAt: '', count: 1 }
        const call = {
          ...times,
          api: 'postern',
          aid:
            'scope' in access && access.scope === 'account-group' ? explanation.subject.accountGroup : null,
          needs: { section: access.section, level: access.level },
          endpoint: `${method} ${path}`,
        }
        const report = callImpactOf(
          world.member,
          administratorIn(world),
          { addresses: [], endpoints: [call] },
          noProviderRanges,
          new Map(),
        )
        expect(report.refusedEndpoints.length > 0).toBe(!decision.allow)
      }),
      runs,
    )
    for (const reason of [null, 'account_group_unknown', 'permission_not_granted', 'scope_exceeded'])
      expect(seen).toContain(reason)
  })
})
