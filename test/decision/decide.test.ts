import { describe, expect, it } from 'vitest'
import type { DecisionStep, Identified } from '../../lib/decision/decide.ts'
import { decide, denialReasons } from '../../lib/decision/decide.ts'
import type { DecisionRequest, Target } from '../../lib/decision/decision-request.ts'
import type { Subject } from '../../lib/decision/subject.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { atShop, grants, role, shop, subject } from './sample-subject.ts'

const request: DecisionRequest = {
  address: '203.0.113.9',
  method: 'GET',
  path: '/orders',
  aid: null,
  target: { kind: 'protected', api: shop },
}
const readsOrders = atShop({ sections: { orders: 'read' } })
const reader = { own: readsOrders }
const self: Target = { kind: 'self', endsSession: false }
const manageUsers: Target = {
  kind: 'management',
  section: 'postern-users',
  level: 'write',
  scope: 'account-group',
}
const surroundings = { ranges: noProviderRanges, withinRateLimit: () => true }

const outcome = (who: Subject, asked: Partial<DecisionRequest> = {}, within = surroundings): string => {
  const decision = decide({ ok: true, subject: who }, { ...request, ...asked }, within)
  return decision.allow ? `allowed by ${decision.by}` : decision.reason
}

describe('the decision', () => {
  it('lets a caller through who is alive, at a good address and holds the permission', () => {
    const who = subject({ membership: reader, whitelist: ['203.0.113.0/24'] })
    expect(decide({ ok: true, subject: who }, request, surroundings)).toEqual({
      allow: true,
      subject: who,
      aid: null,
      by: 'read on section orders',
    })
  })

  it('passes on why a credential does not hold, and looks no further', () => {
    for (const reason of denialReasons) {
      const unknown: Identified = { ok: false, reason }
      const steps: DecisionStep[] = []
      expect(decide(unknown, request, surroundings, steps)).toEqual({ allow: false, reason, subject: null })
      expect(steps).toEqual([{ check: 'credential', passed: false, saw: reason }])
    }
  })

  it('names the first check that fails, in this order', () => {
    type Fault = [string, (who: Subject, asked: DecisionRequest) => [Subject, DecisionRequest]]
    const membershipOf = (who: Subject) => who.membership ?? subject().membership
    const faults: Fault[] = [
      ['user_disabled', (who, asked) => [{ ...who, userStatus: 'disabled' }, asked]],
      [
        'membership_inactive',
        (who, asked) => {
          const membership = membershipOf(who)
          return [
            { ...who, membership: membership && { ...membership, status: 'suspended' as const } },
            asked,
          ]
        },
      ],
      [
        'organization_inactive',
        (who, asked) => [{ ...who, organization: { ...who.organization, isActive: false } }, asked],
      ],
      [
        'session_audience',
        (who, asked) => [
          { ...who, provenBy: { ...who.provenBy, kind: 'session', audience: 'https://other.example' } },
          asked,
        ],
      ],
      [
        'whitelist_no_match',
        (who, asked) => [{ ...who, whitelist: subject({ whitelist: ['192.0.2.1'] }).whitelist }, asked],
      ],
      ['account_group_unknown', (who, asked) => [who, { ...asked, aid: 9 }]],
      ['path_refused', (who, asked) => [who, { ...asked, path: '/orders/../orders' }]],
      ['api_unknown', (who, asked) => [who, { ...asked, target: { kind: 'protected', api: null } }]],
      ['permission_not_granted', (who, asked) => [subject({ ...who, whitelist: [], membership: {} }), asked]],
    ]
    const rateLimited = { ...surroundings, withinRateLimit: () => false }
    const fine: [Subject, DecisionRequest] = [subject({ membership: reader }), request]
    expect(outcome(...fine, rateLimited)).toBe('rate_limited')
    faults.forEach(([reason], first) => {
      // From the last to the first, so that all the later ones are at fault as well.
      const [who, asked] = faults
        .slice(first)
        .toReversed()
        .reduce<[Subject, DecisionRequest]>(([one, other], [, spoil]) => spoil(one, other), fine)
      expect(outcome(who, asked, rateLimited)).toBe(reason)
    })
  })

  it('denies who has no membership in the organization', () => {
    expect(outcome(subject({ membership: null }))).toBe('membership_missing')
    expect(outcome(subject({ membership: null }), { target: self })).toBe('membership_missing')
  })

  it.each([
    [[], '203.0.113.9', false, 'allowed by read on section orders'],
    [[], '203.0.113.9', true, 'whitelist_required'],
    [['203.0.113.9'], '203.0.113.9', true, 'allowed by read on section orders'],
    [['203.0.113.9'], '::ffff:203.0.113.9', false, 'allowed by read on section orders'],
    [['203.0.113.9'], '203.0.113.10', false, 'whitelist_no_match'],
    [['2001:db8::/32'], '2001:DB8:0::1', false, 'allowed by read on section orders'],
    [[], '', false, 'address_missing'],
    [['203.0.113.9'], '', false, 'address_missing'],
    [[], 'unknown', false, 'address_unreadable'],
    [['203.0.113.9'], '203.0.113.9, 10.0.0.1', false, 'address_unreadable'],
    [['203.0.113.9'], '203.0.113.09', false, 'address_unreadable'],
    [['AWS'], '203.0.113.9', false, 'whitelist_unevaluable'],
    [['AWS', '203.0.113.9'], '203.0.113.9', false, 'allowed by read on section orders'],
    [['damaged'], '203.0.113.9', false, 'whitelist_unevaluable'],
    [[], 'not-given', false, 'allowed by read on section orders'],
    [['203.0.113.9'], 'not-given', false, 'address_missing'],
    [[], 'not-given', true, 'whitelist_required'],
  ])(
    'with the whitelist %j, from %j (demanded: %s): %s',
    (whitelist, address, whitelistRequired, expected) => {
      const who = subject({ membership: reader, whitelist, organization: { whitelistRequired } })
      expect(outcome(who, { address })).toBe(expected)
    },
  )

  it('asks for no permission for what a caller does with itself, but for everything else', () => {
    const own = { target: self, path: '/v1/users/me' }
    expect(outcome(subject(), own)).toBe('allowed by the endpoint needs no permission')
    expect(outcome(subject({ userStatus: 'disabled' }), own)).toBe('user_disabled')
    expect(outcome(subject({ whitelist: ['192.0.2.1'] }), own)).toBe('whitelist_no_match')
    expect(outcome(subject(), own, { ...surroundings, withinRateLimit: () => false })).toBe('rate_limited')
  })

  it('unites the roles of the account group, those for all, and the own permissions', () => {
    const writer = role('writer', atShop({ sections: { orders: 'write' } }))
    const membership = {
      loginAccountGroup: 1,
      accountGroupRoles: [
        { aid: 1, roles: [role('reader', readsOrders)] },
        { aid: 2, roles: [writer] },
      ],
    }
    const who = subject({ membership })
    expect(outcome(who)).toBe('allowed by read on section orders')
    expect(outcome(who, { aid: 1 })).toBe('allowed by read on section orders')
    expect(outcome(who, { method: 'POST' })).toBe('permission_not_granted')
    expect(outcome(who, { aid: 2, method: 'POST' })).toContain('allowed')
    expect(outcome(who, { aid: 3 })).toBe('permission_not_granted')
    const everywhere = { ...membership, allAccountGroupRoles: [writer] }
    expect(outcome(subject({ membership: everywhere }), { aid: 3, method: 'POST' })).toContain('allowed')
    const own = { ...membership, own: atShop({ sections: { orders: 'write' } }) }
    expect(outcome(subject({ membership: own }), { aid: 3, method: 'POST' })).toContain('allowed')
  })

  it('refuses an account group that the organization does not have, before it looks at any permission', () => {
    const who = subject({ membership: reader })
    expect(outcome(who, { aid: 3 })).toBe('allowed by read on section orders')
    expect(outcome(who, { aid: 4 })).toBe('account_group_unknown')
    expect(outcome(who, { aid: 4, target: self })).toBe('account_group_unknown')
    expect(outcome(subject(), { aid: 4 })).toBe('account_group_unknown')
    expect(outcome(subject({ whitelist: ['192.0.2.1'] }), { aid: 4 })).toBe('whitelist_no_match')
  })

  it('gives nothing for the roles of a login account group that is gone', () => {
    const accountGroupRoles = [{ aid: 9, roles: [role('reader', readsOrders)] }]
    const who = subject({ membership: { loginAccountGroup: 9, accountGroupRoles } })
    expect(outcome(who)).toBe('permission_not_granted')
    expect(outcome({ ...who, accountGroups: [9] })).toContain('allowed')
  })

  it('uses up nobody’s allowance for a request that is refused', () => {
    let asked = 0
    const counting = {
      ...surroundings,
      withinRateLimit: () => {
        asked += 1
        return true
      },
    }
    expect(outcome(subject(), {}, counting)).toBe('permission_not_granted')
    expect(outcome(subject({ whitelist: ['192.0.2.1'], membership: reader }), {}, counting)).toBe(
      'whitelist_no_match',
    )
    expect(asked).toBe(0)
    expect(outcome(subject({ membership: reader }), {}, counting)).toContain('allowed')
    expect(asked).toBe(1)
  })

  it('for one address, method or path says nothing about another (I6)', () => {
    const who = subject({ membership: reader, whitelist: ['203.0.113.9'] })
    expect(outcome(who)).toContain('allowed')
    expect(outcome(who, { address: '203.0.113.8' })).toBe('whitelist_no_match')
    expect(outcome(who, { method: 'POST' })).toBe('permission_not_granted')
    expect(outcome(who, { path: '/invoices' })).toBe('permission_not_granted')
    expect(outcome(who)).toContain('allowed')
  })

  it('can say of every check what it saw', () => {
    const steps: DecisionStep[] = []
    const who = subject({ membership: reader, whitelist: ['203.0.113.0/24'] })
    decide({ ok: true, subject: who }, request, surroundings, steps)
    expect(steps.map(({ check, passed }) => [check, passed])).toEqual([
      ['credential', true],
      ['standing', true],
      ['whitelist', true],
      ['api', true],
      ['permission', true],
      ['rate limit', true],
    ])
    expect(steps[2]?.saw).toBe('203.0.113.9 is in 203.0.113.0/24')
  })
})

