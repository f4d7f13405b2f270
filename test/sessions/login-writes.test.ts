import { describe, expect, it } from 'vitest'
import { auditExpiry, occasionOf } from '../../lib/audit/occasion.ts'
import { rowOfFactor } from '../../lib/sessions/login-writes.ts'
import { storedMembership, storedUser } from '../identity/sample-membership.ts'
import { origin } from '../organizations/organization.ts'

const now = Date.parse('2026-11-22T12:00:00.000Z')
const chances = { now: () => now, randomBytes: (size: number) => new Uint8Array(size) }
const retention = { auditRetentionDays: 40, auditShards: 4 }
const deed = { action: 'second-factor.added', targetUserId: 'usr_1' } as const

/** Of a user of the first organization, at a login in this one, where the user has a vendor. */
const rowOfLoginIn = (organizationId: 'org_1' | 'org_2') => {
  const occasion = occasionOf(chances, { ...retention, organizationId })
  const membership = storedMembership({ organizationId, integrationVendor: 'vnd_1' })
  return rowOfFactor({ user: storedUser(), membership }, origin, occasion, deed)
}

describe('the audit row of what a login does with second factors', () => {
  it('names the vendor at home, and is kept as long as the organization keeps its audit', () => {
    expect(rowOfLoginIn('org_1')).toMatchObject({
      put: {
        organizationId: 'org_1',
        actor: { userId: 'usr_1', keyId: null, integrationVendor: 'vnd_1' },
        expiresAtSeconds: auditExpiry(now, retention),
      },
    })
  })

  it('is at home for a login elsewhere, and tells nothing of the settings there', () => {
    expect(rowOfLoginIn('org_2')).toMatchObject({
      put: {
        organizationId: 'org_1',
        actor: { userId: 'usr_1', keyId: null, integrationVendor: null },
        expiresAtSeconds: auditExpiry(now, null),
      },
    })
  })
})
