import { beforeAll, describe, expect, it } from 'vitest'
import type { AdmitDependencies } from '../../lib/admission/admit.ts'
import { admit } from '../../lib/admission/admit.ts'
import type { AuthorizerSettings } from '../../lib/admission/authorize.ts'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import { readCallerSnapshot, snapshotReaders } from '../../lib/admission/snapshot-store.ts'
import { readApi } from '../../lib/apis/api-store.ts'
import { makeEndpointFinder } from '../../lib/apis/find-endpoint.ts'
import type { GatewayRequest } from '../../lib/apis/gateway-request.ts'
import { targetOf } from '../../lib/contract/endpoint.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { createCredential, deleteCredential } from '../../lib/credentials/manage-credentials.ts'
import type { DecisionStep } from '../../lib/decision/decide.ts'
import { decide } from '../../lib/decision/decide.ts'
import type { Target } from '../../lib/decision/decision-request.ts'
import { explain } from '../../lib/explain/explain.ts'
import type { ExplainBody } from '../../lib/explain/explain-endpoints.ts'
import { readUserIdByUsername } from '../../lib/identity/user-store.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import { ownEndpointAt } from '../../lib/reference/own-endpoint.ts'
import type { OnDenied } from '../../lib/refusals/denied-request.ts'
import { makeDenialKeeper } from '../../lib/refusals/keep-denials.ts'
import type { StoredDecision } from '../../lib/refusals/kept-decision.ts'
import { keptDecision } from '../../lib/refusals/kept-decision.ts'
import type { KeyId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { freshTable } from '../fresh-table.ts'
import {
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>
let reader: Awaited<ReturnType<typeof makeCaller>>
let keyId: KeyId

beforeAll(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
  reader = await makeCaller(table, organization.admin, {
    username: 'reader',
    permissions: { orders: 'read', 'postern-users': 'read' },
    whitelist: ['203.0.113.0/24'],
  })
  keyId = reader.caller.subject.provenBy.keyId ?? 'key_'
})

const explained = async (asked: ExplainBody, caller?: Caller) =>
  explain(
    {
      ownEndpointAt,
      readSnapshot: (wanted) => readCallerSnapshot(table, wanted),
      readUserIdByUsername: (username) => readUserIdByUsername(table, username),
      readApi: (apiId) => readApi(table, apiId),
      prepareRanges: prepareNoRanges,
      now: Date.now,
    },
    caller ?? (await callerWith(table, organization.token)),
    asked,
  )

const admissionOn = (onDenied: OnDenied): AdmitDependencies => ({
  readSnapshot: (wanted) => readCallerSnapshot(table, wanted),
  verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' }),
  findImported: () => Promise.resolve(null),
  prepareRanges: prepareNoRanges,
  prepareRateLimit: () => Promise.resolve(uncounted),
  now: Date.now,
  noteUse: () => Promise.resolve(),
  onDenied,
})

/** In front of the API `shop`, as a gateway that nobody registered finds it. */
const authorizerOn = (onDenied: OnDenied, settings: AuthorizerSettings) =>
  makeAuthorizer(
    {
      ...admissionOn(onDenied),
      snapshots: snapshotReaders(table),
      findEndpoint: makeEndpointFinder(
        {
          readBindings: () => Promise.resolve(undefined),
          readApi: async (apiId) => {
            const api = await readApi(table, apiId)
            return api === undefined ? undefined : protectedApiOf(api)
          },
          readDefaultApiId: () => Promise.resolve(organization.apiId),
          now: Date.now,
        },
        settings,
      ),
    },
    settings,
  )

const gateway = (method: string, path: string): GatewayRequest => ({
  ...{ gatewayId: 'gw1', stage: '$default', route: '$default', isCustomDomain: false },
  method,
  path,
})

const credentialDependencies = () => dependenciesOf(table)

/** The administrator of one more organization. */
const anotherOrganization = async (name: string): Promise<Caller> => {
  const body = { name, administrator: { username: `${name}-admin` } }
  const made = await createOrganization(dependenciesOf(table), organization.admin, body, origin)
  return await callerWith(table, made.credential.token ?? '')
}

const inside = '203.0.113.7'
const outside = '198.51.100.9'
const requests: [string, string, string][] = [
  ['GET', '/orders/17', inside],
  ['POST', '/orders', inside],
  ['GET', '/orders/17', outside],
  ['GET', '/orders//17', inside],
  ['GET', '/orders/17', 'not an address'],
  ['GET', '/orders/17', ''],
  ['GET', '/elsewhere', inside],
]

describe('explain', () => {
  it.each(requests)('says of %s %s from "%s" what the authorizer decides, step by step', async (...asked) => {
    const [method, path, address] = asked
    const steps: DecisionStep[][] = []
    const keep = (denied: { readonly steps: readonly DecisionStep[] }) => {
      steps.push([...denied.steps])
      return Promise.resolve()
    }
    const authorize = authorizerOn(keep, { cacheSeconds: 0 })
    const decision = await authorize(`Bearer ${reader.token}`, { address, gateway: gateway(method, path) })
    const explanation = await explained({ keyId, method, path, address })
    expect(explanation).toMatchObject({
      allowed: decision.allow,
      reason: decision.allow ? null : decision.reason,
      api: 'shop',
      subject: { userId: reader.user.userId, username: 'reader', keyId },
    })
    if (!decision.allow) expect(explanation.steps).toEqual(steps[0])
  })

  it.each([
    ['GET', '/v1/users'],
    ['POST', '/v1/users'],
    ['GET', '/v1/audit'],
    ['GET', '/v1/users/me'],
  ])("says of %s %s what Postern's own API decides", async (method, path) => {
    const endpoint = ownEndpointAt(method, path)
    if (endpoint === undefined) throw new Error(`there is no ${method} ${path}`)
    const request = { method, path, address: inside, aid: null, target: targetOf(endpoint) }
    const { decision } = await admit(
      admissionOn(() => Promise.resolve()),
      `Bearer ${reader.token}`,
      request,
    )
    expect(await explained({ username: 'reader', method, path, address: inside })).toMatchObject({
      allowed: decision.allow,
      reason: decision.allow ? null : decision.reason,
      api: 'postern',
    })
  })

  it('tells a protected API from its own when both have the path', async () => {
    const asked = { userId: reader.user.userId, method: 'GET', path: '/v1/users', address: inside }
    expect(await explained({ ...asked, api: 'shop' })).toMatchObject({
      reason: 'permission_not_granted',
    })
    const { allowed, steps } = await explained({ ...asked, api: 'postern' })
    expect(allowed).toBe(true)
    expect(await explained({ ...asked, aid: 99 })).toMatchObject({ reason: 'account_group_unknown' })
    // Without a key, and without a count.
    expect(steps.at(0)).toMatchObject({ check: 'credential', saw: 'assumed to be valid' })
    expect(steps.at(-1)).toMatchObject({ check: 'rate limit', saw: 'not counted for an explanation' })
  })

  it('has nothing to explain where everybody may go', async () => {
    const asked = { username: 'reader', method: 'GET', path: '/health', address: inside }
    expect(await refusalCode(explained(asked))).toBe('invalid_request')
    const nowhere = { ...asked, api: 'postern', path: '/v1/nowhere' }
    expect(await refusalCode(explained(nowhere))).toBe('invalid_request')
    const login = { username: 'reader', method: 'POST', path: '/v1/auth/login', address: outside }
    for (const path of [login.path, '/oauth/token'])
      expect(await explained({ ...login, path })).toMatchObject({ reason: 'whitelist_no_match' })
  })

  it('judges expiries as of the time asked for', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const credential = await createCredential(
      credentialDependencies(),
      organization.admin,
      reader.user.userId,
      { name: 'short', kind: 'key', expiresAt },
      origin,
    )
    const asked = { keyId: credential.keyId, method: 'GET', path: '/orders', address: inside }
    expect(await explained(asked)).toMatchObject({ allowed: true })
    expect(await explained({ ...asked, time: expiresAt })).toMatchObject({ reason: 'credential_expired' })
  })

  it('tells of a deleted key that it is unknown, and of a disabled user that it is disabled', async () => {
    const dependencies = credentialDependencies()
    const gone = await makeCaller(table, organization.admin, { username: 'gone', role: 'Admin' })
    const goneKey = gone.caller.subject.provenBy.keyId ?? 'key_'
    const { userId } = gone.user
    await deleteCredential(dependencies, organization.admin, { userId, keyId: goneKey }, origin)
    const asked = { method: 'GET', path: '/orders', address: inside }
    expect(await explained({ ...asked, keyId: goneKey })).toMatchObject({ reason: 'credential_unknown' })
    const expected = { version: null, ifMatch: null }
    await changeUser(dependencies, organization.admin, userId, { status: 'disabled' }, expected, origin)
    expect(await explained({ ...asked, userId })).toMatchObject({
      allowed: false,
      reason: 'user_disabled',
      subject: { status: 'disabled' },
    })
  })

  it('needs to be told which API when there are several, or none', async () => {
    const other = await anotherOrganization('elsewhere')
    const asked = { username: 'elsewhere-admin', method: 'GET', path: '/orders', address: inside }
    expect(await refusalCode(explained(asked, other))).toBe('invalid_request')
    for (const api of ['shop', organization.apiId])
      expect(await refusalCode(explained({ ...asked, api }, other))).toBe('not_found')
    const own = { ...asked, method: 'GET', path: '/v1/users' }
    expect(await explained(own, other)).toMatchObject({ allowed: true, api: 'postern' })
  })

  it('of somebody who manages one account group is about its users only', async () => {
    const made = await makeCaller(table, organization.admin, { username: 'elsewhere-placed' })
    const manager = { ...organization.admin, reach: new Set([1]) }
    const asked = { method: 'GET', path: '/orders', address: inside, username: made.user.username }
    expect(await refusalCode(explained(asked, manager))).toBe('not_found')
    expect(await explained(asked)).toMatchObject({ allowed: false })
  })

  it('knows nobody of another organization, by whatever name (U1)', async () => {
    const other = await anotherOrganization('other')
    const asked = { method: 'GET', path: '/orders', address: inside }
    const names = [{ keyId }, { userId: reader.user.userId }, { username: 'reader' }]
    for (const name of [...names, { keyId: 'key_nonsense' as const }, { username: 'nobody' }])
      expect(await refusalCode(explained({ ...asked, ...name, path: '/v1/users' }, other))).toBe('not_found')
  })
})