describe('a membership', () => {
  it.each(['invited', 'suspended'] as const)(
    'that is %s lets nothing pass, not even self-service',
    (status) => {
      const administrator = { status, allAccountGroupRoles: [role('all', grants({ everything: true }))] }
      const who = subject({ membership: administrator })
      for (const target of [request.target, self, manageUsers]) {
        const steps: DecisionStep[] = []
        const decision = decide({ ok: true, subject: who }, { ...request, target }, surroundings, steps)
        expect(decision).toMatchObject({ allow: false, reason: 'membership_inactive' })
        expect(steps.at(-1)?.saw).toContain(status)
      }
    },
  )
})

describe('what a request is for', () => {
  const administrator = { allAccountGroupRoles: [role('all', grants({ everything: true }))] }
  const everyEndpoint = atShop({
    sections: { 'postern-users': 'write' },
    everySection: { level: 'write', except: [] },
  })

  it('is denied for everybody while no API is known for it', () => {
    const target: Target = { kind: 'protected', api: null }
    expect(outcome(subject({ membership: administrator }), { target })).toBe('api_unknown')
  })

  it('is denied for everybody of another organization, as an API that is not there', () => {
    const target: Target = { kind: 'protected', api: { ...shop, organizationId: 'org_2' as const } }
    const session = {
      kind: 'session',
      keyId: null,
      sessionId: 'ses_1',
      actorId: null,
      audience: null,
    } as const
    for (const provenBy of [subject().provenBy, session]) {
      const told = [target, { kind: 'protected' as const, api: null }].map((wanted) => {
        const steps: DecisionStep[] = []
        const who = subject({ membership: administrator, provenBy })
        return [
          decide({ ok: true, subject: who }, { ...request, target: wanted }, surroundings, steps),
          steps,
        ]
      })
      expect(told[0]).toMatchObject([{ allow: false, reason: 'api_unknown' }, {}])
      // Not even explain tells the one from the other.
      expect(told[0]).toEqual(told[1])
    }
  })

  it('is denied for everybody when the gateway’s own words do not agree', () => {
    const target: Target = { kind: 'disagreeing', why: 'the route does not fit the path' }
    expect(outcome(subject({ membership: administrator }), { target })).toBe('route_mismatch')
  })

  it('is shared up to a bound, and the answer tells the bound from a missing grant', () => {
    const shares = [
      {
        organizationId: 'org_1' as const,
        entitlement: { sections: { orders: 'read' as const }, everySection: null },
      },
    ]
    const target: Target = { kind: 'protected', api: { ...shop, organizationId: 'org_2' as const, shares } }
    const who = subject({ membership: administrator })
    expect(outcome(who, { target })).toBe('allowed by everything')
    expect(outcome(who, { target, method: 'POST' })).toBe('share_exceeded')
    expect(outcome(subject(), { target })).toBe('permission_not_granted')
  })

  it('is never management by what is held of protected APIs, nor the other way round', () => {
    expect(outcome(subject({ membership: { own: everyEndpoint } }), { target: manageUsers })).toBe(
      'permission_not_granted',
    )
    const manager = { own: grants({ management: { orders: 'write', 'postern-users': 'write' } }) }
    expect(outcome(subject({ membership: manager }), { target: manageUsers })).toContain('allowed')
    expect(outcome(subject({ membership: manager }))).toBe('permission_not_granted')
  })

  it('takes read where it looks and write where it changes', () => {
    const reads = { own: grants({ management: { 'postern-users': 'read' } }) }
    expect(outcome(subject({ membership: reads }), { target: manageUsers })).toBe('permission_not_granted')
    const look: Target = { ...manageUsers, level: 'read' }
    expect(outcome(subject({ membership: reads }), { target: look })).toContain('allowed')
  })

  it('concerns the whole organization: then management of one account group is not enough', () => {
    const accountGroupRoles = [
      { aid: 2, roles: [role('users', grants({ management: { 'postern-users': 'write' } }))] },
      { aid: 3, roles: [role('all', grants({ everything: true }))] },
    ]
    const organizationWide: Target = { ...manageUsers, scope: 'organization' }
    const who = subject({ membership: { accountGroupRoles } })
    for (const aid of [2, 3]) {
      expect(outcome(who, { aid, target: manageUsers })).toContain(`in account group ${aid}`)
      expect(outcome(who, { aid, target: organizationWide })).toBe('scope_exceeded')
    }
    expect(outcome(who, { aid: 1, target: manageUsers })).toBe('permission_not_granted')
    expect(outcome(who, { aid: 1, target: organizationWide })).toBe('permission_not_granted')
    expect(outcome(subject({ membership: administrator }), { aid: 1, target: organizationWide })).toContain(
      'allowed',
    )
  })
})

