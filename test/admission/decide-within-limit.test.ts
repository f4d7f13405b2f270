import { beforeAll, describe, expect, it } from 'vitest'
import { admit } from '../../lib/admission/admit.ts'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import { readCallerSnapshot } from '../../lib/admission/snapshot-store.ts'
import { readApi } from '../../lib/apis/api-store.ts'
import type { GatewayRequest } from '../../lib/apis/gateway-request.ts'
import { findImported } from '../../lib/credentials/credential-store.ts'
import type { DecisionRequest, Target } from '../../lib/decision/decision-request.ts'
import type { SnapshotKeys } from '../../lib/identity/caller-snapshot.ts'
import type { PrepareRateLimit, RateLimits } from '../../lib/limits/rate-limiter.ts'
import { makeRateLimiter } from '../../lib/limits/rate-limiter.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import type { SecretHash } from '../../lib/secrets/secret-hash.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { setFields } from '../../lib/table/update-expression.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import { freshTable } from '../fresh-table.ts'
import { readersOf } from '../functions/stored-scene.ts'
import { countersOn } from '../limits/stored-rate-counters.ts'
import { dependenciesOf, makeCaller, makeOrganization } from '../organizations/organization.ts'

let table: Table
let made: Awaited<ReturnType<typeof makeOrganization>>
beforeAll(async () => {
  table = await freshTable()
  made = await makeOrganization(table)
})

/** The begin of a minute, after everything that the tests write by the clock of this machine. */
const start = (Math.ceil(Date.now() / 60_000) + 10) * 60_000
const own: DecisionRequest = {
  address: '203.0.113.9',
  method: 'GET',
  path: '/v1/users/me',
  aid: null,
  target: { kind: 'self', endsSession: false },
}
const gateway: GatewayRequest = {
  gatewayId: 'a1b2c3d4e5',
  stage: '$default',
  method: 'GET',
  path: '/orders',
  route: '$default',
  isCustomDomain: false,
}
const atGateway = { address: own.address, gateway }
const manageUsers: Target = {
  kind: 'management',
  section: 'postern-users',
  level: 'read',
  scope: 'account-group',
}

/** One container: what it read, what it leased, and under which limits. */
const container = (clock = { now: start }) => {
  const calls = { reads: 0, leases: 0 }
  const asked: RateLimits[] = []
  const counters = countersOn(table)
  const limiter = makeRateLimiter({
    ...counters,
    leaseTokens: (counter, tokens) => {
      calls.leases += 1
      return counters.leaseTokens(counter, tokens)
    },
    behind: () => undefined,
    random: () => 0,
    now: () => clock.now,
    onFault: (fault) => {
      throw fault
    },
  })
  const readSnapshot = (wanted: SnapshotKeys) => {
    calls.reads += 1
    return readCallerSnapshot(table, wanted)
  }
  const dependencies = {
    readSnapshot,
    snapshots: readersOf(readSnapshot),
    verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' } as const),
    findImported: (secretHash: SecretHash) => findImported(table, secretHash),
    findEndpoint: async ({ path }: GatewayRequest) => {
      const api = await readApi(table, made.apiId)
      if (api === undefined) throw new Error('the organization has an API')
      return { path, target: { kind: 'protected', api: protectedApiOf(api) } } as const
    },
    prepareRanges: prepareNoRanges,
    prepareRateLimit: (...given: Parameters<PrepareRateLimit>) => {
      asked.push(given[1])
      return limiter(...given)
    },
    now: () => clock.now,
    noteUse: () => Promise.resolve(),
    onFault: (fault: unknown) => {
      throw fault
    },
  }
  return { dependencies, calls, asked }
}

const setLimit = (
  key: { pk: string; sk: string },
  rateLimitPerMinute: number,
  ofProtected: { protectedApiRateLimitPerMinute?: number | null } = {},
) => {
  const { set, names, values } = setFields({ rateLimitPerMinute, ...ofProtected })
  return dependenciesOf(table).write([{ label: 'limit', update: key, set, names, values }])
}

