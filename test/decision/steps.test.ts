import { describe, expect, it } from 'vitest'
import { usageOf } from '../../lib/admission/usage.ts'
import type { DecisionStep } from '../../lib/decision/decide.ts'
import { decide, standingOf } from '../../lib/decision/decide.ts'
import type { DecisionRequest, Target } from '../../lib/decision/decision-request.ts'
import { apiIdOf } from '../../lib/decision/decision-request.ts'
import type { ProtectedApi } from '../../lib/decision/protected-api.ts'
import type { Subject } from '../../lib/decision/subject.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { atShop, grants, role, section, shop, subject } from './sample-subject.ts'

const atShopTarget: Target = { kind: 'protected', api: shop }
const request: DecisionRequest = {
  ...{ address: '203.0.113.9', method: 'GET', path: '/orders', aid: null },
  target: atShopTarget,
}
const reader = { own: atShop({ sections: { orders: 'read' } }) }
const self = (endsSession: boolean): Target => ({ kind: 'self', endsSession })
const management = (scope: 'organization' | 'account-group'): Target => ({
  kind: 'management',
  section: 'postern-users',
  level: 'write',
  scope,
})
const disagreeing: Target = { kind: 'disagreeing', why: 'the route is /a and the path /b' }

const stepsOf = (
  who: Subject,
  asked: Partial<DecisionRequest> = {},
  surroundings = { ranges: noProviderRanges, withinRateLimit: () => true },
): string[] => {
  const steps: DecisionStep[] = []
  const decision = decide({ ok: true, subject: who }, { ...request, ...asked }, surroundings, steps)
  expect(decision.allow).toBe(steps.every(({ passed }) => passed))
  return steps.map(({ check, passed, saw }) => `${check} ${passed ? '+' : '-'} ${saw}`)
}

/** A session token of that user. */
const session = (audience: string | null): Subject['provenBy'] => ({
  ...{ kind: 'session', keyId: null, sessionId: 'ses_1', actorId: null },
  audience,
})
const actor = (whitelist: readonly string[]): NonNullable<Subject['actor']> => ({
  userId: 'usr_9',
  whitelist: subject({ whitelist }).whitelist,
  integrationVendor: 'connectwise',
})
const shared: ProtectedApi = {
  ...shop,
  organizationId: 'org_2',
  shares: [{ organizationId: 'org_1', entitlement: { sections: { orders: 'read' }, everySection: null } }],
}

