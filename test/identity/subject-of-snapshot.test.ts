import { describe, expect, it } from 'vitest'
import type { ProvenBy } from '../../lib/decision/subject.ts'
import type { CallerSnapshot } from '../../lib/identity/caller-snapshot.ts'
import { rolesOf, subjectOf } from '../../lib/identity/subject-of-snapshot.ts'
import { compileWhitelist } from '../../lib/whitelist/match.ts'
import { policy, storedMembership, storedOrganization, storedRole, storedUser } from './sample-membership.ts'

const user = storedUser({ whitelist: ['203.0.113.0/24'] })
const organization = storedOrganization({ whitelistRequired: true })
const snapshot: CallerSnapshot = {
  user,
  organization,
  membership: storedMembership({
    loginAccountGroup: 7,
    allAccountGroupRoles: [3, 1000, 1999],
    accountGroupRoles: [{ aid: 7, roles: [1000] }],
    permissions: { 'postern-users': 'read' },
    integrationVendor: 'autotask',
  }),
  policy: policy({
    roles: [storedRole({ permissions: { 'postern-audit': 'write' } })],
    accountGroups: [{ aid: 7, name: 'Seven', version: 1 }],
  }),
  credential: null,
  loggedOut: false,
  actor: null,
}
const byKey: ProvenBy = { kind: 'key', keyId: 'key_1', sessionId: null, actorId: null, audience: null }
const subjectWith = (changed: Partial<CallerSnapshot>, provenBy = byKey) =>
  subjectOf({ ...snapshot, ...changed }, user, organization, provenBy)

describe('the roles of an organization', () => {
  it('are the built-in ones and its own', () => {
    expect(rolesOf(null).map(({ name }) => name)).toEqual([
      'Admin',
      'User',
      'Read Only',
      'Organization Admin',
      'Account Admin',
      'Regular User',
    ])
    expect(rolesOf(snapshot.policy).at(-1)).toMatchObject({
      roleId: 1000,
      name: 'custom',
      builtIn: false,
      hasManagementPermissions: true,
      grants: { management: { 'postern-audit': 'write' } },
    })
  })
})

describe('the subject of a decision', () => {
  it('holds what its membership says, with the roles that are still there', () => {
    const { membership, ...who } = subjectWith({})
    expect(who).toMatchObject({
      userId: 'usr_1' as const,
      username: 'Partner-42',
      userStatus: 'active',
      provenBy: byKey,
      organization: { organizationId: 'org_1' as const, isActive: true, whitelistRequired: true },
      whitelist: compileWhitelist(['203.0.113.0/24']),
      actor: null,
      accountGroups: [7],
    })
    expect(membership).toMatchObject({
      status: 'active',
      loginAccountGroup: 7,
      own: { management: { 'postern-users': 'read' } },
      integrationVendor: 'autotask',
    })
    expect(membership?.allAccountGroupRoles.map(({ name }) => name)).toEqual(['Read Only', 'custom'])
    expect(
      membership?.accountGroupRoles.map(({ aid, roles }) => [aid, roles.map(({ name }) => name)]),
    ).toEqual([[7, ['custom']]])
  })

  it('holds nothing without a membership, and knows no account group without a policy', () => {
    expect(subjectWith({ membership: null }).membership).toBeNull()
    expect(subjectWith({ policy: null }).accountGroups).toEqual([])
  })

  it('is in an organization that is active only if it says so', () => {
    const inactive = storedOrganization({ status: 'inactive' })
    expect(subjectOf(snapshot, user, inactive, byKey).organization.isActive).toBe(false)
  })

  it('names whoever acts as it, with that one’s whitelist and vendor', () => {
    const acted = { ...byKey, kind: 'session' as const, actorId: 'usr_9' as const }
    const actor = {
      user: storedUser({ userId: 'usr_9' as const, whitelist: ['192.0.2.1'] }),
      membership: storedMembership({ integrationVendor: 'connectwise' }),
      credential: null,
    }
    expect(subjectWith({ actor }, acted).actor).toEqual({
      userId: 'usr_9' as const,
      whitelist: compileWhitelist(['192.0.2.1']),
      integrationVendor: 'connectwise',
    })
    expect(subjectWith({ actor: { ...actor, user: null, membership: null } }, acted).actor).toEqual({
      userId: 'usr_9' as const,
      whitelist: compileWhitelist([]),
      integrationVendor: null,
    })
    expect(subjectWith({ actor: null }, acted).actor?.integrationVendor).toBeNull()
  })
})