describe('a decision with a rate limit', () => {
  it('is made under the limits that are stored for the organization and the user', async () => {
    const { user, token } = await makeCaller(table, made.admin, { username: 'limited', role: 'User' })
    await setLimit(keys.membership(user.userId, made.organizationId), 3)
    const { dependencies, asked } = container({ now: start + 60_000 })
    const decisions = []
    for (let index = 0; index < 4; index += 1) {
      decisions.push(await admit(dependencies, `Bearer ${token}`, own))
    }
    expect(asked[0]).toEqual({ organizationPerMinute: 240, userPerMinute: 3 })
    expect(decisions.map(({ decision }) => decision.allow)).toEqual([true, true, true, false])
    expect(decisions.map(({ rateLimit }) => rateLimit?.remaining)).toEqual([2, 1, 0, 0])
    expect(decisions[3]?.decision).toMatchObject({ reason: 'rate_limited' })
  })

  it('looks at no limit for a credential that does not hold, and tells of none', async () => {
    const { user, token } = await makeCaller(table, made.admin, { username: 'disabled', role: 'User' })
    const { set, names, values } = setFields({ status: 'disabled' })
    await dependenciesOf(table).write([{ label: 'user', update: keys.user(user.userId), set, names, values }])
    const { dependencies, asked } = container()
    const wrong = `${made.token.slice(0, -1)}${made.token.endsWith('a') ? 'b' : 'a'}`
    for (const text of [token, wrong, 'pst_nothing']) {
      const admission = await admit(dependencies, `Bearer ${text}`, own)
      expect(admission.decision.allow).toBe(false)
      expect(admission).not.toHaveProperty('rateLimit')
    }
    expect(asked).toEqual([])
  })

  it('tells a refused caller where it stands, and counts nothing for it', async () => {
    const { token } = await makeCaller(table, made.admin, { username: 'powerless', role: 'User' })
    const { dependencies } = container({ now: start + 120_000 })
    const refused = { ...own, path: '/v1/users', target: manageUsers }
    for (let index = 0; index < 9; index += 1) {
      const { decision, rateLimit } = await admit(dependencies, `Bearer ${token}`, refused)
      expect(decision).toMatchObject({ allow: false, reason: 'permission_not_granted' })
      expect(rateLimit?.remaining).toBe(240)
    }
  })

  it('costs the authorizer one read and one write when cold, and within its cache time mostly nothing', async () => {
    await setLimit(keys.organization(made.organizationId), 240, { protectedApiRateLimitPerMinute: 240 })
    const { dependencies, calls } = container({ now: start + 180_000 })
    const authorize = makeAuthorizer(dependencies, { cacheSeconds: 5 })
    await authorize(`Bearer ${made.token}`, atGateway)
    expect(calls).toEqual({ reads: 1, leases: 1 })
    for (let index = 1; index < 120; index += 1) {
      const before = calls.leases
      expect(await authorize(`Bearer ${made.token}`, atGateway)).toMatchObject({ allow: true })
      expect(calls.leases - before).toBeLessThanOrEqual(1)
    }
    expect(calls.reads).toBe(1)
    expect(calls.leases).toBeLessThanOrEqual(16)
  })

  it('has no limit at protected APIs until one is set, and counts nothing there', async () => {
    const clock = { now: start + 210_000 }
    await setLimit(keys.organization(made.organizationId), 5, { protectedApiRateLimitPerMinute: null })
    const { dependencies, calls, asked } = container(clock)
    const authorize = makeAuthorizer(dependencies, { cacheSeconds: 5 })
    // A partner at 4 requests a second, for a minute.
    for (let index = 0; index < 240; index += 1) {
      const verdict = await authorize(`Bearer ${made.token}`, atGateway)
      expect(verdict).toMatchObject({ allow: true })
      expect(verdict).not.toHaveProperty('rateLimit')
    }
    expect(asked[0]).toEqual({ organizationPerMinute: null, userPerMinute: null })
    expect(calls.leases).toBe(0)
    const management = { ...own, path: '/v1/users', target: manageUsers }
    const { decision, rateLimit } = await admit(dependencies, `Bearer ${made.token}`, management)
    expect(decision).toMatchObject({ allow: true })
    expect(rateLimit).toMatchObject({ limitPerMinute: 5, remaining: 4 })
  })

  it("holds a user to its own limit at protected APIs, also where the organization's is none", async () => {
    await setLimit(keys.organization(made.organizationId), 240, { protectedApiRateLimitPerMinute: null })
    const body = { username: 'bounded', endpoints: ['GET /orders'] }
    const { user, token } = await makeCaller(table, made.admin, body)
    await setLimit(keys.membership(user.userId, made.organizationId), 3)
    const { dependencies } = container({ now: start + 420_000 })
    const authorize = makeAuthorizer(dependencies, { cacheSeconds: 5 })
    const verdicts = []
    for (let index = 0; index < 4; index += 1) verdicts.push(await authorize(`Bearer ${token}`, atGateway))
    expect(verdicts.map(({ allow }) => allow)).toEqual([true, true, true, false])
    expect(verdicts.map(({ rateLimit }) => rateLimit?.limitPerMinute)).toEqual([3, 3, 3, 3])
    expect(verdicts[3]).toMatchObject({ reason: 'rate_limited' })
  })

  it('serves any limit that a whole number of JSON can say', async () => {
    const most = Number.MAX_SAFE_INTEGER
    await setLimit(keys.organization(made.organizationId), most, { protectedApiRateLimitPerMinute: most })
    const { dependencies, calls } = container({ now: start + 480_000 })
    for (let index = 0; index < 100; index += 1) {
      const { decision, rateLimit } = await admit(dependencies, `Bearer ${made.token}`, own)
      expect(decision.allow).toBe(true)
      // Of 66 shards, one is counted.
      expect(rateLimit?.remaining).toBeLessThan(most)
      expect(rateLimit?.remaining).toBeGreaterThan(most - 200 * (index + 1))
    }
    expect(calls.leases).toBe(8)
  })

  it('counts requests of one kind at all containers together', async () => {
    const clock = { now: start + 240_000 }
    await setLimit(keys.organization(made.organizationId), 20)
    const [one, other] = [container(clock), container(clock)]
    let passed = 0
    for (let index = 0; index < 30; index += 1) {
      for (const { dependencies } of [one, other]) {
        const { decision } = await admit(dependencies, `Bearer ${made.token}`, own)
        passed += Number(decision.allow)
      }
    }
    expect(passed).toBe(20)
  })

  it('L7: leaves all of the management to administrators, whatever a caller without a right spends', async () => {
    const clock = { now: start + 300_000 }
    await setLimit(keys.organization(made.organizationId), 20, { protectedApiRateLimitPerMinute: 20 })
    const { token } = await makeCaller(table, made.admin, { username: 'spender', role: 'User' })
    const management: DecisionRequest = { ...own, path: '/v1/users', target: manageUsers }
    // More containers than the limit has requests: each could hold one of them back.
    for (let index = 0; index < 30; index += 1) {
      const { dependencies } = container(clock)
      const authorize = makeAuthorizer(dependencies, { cacheSeconds: 5 })
      await admit(dependencies, `Bearer ${token}`, own)
      await admit(dependencies, `Bearer ${token}`, management)
      await authorize(`Bearer ${token}`, atGateway)
    }
    const fresh = () => container(clock).dependencies
    expect((await admit(fresh(), `Bearer ${token}`, own)).decision).toMatchObject({ reason: 'rate_limited' })
    const manages = async () => (await admit(fresh(), `Bearer ${made.token}`, management)).decision
    const calls = () => makeAuthorizer(fresh(), { cacheSeconds: 5 })(`Bearer ${made.token}`, atGateway)
    for (let index = 0; index < 20; index += 1) {
      expect(await manages()).toMatchObject({ allow: true })
      expect(await calls()).toMatchObject({ allow: true })
    }
    expect(await manages()).toMatchObject({ reason: 'rate_limited' })
  })

  it('lets whoever gives something up do so when all is spent, and tells what is left', async () => {
    const clock = { now: start + 360_000 }
    await setLimit(keys.organization(made.organizationId), 5)
    const { dependencies } = container(clock)
    for (let index = 0; index < 9; index += 1) await admit(dependencies, `Bearer ${made.token}`, own)
    const { decision, rateLimit } = await admit(dependencies, `Bearer ${made.token}`, {
      ...own,
      uncounted: true,
    })
    expect(decision).toMatchObject({ allow: true })
    expect(rateLimit?.remaining).toBe(0)
  })
})
