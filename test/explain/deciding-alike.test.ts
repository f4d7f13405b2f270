import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AdmitDependencies } from '../../lib/admission/admit.ts'
import { admit } from '../../lib/admission/admit.ts'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import { makeEndpointFinder } from '../../lib/apis/find-endpoint.ts'
import { targetOf } from '../../lib/contract/endpoint.ts'
import type { DecisionStep } from '../../lib/decision/decide.ts'
import { epochOf } from '../../lib/identity/member.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import { callImpactOf } from '../../lib/sightings/call-impact.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import { organizationId, readersOf } from '../functions/stored-scene.ts'
import type { World } from './worlds.ts'
import { administratorIn, explained, now, ownRequests, requests, worlds } from './worlds.ts'

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

const runs = { numRuns: 500 }
/** The rarest reason that a test must see is one in 130 here. */
const runsOfReasons = { numRuns: 1500 }
/** And one in 300 here. */
const runsAtPostern = { numRuns: 2500 }

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
      runsOfReasons,
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
      runsAtPostern,
    )
    for (const reason of [null, 'account_group_unknown', 'permission_not_granted', 'scope_exceeded'])
      expect(seen).toContain(reason)
  })
})