describe('the steps of a decision', () => {
  it('name everything that a request passed', () => {
    expect(stepsOf(subject({ membership: reader, whitelist: ['203.0.113.0/24'] }), { aid: 3 })).toEqual([
      'credential + token key_1',
      'standing + user usr_4k2m9x7q1w8e5r3t in org_1 is active',
      'whitelist + 203.0.113.9 is in 203.0.113.0/24',
      'account group + the request names 3',
      'api + shop (api_4k2m9x7q1w8e)',
      'permission + read on section orders',
      'rate limit + the limits of the organization and of the user, if any',
    ])
  })

  it('name the session, its audience and whoever acts', () => {
    const who = subject({
      ...{ membership: reader, provenBy: session(shop.audience), actor: actor(['203.0.113.9']) },
    })
    expect(stepsOf(who).slice(0, 5)).toEqual([
      'credential + session ses_1',
      'standing + user usr_4k2m9x7q1w8e5r3t in org_1 is active',
      `audience + the token is for ${shop.audience}`,
      'whitelist + 203.0.113.9; the whitelist is empty',
      'whitelist of the actor + 203.0.113.9 is in 203.0.113.9',
    ])
    const nameless = { ...who, provenBy: { ...session(null), sessionId: null } }
    expect(stepsOf(nameless)[0]).toBe('credential + session')
  })

  it.each<[string, Subject, Partial<DecisionRequest>]>([
    ['standing - user_disabled', subject({ userStatus: 'disabled' }), {}],
    ['standing - membership_missing', subject({ membership: null }), {}],
    [
      'standing - membership_inactive: the membership is suspended',
      subject({ membership: { status: 'suspended' } }),
      {},
    ],
    ['standing - organization_inactive', subject({ organization: { isActive: false } }), {}],
    [
      'audience - the token is for https://other.example',
      subject({ provenBy: session('https://other.example') }),
      {},
    ],
    [
      `audience - shop is shared and needs a token for ${shop.audience}`,
      subject({ provenBy: session(null) }),
      { target: { kind: 'protected', api: shared } },
    ],
    ['whitelist - the request carries no source address', subject(), { address: '' }],
    [
      'whitelist - the organization requires a whitelist and this user has none',
      subject({ organization: { whitelistRequired: true } }),
      {},
    ],
    [
      'whitelist - this type of event has no address to match with the whitelist',
      subject({ whitelist: ['192.0.2.1'] }),
      { address: 'not-given' },
    ],
    ['whitelist - the source address is not an IP address', subject(), { address: 'unknown' }],
    ['whitelist - 203.0.113.9 is in no entry of the whitelist', subject({ whitelist: ['192.0.2.1'] }), {}],
    [
      'whitelist of the actor - 203.0.113.9 is in no entry of the whitelist',
      subject({ actor: actor(['192.0.2.1']) }),
      {},
    ],
    ['account group - the request names 9', subject(), { aid: 9 }],
    ['api - the path contains "//"', subject(), { path: '//orders' }],
    ['api - the route is /a and the path /b', subject(), { target: disagreeing }],
    [
      'api - no API that this organization sees is registered for this gateway and path',
      subject(),
      { target: { kind: 'protected', api: null } },
    ],
    [
      'permission - another user acts as this user; self-service is for the user only',
      subject({ actor: actor([]) }),
      { target: self(false) },
    ],
    [
      'permission - another user acts as this user; management needs the user itself',
      subject({ actor: actor([]) }),
      { target: management('account-group') },
    ],
    ['permission - needs write on section postern-users', subject(), { target: management('organization') }],
    ['permission - no role or permission covers this endpoint', subject(), {}],
    [
      'permission - the owner of shop does not share this endpoint',
      subject({ membership: reader }),
      { target: { kind: 'protected', api: { ...shared, sections: [] } } },
    ],
  ])('end with %s', (last, who, asked) => {
    expect(stepsOf(who, asked).at(-1)).toBe(last)
  })

  it('say where a permission is held, and where it is needed', () => {
    const manager = role('manager', grants({ management: { 'postern-users': 'write' } }))
    const inGroup = subject({ membership: { accountGroupRoles: [{ aid: 1, roles: [manager] }] } })
    const everywhere = subject({ membership: { allAccountGroupRoles: [manager] } })
    const asked = (scope: 'organization' | 'account-group') => ({ aid: 1, target: management(scope) })
    expect(stepsOf(inGroup, asked('account-group'))).toContain(
      'permission + write on section postern-users in account group 1',
    )
    expect(stepsOf(inGroup, asked('organization')).at(-1)).toBe(
      'permission - needs write on section postern-users for all account groups; the user has it in 1 only',
    )
    expect(stepsOf(everywhere, asked('organization'))).toContain(
      'permission + write on section postern-users',
    )
  })

  it('say that no address was given where none is needed, and that a session is only ended', () => {
    expect(stepsOf(subject({ membership: reader }), { address: 'not-given' })).toContain(
      'whitelist + no whitelist; this type of event has no address',
    )
    const elsewhere = subject({ provenBy: session('https://other.example') })
    expect(stepsOf(elsewhere, { target: self(true) })).toContain(
      'audience + the request only ends the session',
    )
    expect(stepsOf(elsewhere, { target: self(false) }).at(-1)).toMatch(/^audience - /)
    expect(stepsOf(elsewhere, { target: disagreeing }).at(-1)).toMatch(/^api - /)
    expect(stepsOf(subject({ membership: reader, provenBy: session(null) }))).toContain(
      'audience + the token has no audience of its own',
    )
  })

  it('name the published block and its list, and why a list cannot be tried', () => {
    const who = subject({ membership: reader, whitelist: ['AWS'] })
    const lookup = {
      state: 'ready',
      providerVersion: '2026-11-20',
      prefixOf: () => '203.0.113.0/24',
    } as const
    const withList = { ranges: () => lookup, withinRateLimit: () => true }
    expect(stepsOf(who, {}, withList)).toContain(
      'whitelist + 203.0.113.9 is in AWS through 203.0.113.0/24, list of 2026-11-20',
    )
    expect(stepsOf(who).at(-1)).toBe('whitelist - there is no published list for AWS')
  })

  it('name the grant for every API', () => {
    const withEvery = (everyApi: 'dashboards' | 'read') =>
      subject({ membership: { own: grants({ everyApi }) } })
    const dashboards = { ...shop, sections: [{ ...section('orders', ['GET /orders']), dashboard: true }] }
    expect(stepsOf(withEvery('read'))).toContain('permission + read on every section, through orders')
    expect(stepsOf(withEvery('dashboards'), { target: { kind: 'protected', api: dashboards } })).toContain(
      'permission + read on every dashboard, through orders',
    )
  })
})

describe('an invited user', () => {
  it('has no membership yet, and whether it is active is not told', () => {
    expect(standingOf(subject({ userStatus: 'disabled', membership: { status: 'invited' } }))).toBe(
      'membership_inactive',
    )
  })
})

describe('the API of a request', () => {
  it('is known by its id, Postern’s own by name, and none where nobody knows', () => {
    const targets: Target[] = [
      ...[self(false), management('organization'), atShopTarget, disagreeing],
      { kind: 'protected', api: null },
    ]
    expect(targets.map((target) => apiIdOf({ target }))).toEqual([
      ...['postern', 'postern', 'api_4k2m9x7q1w8e', null],
      null,
    ])
  })
})

describe('the usage of an integration vendor', () => {
  it('is counted for whoever really calls, with the outcome', () => {
    const decided = (who: Subject | null, allow: boolean) =>
      usageOf(
        allow && who !== null
          ? { allow, subject: who, aid: null, by: '' }
          : { allow: false, reason: 'rate_limited', subject: who },
      )
    const ofVendor = subject({ membership: { integrationVendor: 'autotask' } })
    const usage = { organizationId: 'org_1', integrationVendor: 'autotask', allowed: true }
    expect(decided(ofVendor, true)).toEqual(usage)
    expect(decided(ofVendor, false)).toEqual({ ...usage, allowed: false })
    expect(decided({ ...ofVendor, actor: actor([]) }, true)).toEqual({
      ...usage,
      integrationVendor: 'connectwise',
    })
    expect([decided(subject(), true), decided(null, false)]).toEqual([null, null])
  })
})
