import { describe, expect, it } from 'vitest'
import { managementSections } from '../../lib/contract/endpoint.ts'
import { readTykPermissions, tykSections } from '../../lib/drop-in/tyk-permissions.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'

const known = ['orders', 'invoices', ...managementSections]

const refusedPaths = (given: Parameters<typeof readTykPermissions>[0], names = known) => {
  try {
    readTykPermissions(given, names)
    return []
  } catch (error) {
    if (error instanceof DomainError) return error.errors.map(({ path }) => path)
    throw error
  }
}

describe('a map of user_permissions', () => {
  it('makes an administrator of IsAdmin: admin, and of nothing else', () => {
    expect(readTykPermissions({ IsAdmin: 'admin' }, known)).toEqual({
      isAdministrator: true,
      permissions: {},
    })
    expect(readTykPermissions({ IsAdmin: 'admin', ResetPassword: 'admin' }, known).isAdministrator).toBe(true)
    expect(readTykPermissions({ IsAdmin: 'deny' }, known).isAdministrator).toBe(false)
    expect(readTykPermissions({}, known)).toEqual({ isAdministrator: false, permissions: {} })
    expect(refusedPaths({ IsAdmin: 'write' })).toEqual(['user_permissions.IsAdmin'])
    expect(refusedPaths({ isadmin: 'admin' })).toEqual(['user_permissions.isadmin'])
  })

  it('gives several sections at once, deny among them', () => {
    const given = { orders: 'read', invoices: 'deny', 'postern-audit': 'write' } as const
    expect(readTykPermissions(given, known).permissions).toEqual(given)
  })

  it('takes those of Tyk that Postern has under another name', () => {
    const given = {
      users: 'write',
      user_groups: 'read',
      keys: 'deny',
      system: 'read',
      audit_logs: 'read',
    } as const
    expect(readTykPermissions(given, known).permissions).toEqual({
      'postern-users': 'write',
      'postern-access': 'read',
      'postern-credentials': 'deny',
      'postern-organization': 'read',
      'postern-audit': 'read',
    })
    for (const section of tykSections.values()) if (section !== null) expect(known).toContain(section)
  })

  it('prefers a section of the organization to one of Tyk with the same name', () => {
    const withUsers = [...known, 'users', 'apis']
    expect(readTykPermissions({ users: 'write', apis: 'read' }, withUsers).permissions).toEqual({
      users: 'write',
      apis: 'read',
    })
  })

  it('ignores the denial of what Postern does not have, and refuses to grant it', () => {
    expect(readTykPermissions({ apis: 'deny', analytics: 'deny' }, known).permissions).toEqual({})
    expect(refusedPaths({ apis: 'write', analytics: 'read', orders: 'read' })).toEqual([
      'user_permissions.apis',
      'user_permissions.analytics',
    ])
  })

  it('refuses what nobody knows, even when it is denied: a misspelt denial would deny nothing', () => {
    expect(refusedPaths({ ordres: 'read' })).toEqual(['user_permissions.ordres'])
    expect(refusedPaths({ ordres: 'deny' })).toEqual(['user_permissions.ordres'])
    expect(refusedPaths(JSON.parse('{"constructor":"read","valueOf":"deny"}'))).toHaveLength(2)
  })

  it('refuses a section that is named twice, by both its names', () => {
    expect(refusedPaths({ users: 'read', 'postern-users': 'write' })).toEqual([
      'user_permissions.postern-users',
    ])
  })
})
