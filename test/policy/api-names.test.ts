import { describe, expect, it } from 'vitest'
import { newApi } from '../../lib/apis/manage-apis.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import type { Names, Sees } from '../../lib/policy/api-names.ts'
import {
  permissionNames,
  readEndpoints,
  readEverySection,
  readPermissions,
  shownEndpoints,
  shownPermissions,
} from '../../lib/policy/api-names.ts'
import type { StoredApi } from '../../lib/policy/stored-api.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'

const apiOf = (name: string, more: Partial<StoredApi> = {}): StoredApi =>
  newApi({
    apiId: `api_${name}`,
    organizationId: 'org_1',
    name,
    audience: `https://${name}.example`,
    createdAt: '2026-11-21T09:00:00.000Z',
    sections: ['orders', 'refunds'].map((section) => ({
      name: section,
      title: section,
      endpoints: [],
      version: 1,
    })),
    ...more,
  })
const namesOf = (...apis: readonly StoredApi[]): Names => ({
  organizationId: 'org_1',
  seen: apis.map(({ apiId, name, organizationId }) => ({ apiId, name, organizationId })),
  apis: new Map(apis.map((api) => [api.apiId, api])),
})

const shop = apiOf('shop')
const one = namesOf(shop)
const two = namesOf(shop, apiOf('crm'))
const none = namesOf()
const shared = namesOf(
  apiOf('theirs', {
    organizationId: 'org_2',
    shares: [
      { organizationId: 'org_3', sections: { refunds: 'write' }, everySection: null, version: 1 },
      { organizationId: 'org_1', sections: { orders: 'read' }, everySection: null, version: 1 },
    ],
  }),
)

/** What was stored, or which fields were refused, and why. */
const outcome = <T>(read: () => T): T | string => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return error.errors.map(({ path, message }) => `${path} ${message}`).join('; ')
  }
}
const permissions = (given: Parameters<typeof readPermissions>[0], names: Names) =>
  outcome(() => readPermissions(given, names).permissions)

describe('a permission', () => {
  it('names a section alone while there is one API, and with its API always', () => {
    const stored = { 'api_shop/orders': 'read' }
    expect(permissions({ orders: 'read' }, one)).toEqual(stored)
    expect(permissions({ 'shop/orders': 'read' }, one)).toEqual(stored)
    expect(permissions({ 'api_shop/orders': 'read' }, one)).toEqual(stored)
    expect(permissions({ 'crm/orders': 'write', 'shop/orders': 'read' }, two)).toEqual({
      'api_crm/orders': 'write',
      ...stored,
    })
  })

  it('that could mean several APIs is refused, never guessed', () => {
    expect(permissions({ orders: 'read' }, two)).toContain('permissions.orders must name its API')
    expect(permissions({ orders: 'read' }, none)).toContain('the organization has none yet')
  })

  it.each([
    ['refund', 'is not a section of shop'],
    ['shop/refund', 'is not a section of shop'],
    ['crm/orders', 'names no API of this organization'],
    ['api_crm/orders', 'names no API of this organization'],
    ['constructor', 'is not a section of shop'],
    ['__proto__', 'is not a section of shop'],
    ['postern-user', 'is not a section of Postern'],
    ['postern-users/orders', 'is not a section of Postern'],
  ])('for what is not there is refused in words: %s', (name, why) => {
    const given: Record<string, 'read'> = Object.fromEntries([[name, 'read']])
    expect(permissions(given, one)).toContain(why)
  })

  it('twice in two spellings is refused, also as deny', () => {
    const twice = 'names a section that is already named'
    expect(permissions({ orders: 'read', 'shop/orders': 'write' }, one)).toContain(twice)
    expect(permissions({ orders: 'deny', 'shop/orders': 'write' }, one)).toContain(twice)
    expect(permissions({ orders: 'write', 'api_shop/orders': 'deny' }, one)).toContain(twice)
  })

  it('of deny is stored nowhere, and remembered under the name that it was given', () => {
    const read = readPermissions({ orders: 'deny', refunds: 'read', 'postern-users': 'deny' }, one)
    expect(read.permissions).toEqual({ 'api_shop/refunds': 'read' })
    expect([...read.denied]).toEqual([
      ['api_shop/orders', 'orders'],
      ['postern-users', 'postern-users'],
    ])
  })

  it('names of another organization’s API only what is shared', () => {
    expect(permissions({ orders: 'write' }, shared)).toEqual({ 'api_theirs/orders': 'write' })
    expect(permissions({ refunds: 'read' }, shared)).toContain('is not a section of theirs; there are orders')
    expect(permissionNames(shared)).toContain('orders')
    expect(permissionNames(shared)).not.toContain('refunds')
  })

  it('can be read back under the name that it is shown by', () => {
    for (const names of [one, two, shared]) {
      const shownNames = permissionNames(names)
      const given: Record<string, 'read'> = Object.fromEntries(shownNames.map((name) => [name, 'read']))
      const stored = readPermissions(given, names).permissions
      expect(Object.keys(stored)).toHaveLength(shownNames.length)
      expect(shownPermissions(stored, sees(names))).toEqual(given)
    }
  })
})

