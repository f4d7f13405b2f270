import { describe, expect, it } from 'vitest'
import type { StoredGrants } from '../../lib/decision/stored-grants.ts'
import { requireFreeName, requireHeldForAll, requireRoomFor } from '../../lib/policy/access-editor.ts'
import { addedTo } from '../../lib/policy/added-grants.ts'
import { giveNumber } from '../../lib/policy/chosen-number.ts'
import { refuseInUse, rolesNamed, usersOf } from '../../lib/policy/in-use.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { grants, role, subject } from '../decision/sample-subject.ts'
import { storedMembership } from '../identity/sample-membership.ts'

const refusalOf = (attempt: () => unknown): unknown => {
  try {
    return attempt()
  } catch (refusal) {
    return refusal
  }
}

const nothing: StoredGrants = { permissions: {}, endpoints: [] }
const nothingAdded = {
  ...{ permissions: {}, endpoints: [], everySection: [] },
  ...{ impersonation: 'none', impersonationTargets: [] },
}
const every = (level: 'read' | 'write', ...except: string[]): StoredGrants => ({
  ...nothing,
  everySection: [{ apiId: 'api_1', level, except }],
})
const acting = (
  impersonation: 'none' | 'full' | 'selected',
  ...impersonationTargets: UserId[]
): StoredGrants => ({
  ...nothing,
  impersonation,
  impersonationTargets,
})

describe('what a change of grants adds', () => {
  it.each<[string, StoredGrants, StoredGrants]>([
    [
      'the same',
      { permissions: { s: 'read' }, endpoints: ['a'] },
      { permissions: { s: 'read' }, endpoints: ['a'] },
    ],
    ['less', { permissions: { s: 'read', t: 'write' }, endpoints: ['a', 'b'] }, nothing],
    [
      'a lower level',
      { ...nothing, permissions: { s: 'write' } },
      { ...nothing, permissions: { s: 'read' } },
    ],
    ['every section at a lower level', every('write'), every('read')],
    ['every section but for more', every('read', 'a'), every('read', 'b', 'a')],
    ['acting as nobody', acting('full'), acting('none')],
    ['acting as nobody any more', acting('selected', 'usr_1'), acting('none')],
    ['acting as some of those', acting('selected', 'usr_1', 'usr_2'), acting('selected', 'usr_2')],
    ['acting as some instead of everybody', acting('full'), acting('selected', 'usr_2')],
  ])('is nothing for %s', (_what, before, after) => {
    expect(addedTo(before, after)).toEqual(nothingAdded)
  })

  it('is each section, level and endpoint that was not held to the letter', () => {
    const before: StoredGrants = { permissions: { kept: 'read', raised: 'read' }, endpoints: ['a'] }
    const permissions = { kept: 'read', raised: 'write', fresh: 'read' } as const
    expect(addedTo(before, { permissions, endpoints: ['a', 'b'] })).toEqual({
      ...nothingAdded,
      permissions: { raised: 'write', fresh: 'read' },
      endpoints: ['b'],
    })
  })

  it.each<[string, StoredGrants, StoredGrants]>([
    ['where none was', nothing, every('read')],
    ['at a higher level', every('read'), every('write')],
    ['with an exception less', every('write', 'a', 'b'), every('read', 'a')],
    [
      'at another API',
      { ...nothing, everySection: [{ apiId: 'api_2', level: 'write', except: [] }] },
      every('read'),
    ],
  ])('is every section %s', (_what, before, after) => {
    expect(addedTo(before, after).everySection).toEqual(after.everySection)
  })

  it.each<[string, StoredGrants, StoredGrants]>([
    ['anybody', nothing, acting('selected', 'usr_1')],
    ['nobody yet, which needs all the same', acting('none'), acting('selected')],
    ['one more', acting('selected', 'usr_1'), acting('selected', 'usr_1', 'usr_2')],
    ['everybody', acting('selected', 'usr_1'), acting('full')],
  ])('is acting as %s', (_whom, before, after) => {
    const { impersonation, impersonationTargets } = addedTo(before, after)
    expect({ impersonation, impersonationTargets }).toEqual({
      impersonation: after.impersonation,
      impersonationTargets: after.impersonationTargets,
    })
  })

  it('names nobody to act as where none are stored', () => {
    expect(addedTo(nothing, { ...nothing, impersonation: 'full' }).impersonationTargets).toEqual([])
  })
})