describe('a session token', () => {
  const withAudience = (audience: string | null) =>
    subject({
      membership: { own: readsOrders, allAccountGroupRoles: [role('all', grants({ everything: true }))] },
      provenBy: { kind: 'session', keyId: null, sessionId: 'ses_1', actorId: null, audience },
    })
  const shared: Target = {
    kind: 'protected',
    api: {
      ...shop,
      organizationId: 'org_2' as const,
      shares: [
        {
          organizationId: 'org_1' as const,
          entitlement: { sections: { orders: 'read' }, everySection: null },
        },
      ],
    },
  }
  const other: Target = {
    kind: 'protected',
    api: { ...shop, apiId: 'api_other', audience: 'https://other.example' },
  }

  it('without an audience of its own is for Postern and the organization’s own APIs, and for no shared one', () => {
    const who = withAudience(null)
    for (const target of [request.target, other, self, manageUsers])
      expect(outcome(who, { target })).toContain('allowed')
    expect(outcome(who, { target: shared })).toBe('session_audience')
  })

  it('for one API is for that one and for nothing else, Postern included', () => {
    const who = withAudience(shop.audience)
    expect(outcome(who)).toContain('allowed')
    expect(outcome(who, { target: shared })).toContain('allowed')
    for (const target of [other, self, manageUsers, { kind: 'protected' as const, api: null }])
      expect(outcome(who, { target })).toBe('session_audience')
    expect(outcome(who, { target: { kind: 'disagreeing', why: '' } })).toBe('route_mismatch')
  })

  it('is compared to the letter: no slash, case or prefix makes it another’s', () => {
    for (const audience of ['https://shop.example/', 'https://SHOP.example', 'https://shop.exampl', ''])
      expect(outcome(withAudience(audience))).toBe('session_audience')
  })

  it('gives no more than its user holds', () => {
    const powerless = subject({ provenBy: { ...withAudience(shop.audience).provenBy } })
    expect(outcome(powerless)).toBe('permission_not_granted')
  })
})