describe('a kept decision', () => {
  it('names the API of the owner, or Postern, or none where nobody registered one', async () => {
    const { subject, snapshot } = reader.caller
    const shop = await readApi(table, organization.apiId)
    if (shop === undefined) throw new Error('the API is gone')
    const users = { section: 'postern-users', level: 'write', scope: 'account-group' } as const
    const kept = (target: Target) => {
      const request = { method: 'GET', path: '/x', address: inside, aid: null, target, requestId: 'r' }
      const denied = { request, reason: 'permission_not_granted', steps: [], subject, snapshot } as const
      return keptDecision(denied, 'authorizer', Date.now())?.apiId
    }
    expect(kept({ kind: 'protected', api: protectedApiOf(shop) })).toBe(organization.apiId)
    expect(kept({ kind: 'protected', api: null })).toBeNull()
    expect(kept({ kind: 'disagreeing', why: 'the route does not fit' })).toBeNull()
    expect(kept({ kind: 'management', ...users })).toBe('postern')
    expect(kept({ kind: 'self', endsSession: false })).toBe('postern')
  })

  it('does not tell an organization how another one names its API, or what tokens for it carry', async () => {
    const stranger = await anotherOrganization('stranger')
    const { subject, snapshot } = stranger
    const shop = await readApi(table, organization.apiId)
    if (shop === undefined) throw new Error('the API is gone')
    const target = { kind: 'protected', api: protectedApiOf(shop) } as const
    const request = { method: 'GET', path: '/x', address: inside, aid: null, target, requestId: 'r' }
    for (const kind of ['token', 'session'] as const) {
      const steps: DecisionStep[] = []
      const provenBy = { ...subject.provenBy, kind }
      const surroundings = { ranges: noProviderRanges, withinRateLimit: () => true }
      const decision = decide({ ok: true, subject: { ...subject, provenBy } }, request, surroundings, steps)
      expect(decision).toMatchObject({ allow: false, reason: 'api_unknown' })
      const denied = { request, reason: 'api_unknown', steps, subject, snapshot } as const
      const text = JSON.stringify(keptDecision(denied, 'authorizer', Date.now())?.steps)
      for (const foreign of [shop.name, shop.audience]) expect(text).not.toContain(foreign)
    }
  })

  it('looks the same for an API that the organization does not see as where none is, whatever it was denied for', async () => {
    const { subject, snapshot } = await anotherOrganization('beside')
    const shop = await readApi(table, organization.apiId)
    if (shop === undefined) throw new Error('the API is gone')
    const kept = (api: typeof shop | null, reason: 'api_unknown' | 'whitelist_no_match') => {
      const target = { kind: 'protected', api: api && protectedApiOf(api) } as const
      const request = { method: 'GET', path: '/x', address: inside, aid: null, target, requestId: 'r' }
      return keptDecision({ request, reason, steps: [], subject, snapshot }, 'authorizer', 0)
    }
    for (const reason of ['api_unknown', 'whitelist_no_match'] as const)
      expect(kept(shop, reason)).toEqual(kept(null, reason))
  })
})

