import { describe, expect, it } from 'vitest'
import { demandsFactor, secondStepOf } from '../../lib/factors/factor-rule.ts'
import type { StoredFactors } from '../../lib/factors/stored-factors.ts'
import { policy, storedMembership, storedOrganization } from '../identity/sample-membership.ts'

describe("the organization's rule", () => {
  it.each([
    ['optional', [false, false], ['none', 'none']],
    ['managers', [false, true], ['none', 'enroll']],
    ['everybody', [true, true], ['enroll', 'enroll']],
  ] as const)('%s: names whose session needs a second factor', (secondFactor, demanded, steps) => {
    const holders = [{ 'api_a/orders': 'write' } as const, { 'postern-audit': 'read' } as const].map(
      (permissions) => ({
        membership: storedMembership({ permissions }),
        organization: storedOrganization({ secondFactor }),
        policy: policy(),
      }),
    )
    expect(holders.map(demandsFactor)).toEqual(demanded)
    expect(holders.map((holder) => secondStepOf(null, holder))).toEqual(steps)
    expect(holders.map((holder) => secondStepOf({ factors: [] }, holder))).toEqual(steps)
    const one: Pick<StoredFactors, 'factors'> = {
      factors: [
        {
          factorKind: 'totp',
          ...{ factorId: 'fac_1', name: 'Phone', createdAt: '2026-11-22T10:00:00.000Z', lastUsedAt: null },
          ...{ sealedSecret: '', lastStep: 0 },
        },
      ],
    }
    expect(holders.map((holder) => secondStepOf(one, holder))).toEqual(['required', 'required'])
  })
})
