import { describe, expect, it } from 'vitest'
import { noApiGrants, noGrants } from '../../lib/decision/grants.ts'
import { administratorRoleIds, builtInRoles, givesManagement } from '../../lib/decision/role.ts'
import {
  actsAsOf,
  endpointKey,
  grantsOfStored,
  managementPrefix,
  permissionKey,
  readEndpointKey,
  readPermissionKey,
  splitEndpoint,
} from '../../lib/decision/stored-grants.ts'
import { grants, pattern } from './sample-subject.ts'

describe('stored grants', () => {
  it('are those that they were stored as', () => {
    const orders = pattern('GET /orders/*')
    const stored = {
      permissions: {
        'postern-users': 'write',
        [permissionKey('api_1', 'orders')]: 'read',
        [permissionKey('api_1', 'stock')]: 'write',
      },
      endpoints: [endpointKey('api_1', orders), endpointKey('api_2', orders), 'api_2 * /'],
      everySection: [{ apiId: 'api_2', level: 'read', except: ['refunds'] }],
      impersonation: 'selected',
      impersonationTargets: ['usr_1'],
    } as const
    expect(grantsOfStored(stored)).toEqual({
      ...noGrants,
      management: { 'postern-users': 'write' },
      apis: new Map([
        ['api_1', { ...noApiGrants, sections: { orders: 'read', stock: 'write' }, endpoints: [orders] }],
        [
          'api_2',
          {
            ...noApiGrants,
            everySection: { level: 'read', except: ['refunds'] },
            endpoints: [orders, pattern('* /')],
          },
        ],
      ]),
      actsAs: ['usr_1'],
    })
    expect(grantsOfStored({ permissions: {}, endpoints: [] })).toEqual({ ...noGrants, apis: new Map() })
  })

  it('name an API before the slash, and a section of Postern without one', () => {
    expect(readPermissionKey(permissionKey('api_1', 'orders'))).toEqual({ apiId: 'api_1', section: 'orders' })
    expect(readPermissionKey(`${managementPrefix}users`)).toBeNull()
    expect(managementPrefix).toBe('postern-')
  })

  it('deny by an error where a key is damaged', () => {
    expect(readEndpointKey('api_a GET /x')).toEqual({ apiId: 'api_a', pattern: pattern('GET /x') })
    for (const key of [' GET /x', 'shop GET /x'])
      expect(() => readEndpointKey(key), key).toThrow('a stored grant has no API id')
    for (const key of ['/orders', 'shop/orders'])
      expect(() => readPermissionKey(key), key).toThrow('a stored grant has no API id')
    expect(() => readEndpointKey('api_1 GET x')).toThrow(/^stored endpoint needs a path/)
    expect(() => readEndpointKey('GET')).toThrow('stored endpoint')
  })

  it('say whom one may act as', () => {
    expect(actsAsOf({})).toBeNull()
    expect(actsAsOf({ impersonation: 'none', impersonationTargets: ['usr_1'] })).toBeNull()
    expect(actsAsOf({ impersonation: 'full' })).toBe('everybody')
    expect(actsAsOf({ impersonation: 'selected' })).toEqual([])
  })
})

describe('an endpoint as people write it', () => {
  it.each([
    ['GET /orders', null, 'GET /orders'],
    ['shop GET /orders', 'shop', 'GET /orders'],
    ['a GET /x', 'a', 'GET /x'],
    ['shop-2_b GET /a b\nc', 'shop-2_b', 'GET /a b\nc'],
    ['Shop GET /orders', null, 'Shop GET /orders'],
    ['2shop GET /orders', null, '2shop GET /orders'],
    [`${'a'.repeat(64)} GET /`, 'a'.repeat(64), 'GET /'],
    [`${'a'.repeat(65)} GET /`, null, `${'a'.repeat(65)} GET /`],
    ['x!shop GET /', null, 'x!shop GET /'],
  ])('%j names the API %s', (text, apiName, endpoint) => {
    expect(splitEndpoint(text)).toEqual({ apiName, endpoint })
  })
})

describe('the built-in roles', () => {
  it('hold what docs/access.md says, and nothing else', () => {
    const held = builtInRoles.map(({ roleId, name, builtIn, hasManagementPermissions, grants: given }) => {
      const { everything, everyApi, management, ...others } = given
      expect(others).toEqual({ apis: new Map(), actsAs: null })
      return [roleId, name, builtIn, hasManagementPermissions, everything, everyApi, management]
    })
    const accountAdmin = {
      'postern-users': 'write',
      'postern-credentials': 'write',
      'postern-whitelist': 'write',
      'postern-access': 'read',
    }
    expect(held).toEqual([
      [1, 'Admin', true, true, true, null, {}],
      [2, 'User', true, false, false, null, {}],
      [3, 'Read Only', true, false, false, 'dashboards', {}],
      [4, 'Organization Admin', true, true, true, null, {}],
      [5, 'Account Admin', true, true, false, 'write', accountAdmin],
      [6, 'Regular User', true, false, false, 'write', {}],
    ])
    expect(administratorRoleIds).toEqual([1, 4])
  })

  it('manage by everything, by a section of Postern, or by acting as somebody', () => {
    expect(givesManagement(noGrants)).toBe(false)
    expect(givesManagement(grants({ everyApi: 'write' }))).toBe(false)
    for (const held of [
      { everything: true },
      { management: { 'postern-x': 'read' as const } },
      { actsAs: [] },
    ])
      expect(givesManagement(grants(held))).toBe(true)
  })
})