describe('whoever changes a role', () => {
  const users = grants({ management: { 'postern-users': 'write' } })
  const need = (who: Parameters<typeof requireHeldForAll>[0]['subject']) =>
    refusalOf(() => requireHeldForAll({ subject: who }, users, new Map(), 'You do not hold it.'))

  it('must hold what it gives, for all account groups', () => {
    expect(need(subject({ membership: { own: users } }))).toBeUndefined()
    const inGroup = { loginAccountGroup: 1, accountGroupRoles: [{ aid: 1, roles: [role('users', users)] }] }
    for (const who of [subject(), subject({ membership: inGroup })])
      expect(need(who)).toMatchObject({ code: 'grant_not_held', detail: 'You do not hold it.' })
  })
})

describe('the number of a new role or account group', () => {
  const numbers = { nextNumber: 1003, chosenNumbers: { accountGroups: [7, 1003, 1004], roles: [] } }
  const give = (chosen?: number, of: 'accountGroups' | 'roles' = 'accountGroups', from = numbers) =>
    refusalOf(() => giveNumber(from, of, chosen, 'aid'))

  it('is the next that nobody chose, unless it is chosen', () => {
    expect(give()).toEqual({ ...numbers, number: 1005, nextNumber: 1006 })
    expect(give(undefined, 'roles')).toEqual({ ...numbers, number: 1003, nextNumber: 1004 })
    expect(give(42)).toEqual({
      number: 42,
      nextNumber: 1003,
      chosenNumbers: { accountGroups: [7, 1003, 1004, 42], roles: [] },
    })
    expect([give(999), give(1005), give(7, 'roles'), give(1003, 'roles')]).toMatchObject([
      { number: 999 },
      { number: 1005 },
      { number: 7 },
      { number: 1003 },
    ])
  })

  it('is never one that was given, whatever became of it', () => {
    for (const taken of [7, 1000, 1002, 1003, 1004])
      expect(give(taken)).toMatchObject({
        code: 'name_taken',
        errors: [{ path: 'aid', message: 'is or was already in use' }],
      })
  })

  it('can be chosen 500 times', () => {
    const chosen = (count: number) => ({
      ...numbers,
      chosenNumbers: { accountGroups: Array.from({ length: count }, (_, index) => 2000 + index), roles: [] },
    })
    expect(give(1, 'accountGroups', chosen(499))).toMatchObject({ number: 1 })
    expect(give(1, 'accountGroups', chosen(500))).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'aid', message: 'at most 500 chosen numbers are allowed' }],
    })
  })
})

describe('a name', () => {
  it('is taken in whatever case', () => {
    const take = (name: string) => refusalOf(() => requireFreeName(name, ['other', 'Support'], 'roleName'))
    expect(take('support 2')).toBeUndefined()
    expect(take('SUPPORT')).toMatchObject({
      code: 'name_taken',
      errors: [{ path: 'roleName', message: 'is taken' }],
    })
  })

  it('fits while there is room', () => {
    expect(refusalOf(() => requireRoomFor(3, 3, 'roles', 'roles'))).toBeUndefined()
    expect(refusalOf(() => requireRoomFor(4, 3, 'roles', 'roles'))).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'roles', message: 'at most 3 roles are allowed' }],
    })
  })
})

describe('what is still used', () => {
  const memberships = Array.from({ length: 12 }, (_, index) =>
    storedMembership({ directorySk: `user-${index}` }),
  )

  it('is not deleted, and who uses it is named', () => {
    expect(usersOf(memberships, () => false)).toBeNull()
    expect(usersOf(memberships, ({ directorySk }) => directorySk < 'user-10')).toBe(
      'the users user-0, user-1',
    )
    expect(rolesNamed([])).toBeNull()
    expect(rolesNamed(['Support', 'Sales'])).toBe('the roles Support, Sales')
    expect(refusalOf(() => refuseInUse('It', [null, null]))).toBeUndefined()
    expect(refusalOf(() => refuseInUse('It', [null, 'the users a', 'the roles b']))).toMatchObject({
      code: 'in_use',
      detail: 'It is still used by the users a and by the roles b.',
    })
  })

  it('names ten at most, and counts the others', () => {
    const ten = Array.from({ length: 10 }, (_, index) => `user-${index}`).join(', ')
    expect(usersOf(memberships.slice(0, 10), () => true)).toBe(`the users ${ten}`)
    expect(usersOf(memberships, () => true)).toBe(`the users ${ten} and 2 more`)
  })
})
