import { describe, expect, it } from 'vitest'
import { actingEpochOf, actingOf, manages } from '../../lib/identity/manages.ts'
import { epochOf } from '../../lib/identity/member.ts'
import { policy, storedMembership, storedRole, storedUser } from './sample-membership.ts'

const actsForAll = storedRole({ roleId: 1001, impersonation: 'full', impersonationEpoch: 2 })
const actsForSome = storedRole({
  roleId: 1002,
  impersonation: 'selected',
  impersonationTargets: ['usr_7' as const],
  impersonationEpoch: 5,
})
const readsUsers = storedRole({ roleId: 1003, permissions: { 'postern-users': 'read' } })
const readsOrders = storedRole({ roleId: 1004, permissions: { 'api_1/orders': 'read' } })
const roles = policy({ roles: [actsForAll, actsForSome, readsUsers, readsOrders] })

describe('a user manages', () => {
  it.each([
    ['by the role of an administrator', { allAccountGroupRoles: [1] }],
    ['by a custom role over a section of Postern', { allAccountGroupRoles: [1003] }],
    ['by one in a single account group', { accountGroupRoles: [{ aid: 7, roles: [1003] }] }],
    ['by a role that acts as others', { allAccountGroupRoles: [1002] }],
    ['by a section of Postern of its own', { permissions: { 'postern-audit': 'read' as const } }],
    ['by acting as some others', { impersonation: 'selected' as const }],
  ])('%s', (_how, held) => {
    expect(manages(storedMembership(held), roles)).toBe(true)
  })

  it.each([
    ['who holds nothing', {}],
    ['with roles at APIs', { allAccountGroupRoles: [2, 3, 6, 1004] }],
    ['with a role that is gone', { allAccountGroupRoles: [1999] }],
    ['with sections at APIs', { permissions: { 'api_1/postern-users': 'write' as const } }],
  ])('not %s', (_who, held) => {
    expect(manages(storedMembership(held), roles)).toBe(false)
  })
})

describe('whom a membership lets its user act as', () => {
  it('is the union of what it says itself and of its roles for all account groups', () => {
    const selected = { impersonation: 'selected' as const, impersonationTargets: ['usr_9' as const] }
    expect(actingOf(storedMembership(), roles)).toEqual([])
    expect(actingOf(storedMembership({ ...selected, allAccountGroupRoles: [1001, 1003] }), roles)).toEqual([
      ['usr_9'],
      'everybody',
    ])
    expect(actingOf(storedMembership({ allAccountGroupRoles: [1002] }), roles)).toEqual([['usr_7']])
  })

  it('is nobody by what is held in an account group, or by a role that is gone', () => {
    const inGroup = storedMembership({
      accountGroupRoles: [{ aid: 7, roles: [1001] }],
      allAccountGroupRoles: [1999],
    })
    expect(actingOf(inGroup, roles)).toEqual([])
  })
})

describe('the epoch of acting', () => {
  const epochWith = (allAccountGroupRoles: number[], of = roles) => {
    const actor = { user: storedUser(), membership: storedMembership({ allAccountGroupRoles }) }
    return { epoch: actingEpochOf(actor, of), ofMembership: epochOf(actor) }
  }

  it('is that of the membership while no role of it has changed whom it acts as', () => {
    for (const { epoch, ofMembership } of [epochWith([]), epochWith([1003])]) expect(epoch).toBe(ofMembership)
    const actor = { user: storedUser(), membership: storedMembership({ allAccountGroupRoles: [1001] }) }
    expect(actingEpochOf(actor, null)).toBe(epochOf(actor))
  })

  it('moves with each change of each of its roles, and of no other', () => {
    const { epoch, ofMembership } = epochWith([1001, 1002])
    expect(epoch).toBe(`${ofMembership}.7`)
    const changed = policy({ roles: [actsForAll, { ...actsForSome, impersonationEpoch: 6 }] })
    expect(epochWith([1001, 1002], changed).epoch).not.toBe(epoch)
    expect(epochWith([1001], changed).epoch).toBe(epochWith([1001]).epoch)
  })
})
