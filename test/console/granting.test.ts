import { expect, it } from 'vitest'
import { endpointsOfRole, levelOfRole, levelOfShare } from '../../console/client/granting.ts'

const nothing = { everything: false, everyApi: null, everySection: [], permissions: {}, endpoints: [] }
const orders = { name: 'orders', dashboard: false }
const charts = { name: 'charts', dashboard: true }
const but = (api: string, ...except: string[]) => ({
  everySection: [{ api, level: 'read' as const, except }],
})

it.each([
  ['nothing', {}, [null, null, null]],
  ['a section of the API', { permissions: { 'shop/orders': 'read' } }, [null, 'read', null]],
  ['a section of another API', { permissions: { 'pond/orders': 'read' } }, [null, null, null]],
  ['a section of the only API', { permissions: { orders: 'write' } }, [null, 'write', null]],
  ['every section but one', but('shop', 'orders'), ['read', null, 'read']],
  ['every section of another API', but('pond'), [null, null, null]],
  [
    'every section, and more on one',
    { ...but('shop'), permissions: { orders: 'write' } },
    ['read', 'write', 'read'],
  ],
  ['every API', { everyApi: 'read' }, ['read', 'read', 'read']],
  ['the dashboards of every API', { everyApi: 'dashboards' }, [null, null, 'read']],
  ['everything', { everything: true }, ['write', 'write', 'write']],
] as const)('a role with %s grants on every section, on orders and on charts: %o', (_what, given, levels) => {
  const role = { ...nothing, ...given }
  expect([null, orders, charts].map((section) => levelOfRole(role, 'shop', section, 'shop', null))).toEqual(
    levels,
  )
})

it.each([
  [
    'all of it, to read',
    { sections: {}, everySection: { level: 'read', except: [] } },
    ['read', 'read', 'read'],
  ],
  ['one section, to write', { sections: { orders: 'write' }, everySection: null }, [null, 'write', null]],
] as const)(
  'a role with everything grants at an API of which its owner shares %s, no more',
  (_what, share, levels) => {
    const role = { ...nothing, everything: true }
    expect(
      [null, orders, charts].map((section) => levelOfRole(role, 'shop', section, 'shop', share)),
    ).toEqual(levels)
    const reader = { ...nothing, everyApi: 'read' as const }
    expect(levelOfRole(reader, 'shop', orders, 'shop', share)).toBe('read')
    expect(levelOfRole(nothing, 'shop', orders, 'shop', share)).toBeNull()
  },
)

it('lists the single endpoints of the API that a role grants', () => {
  const endpoints = ['shop GET /orders', 'pond GET /fish', 'POST /carts']
  expect(endpointsOfRole({ permissions: {}, endpoints }, 'shop', 'shop')).toEqual([
    'GET /orders',
    'POST /carts',
  ])
  expect(endpointsOfRole({ permissions: {}, endpoints }, 'pond', 'shop')).toEqual(['GET /fish'])
})

it.each([
  [{ sections: { orders: 'write' }, everySection: null }, [null, 'write', null]],
  [{ sections: {}, everySection: { level: 'read', except: ['charts'] } }, ['read', 'read', null]],
  [{ sections: { orders: 'write' }, everySection: { level: 'read', except: [] } }, ['read', 'write', 'read']],
] as const)(
  'of a share of %o, an organization can give at most, of all, orders and charts: %o',
  (share, levels) => {
    expect([null, 'orders', 'charts'].map((name) => levelOfShare(share, name))).toEqual(levels)
  },
)