describe('whoever acts as another', () => {
  const actor = {
    userId: 'usr_actor' as const,
    whitelist: subject({ whitelist: ['203.0.113.9'] }).whitelist,
    integrationVendor: null,
  }
  const acting = (more: Parameters<typeof subject>[0] = {}) =>
    subject({
      membership: { ...reader, allAccountGroupRoles: [role('all', grants({ everything: true }))] },
      provenBy: {
        kind: 'session',
        keyId: null,
        sessionId: 'ses_1',
        actorId: 'usr_actor' as const,
        audience: null,
      },
      actor,
      ...more,
    })

  it('calls protected APIs, and neither manages nor serves itself, whatever the user holds', () => {
    expect(outcome(acting())).toContain('allowed')
    expect(outcome(acting(), { target: self })).toBe('acting_refused')
    expect(outcome(acting(), { target: { kind: 'self', endsSession: true } })).toContain('allowed')
    for (const level of ['read', 'write'] as const)
      expect(outcome(acting(), { target: { ...manageUsers, level } })).toBe('acting_refused')
  })

  it('must be at an address of both whitelists', () => {
    const elsewhere = { address: '203.0.113.10' }
    expect(outcome(acting(), elsewhere)).toBe('whitelist_no_match')
    expect(outcome(acting({ whitelist: ['203.0.113.0/24'] }), elsewhere)).toBe('whitelist_no_match')
    expect(outcome(acting({ whitelist: ['203.0.113.0/24'] }))).toContain('allowed')
    expect(outcome(acting({ whitelist: ['203.0.113.10'] }))).toBe('whitelist_no_match')
    const without = { ...actor, whitelist: subject().whitelist }
    const demanding = { organization: { whitelistRequired: true }, whitelist: ['203.0.113.9'] }
    expect(outcome(acting({ ...demanding, actor: without }))).toBe('whitelist_required')
    expect(outcome(acting(demanding))).toContain('allowed')
  })
})