const sees = ({ organizationId, seen }: Names): Sees => ({ organizationId, apis: seen })

describe('an endpoint', () => {
  const endpoints = (given: readonly string[], names: Names) => outcome(() => readEndpoints(given, names))

  it('names its API in front where there are several, and is stored by the id of it', () => {
    expect(endpoints(['GET /orders/*', 'shop GET /orders/*', 'api_shop GET /orders/*'], one)).toEqual([
      'api_shop GET /orders/*',
    ])
    expect(endpoints(['crm GET /x', 'shop * /x'], two)).toEqual(['api_crm GET /x', 'api_shop * /x'])
    expect(shownEndpoints(['api_crm GET /x'], sees(two))).toEqual(['crm GET /x'])
    expect(shownEndpoints(['api_shop GET /x'], sees(one))).toEqual(['GET /x'])
  })

  it.each([
    ['GET /x', two, 'must name its API'],
    ['postern GET /v1/users', two, 'names no API of this organization'],
    ['crm GET /x', one, 'names no API of this organization'],
    ['shop  GET /x', one, 'starts with ""'],
    ['shop get /x', one, 'starts with "get"'],
    ['shop crm GET /x', two, 'starts with "crm"'],
    ['shop\nGET /x', one, 'starts with'],
  ])('is refused as %j, in words', (text, names, why) => {
    expect(endpoints([text], names)).toContain(why)
  })

  it('is shown by the id of its API when that is not seen any more', () => {
    expect(shownEndpoints(['api_gone GET /x'], sees(one))).toEqual(['api_gone GET /x'])
    expect(shownPermissions({ 'api_gone/orders': 'read' }, sees(one))).toEqual({ 'api_gone/orders': 'read' })
  })
})

describe('every section of an API but some', () => {
  it('is stored by the id of the API, each exception once', () => {
    const given = [{ level: 'write' as const, except: ['refunds', 'refunds'] }]
    expect(readEverySection(given, one)).toEqual([{ apiId: 'api_shop', level: 'write', except: ['refunds'] }])
    expect(readEverySection([{ api: 'crm', level: 'read' }], two)).toEqual([
      { apiId: 'api_crm', level: 'read', except: [] },
    ])
  })

  it('excepts only what there is: a misspelt exception would be granted', () => {
    const given = [{ level: 'write' as const, except: ['refund'] }]
    expect(outcome(() => readEverySection(given, one))).toContain('everySection.0.except.0 is not a section')
  })
})

describe('a stored endpoint', () => {
  it('that does not parse ends the decision about its API, instead of being left out', () => {
    const withEndpoint = (endpoint: string) =>
      apiOf('shop', {
        sections: [{ name: 'orders', title: 'Orders', endpoints: [{ endpoint, level: 'read' }], version: 1 }],
      })
    expect(protectedApiOf(withEndpoint('GET /orders')).sections).toHaveLength(1)
    expect(() => protectedApiOf(withEndpoint('orders'))).toThrow('stored endpoint')
  })
})
