import { describe, expect, it } from 'vitest'
import {
  isMarked,
  marked,
  membershipChecks,
  pendingDeletionLabel,
  referencesIn,
  referencesOfApi,
  roleChecks,
  unmarked,
} from '../../lib/policy/pending-deletion.ts'
import { keys } from '../../lib/table/keys.ts'
import { policy, storedMembership, storedRole } from '../identity/sample-membership.ts'

const now = Date.parse('2026-11-21T12:00:00.000Z')
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString()

describe('what can be given, and so deleted', () => {
  it('is each role, account group and vendor of an organization', () => {
    const named = policy({
      roles: [storedRole()],
      accountGroups: [{ aid: 7, name: 'Seven', version: 1 }],
      integrationVendors: [{ vendorId: 'vnd_autotask', name: 'Autotask' }],
    })
    expect(referencesIn(named)).toEqual(['role 1000', 'group 7', 'vendor vnd_autotask'])
  })

  it('is an API as a whole, and each of its sections', () => {
    expect(
      referencesOfApi({ sections: [{ name: 'orders', title: 'Orders', endpoints: [], version: 1 }] }),
    ).toEqual(['api', 'section orders'])
  })
})

describe('a mark of a pending deletion', () => {
  it('is relied on for 25 seconds, and by those alone whose every part is marked', () => {
    const pendingDeletions = { 'role 1': ago(24), 'role 2': ago(25) }
    expect(isMarked({ pendingDeletions }, ['role 1'], now)).toBe(true)
    expect(isMarked({ pendingDeletions }, ['role 2'], now)).toBe(false)
    expect(isMarked({ pendingDeletions }, ['role 1', 'role 2'], now)).toBe(false)
    expect(isMarked({ pendingDeletions }, ['role 3'], now)).toBe(false)
    expect(isMarked({}, ['role 1'], now)).toBe(false)
    expect(isMarked({}, [], now)).toBe(true)
  })

  it('is set as of now, beside those that are not a minute old', () => {
    const pendingDeletions = { 'role 1': ago(59), 'role 2': ago(60) }
    expect(marked({ pendingDeletions }, ['role 3'], now)).toEqual({ 'role 1': ago(59), 'role 3': ago(0) })
    expect(marked({ pendingDeletions: { 'role 3': ago(30) } }, ['role 3'], now)).toEqual({ 'role 3': ago(0) })
    expect(marked({}, [], now)).toEqual({})
  })

  it('is taken back alone', () => {
    const pendingDeletions = { 'role 1': ago(1), 'role 2': ago(1) }
    expect(unmarked({ pendingDeletions }, ['role 1'])).toEqual({ 'role 2': ago(1) })
    expect(unmarked({}, ['role 1'])).toEqual({})
  })
})

describe('a transaction that gives something', () => {
  const since = { ':since': ago(60) }
  const check = (key: { pk: string; sk: string }, ...references: string[]) => ({
    label: pendingDeletionLabel,
    check: key,
    condition: ['attribute_exists(pk)', ...references.map((_, index) => `NOT #w.#r${index} >= :since`)].join(
      ' AND ',
    ),
    names: {
      '#w': 'pendingDeletions',
      ...Object.fromEntries(references.map((reference, index) => [`#r${index}`, reference])),
    },
    values: since,
  })
  const ofOrganization = keys.accessPolicy('org_1')

  it('demands of a new membership that nothing that it grants is being deleted', () => {
    const given = storedMembership({
      allAccountGroupRoles: [1, 1000],
      accountGroupRoles: [{ aid: 7, roles: [1001, 6, 1000] }],
      loginAccountGroup: 8,
      integrationVendor: 'vnd_autotask',
      permissions: { 'postern-users': 'read', 'api_1/orders': 'write' },
      endpoints: ['api_1 GET /x', 'api_2 GET /y'],
    })
    expect(membershipChecks(null, given, now)).toEqual([
      check(ofOrganization, 'role 1000', 'role 1001', 'group 7', 'group 8', 'vendor vnd_autotask'),
      check(keys.api('api_1'), 'api', 'section orders'),
      check(keys.api('api_2'), 'api'),
    ])
    expect(pendingDeletionLabel).not.toBe('')
  })

  it('demands nothing for what the membership had before, or for nothing', () => {
    const had = storedMembership({ allAccountGroupRoles: [1000], endpoints: ['api_1 GET /x'] })
    expect(membershipChecks(had, storedMembership({ ...had, endpoints: ['api_1 GET /z'] }), now)).toEqual([])
    expect(
      membershipChecks(had, storedMembership({ ...had, allAccountGroupRoles: [1000, 1001] }), now),
    ).toEqual([check(ofOrganization, 'role 1001')])
    expect(membershipChecks(null, storedMembership(), now)).toEqual([])
  })

  it('demands of a role that its APIs and sections are there, those that it excepts too', () => {
    const role = storedRole({
      permissions: { 'api_1/orders': 'read', 'api_1/refunds': 'read' },
      everySection: [{ apiId: 'api_2', level: 'read', except: ['refunds'] }],
    })
    expect(roleChecks([], [role], now)).toEqual([
      check(keys.api('api_1'), 'api', 'section orders', 'section refunds'),
      check(keys.api('api_2'), 'api', 'section refunds'),
    ])
    expect(roleChecks([role], [role], now)).toEqual([])
    expect(
      roleChecks([role], [storedRole({ ...role, permissions: { 'api_1/stock': 'read' } })], now),
    ).toEqual([check(keys.api('api_1'), 'section stock')])
  })

  it('demands as much as a condition has room for', () => {
    const endpoints = Array.from({ length: 95 }, (_, index) => [`api_1/s${index}`, 'read' as const])
    const [one, ...others] = membershipChecks(
      null,
      storedMembership({ permissions: Object.fromEntries(endpoints) }),
      now,
    )
    expect(others).toEqual([])
    expect(one).toMatchObject({ names: { '#r89': 'section s88' } })
    expect(one).not.toMatchObject({ names: { '#r90': expect.anything() } })
  })
})
