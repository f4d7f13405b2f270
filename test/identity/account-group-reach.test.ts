import { describe, expect, it } from 'vitest'
import type { Reach } from '../../lib/identity/account-group-reach.ts'
import { groupsOnly, noReach, reaches, reachOf } from '../../lib/identity/account-group-reach.ts'
import { grants, role, subject } from '../decision/sample-subject.ts'

const manager = role('manager', grants({ management: { 'postern-users': 'write' } }))
const reader = role('reader', grants({ management: { 'postern-users': 'read' } }))

describe('the reach of management', () => {
  const inGroups = subject({
    membership: {
      loginAccountGroup: 3,
      accountGroupRoles: [
        { aid: 1, roles: [manager] },
        { aid: 2, roles: [reader] },
        { aid: 9, roles: [manager] },
      ],
    },
  })

  it('is the account groups in which it is held, at the level that it is asked for', () => {
    expect(reachOf(inGroups, 'postern-users', 'write')).toEqual(new Set([1]))
    expect(reachOf(inGroups, 'postern-users', 'read')).toEqual(new Set([1, 2]))
    expect(reachOf(inGroups, 'postern-credentials', 'read')).toEqual(new Set())
  })

  it('is the organization for what is held in all account groups, and only for that', () => {
    expect(
      reachOf(subject({ membership: { allAccountGroupRoles: [manager] } }), 'postern-users', 'write'),
    ).toBe('organization')
    expect(reachOf(subject({ membership: { own: manager.grants } }), 'postern-users', 'write')).toBe(
      'organization',
    )
    // Held in each group that there is, it is still not held in the next one.
    const inEach = subject({
      membership: { accountGroupRoles: [1, 2, 3].map((aid) => ({ aid, roles: [manager] })) },
    })
    expect(reachOf(inEach, 'postern-users', 'write')).toEqual(new Set([1, 2, 3]))
  })
})

describe('a membership', () => {
  const membership = {
    allAccountGroupRoles: [],
    accountGroupRoles: [],
    loginAccountGroup: null,
    permissions: {},
    endpoints: [],
    impersonation: 'none' as const,
  }
  const inGroup = (...aids: readonly number[]) => aids.map((aid) => ({ aid, roles: [3] }))
  const one: Reach = new Set([1])

  it.each<[string, Partial<Parameters<typeof reaches>[1]>, boolean]>([
    ['in the account group', { accountGroupRoles: inGroup(1) }, true],
    ['that only logs in there', { loginAccountGroup: 1 }, true],
    ['in it and in another', { accountGroupRoles: inGroup(1, 2) }, false],
    ['in it, but logging in elsewhere', { accountGroupRoles: inGroup(1), loginAccountGroup: 2 }, false],
    ['in no account group', {}, false],
    ['with a role for all', { accountGroupRoles: inGroup(1), allAccountGroupRoles: [2] }, false],
    ['with permissions of its own', { accountGroupRoles: inGroup(1), permissions: { x: 'read' } }, false],
    ['with endpoints of its own', { accountGroupRoles: inGroup(1), endpoints: ['api_1 GET /x'] }, false],
    ['that may act as others', { accountGroupRoles: inGroup(1), impersonation: 'selected' }, false],
  ])('%s is within reach: %s', (_, more, expected) => {
    expect(reaches(one, { ...membership, ...more })).toBe(expected)
    expect(reaches('organization', { ...membership, ...more })).toBe(true)
    expect(reaches(noReach, { ...membership, ...more })).toBe(false)
  })

  it('is placed in account groups only when it holds nothing beyond them', () => {
    const inTwo = { ...membership, accountGroupRoles: inGroup(1), loginAccountGroup: 2 }
    expect(groupsOnly(inTwo)).toEqual([1, 2])
    expect(groupsOnly({ ...inTwo, allAccountGroupRoles: [2] })).toEqual([])
  })
})
