import { describe, expect, it } from 'vitest'
import type { DecisionRequest, DecisionStep, Identified } from '../../lib/access/decide.ts'
import { decide, denialReasons } from '../../lib/access/decide.ts'
import type { Subject } from '../../lib/access/subject.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { grants, role, subject } from './sample-subject.ts'

const request: DecisionRequest = {
  address: '203.0.113.9',
  method: 'GET',
  path: '/orders',
  aid: null,
  needs: 'endpoint',
}
const reader = { own: grants({ sections: { orders: 'read' } }) }
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
          return [{ ...who, membership: membership && { ...membership, isActive: false } }, asked]
        },
      ],
      [
        'organization_inactive',
        (who, asked) => [{ ...who, organization: { ...who.organization, isActive: false } }, asked],
      ],
      [
        'whitelist_no_match',
        (who, asked) => [{ ...who, whitelist: subject({ whitelist: ['192.0.2.1'] }).whitelist }, asked],
      ],
      ['path_refused', (who, asked) => [who, { ...asked, path: '/orders/../orders' }]],
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

  it('denies who has no place in the organization', () => {
    expect(outcome(subject({ membership: null }))).toBe('membership_missing')
    expect(outcome(subject({ membership: null }), { needs: 'identity' })).toBe('membership_missing')
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
    const own = { needs: 'identity', path: '/v1/users/me' } as const
    expect(outcome(subject(), own)).toBe('allowed by identity')
    expect(outcome(subject({ userStatus: 'disabled' }), own)).toBe('user_disabled')
    expect(outcome(subject({ whitelist: ['192.0.2.1'] }), own)).toBe('whitelist_no_match')
    expect(outcome(subject(), own, { ...surroundings, withinRateLimit: () => false })).toBe('rate_limited')
  })

  it('unites the roles of the account group, those for all, and the own permissions', () => {
    const membership = {
      loginAccountGroup: 1,
      accountGroupRoles: [
        { aid: 1, roles: [role('reader', { sections: { orders: 'read' } })] },
        { aid: 2, roles: [role('shut', { sections: { orders: 'deny' } })] },
      ],
    }
    const who = subject({ membership })
    expect(outcome(who)).toBe('allowed by read on section orders')
    expect(outcome(who, { aid: 1 })).toBe('allowed by read on section orders')
    expect(outcome(who, { aid: 2 })).toBe('permission_denied')
    expect(outcome(who, { aid: 3 })).toBe('permission_not_granted')
    const everywhere = {
      ...membership,
      allAccountGroupRoles: [role('writer', { sections: { orders: 'write' } })],
    }
    expect(outcome(subject({ membership: everywhere }), { aid: 3, method: 'POST' })).toContain('allowed')
    expect(outcome(subject({ membership: everywhere }), { aid: 2, method: 'POST' })).toBe('permission_denied')
  })

  it('refuses an account group that the organization does not have, before it looks at any permission', () => {
    const who = subject({ membership: reader })
    expect(outcome(who, { aid: 3 })).toBe('allowed by read on section orders')
    expect(outcome(who, { aid: 4 })).toBe('account_group_unknown')
    expect(outcome(who, { aid: 4, needs: 'identity' })).toBe('account_group_unknown')
    expect(outcome(subject(), { aid: 4 })).toBe('account_group_unknown')
    expect(outcome(subject({ whitelist: ['192.0.2.1'] }), { aid: 4 })).toBe('whitelist_no_match')
  })

  it('gives nothing for the roles of a login account group that is gone', () => {
    const accountGroupRoles = [{ aid: 9, roles: [role('reader', { sections: { orders: 'read' } })] }]
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
      ['permission', true],
      ['rate limit', true],
    ])
    expect(steps[2]?.saw).toBe('203.0.113.9 is in 203.0.113.0/24')
  })
})