describe("the authorizer's denial", () => {
  const authorizer = (keepDecision: (decision: StoredDecision) => Promise<void>, faults: unknown[] = []) =>
    authorizerOn(
      makeDenialKeeper({
        gate: () => Promise.resolve(true),
        keepDecision,
        now: Date.now,
        behind: (work) => void work(),
        onFault: (fault) => faults.push(fault),
      }),
      { cacheSeconds: 5 },
    )
  const request = {
    gateway: gateway('POST', '/orders'),
    address: inside,
    requestId: 'JKJaXmPLvHcESHA=',
  }

  it('is kept with its steps under the id of the request', async () => {
    const kept: StoredDecision[] = []
    await authorizer((decision) => {
      kept.push(decision)
      return Promise.resolve()
    })(`Bearer ${reader.token}`, request)
    expect(kept).toMatchObject([
      {
        requestId: request.requestId,
        decidedBy: 'authorizer',
        apiId: organization.apiId,
        reason: 'permission_not_granted',
      },
    ])
    expect(kept[0]?.steps.at(-1)).toMatchObject({ check: 'permission', passed: false })
  })

  it('is answered all the same when keeping it fails or hangs', async () => {
    const faults: unknown[] = []
    const failing = authorizer(() => Promise.reject(new Error('no table')), faults)
    const hanging = authorizer(() => new Promise(() => undefined), faults)
    for (const authorize of [failing, hanging])
      expect(await authorize(`Bearer ${reader.token}`, request)).toMatchObject({
        allow: false,
        reason: 'permission_not_granted',
      })
    expect(faults).toHaveLength(1)
  })

  it('is not kept when the request has no id to find it by, or passed', async () => {
    const kept: StoredDecision[] = []
    const authorize = authorizer((decision) => {
      kept.push(decision)
      return Promise.resolve()
    })
    await authorize(`Bearer ${reader.token}`, { ...request, requestId: '' })
    await authorize(`Bearer ${reader.token}`, { ...request, gateway: gateway('GET', '/orders') })
    expect(kept).toEqual([])
  })
})
