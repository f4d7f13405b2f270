import { describe, expect, it } from 'vitest'
import type { Grants } from '../../lib/decision/grants.ts'
import { covers, patternCovers } from '../../lib/decision/grants-cover.ts'
import { atShop, grants, pattern, section, shop } from './sample-subject.ts'

const apis = new Map([
  [
    shop.apiId,
    { sections: [...shop.sections, { ...section('board', ['GET /board', 'POST /board']), dashboard: true }] },
  ],
])
const holds = (held: Grants | readonly Grants[], wanted: Grants): boolean =>
  covers([held].flat(), wanted, apis)

const users = (level: 'read' | 'write') => grants({ management: { 'postern-users': level } })
const orders = (level: 'read' | 'write') => atShop({ sections: { orders: level } })
const board = (level: 'read' | 'write') => atShop({ sections: { board: level } })
const every = (level: 'read' | 'write', ...except: string[]) => atShop({ everySection: { level, except } })
const endpoint = (...texts: string[]) => atShop({ endpoints: texts.map(pattern) })
const everything = grants({ everything: true })
const nothing = grants({})

describe('somebody holds what somebody else would be given', () => {
  it.each<[string, Grants | readonly Grants[], Grants]>([
    ['anything, holding everything', everything, grants({ everything: true, actsAs: 'everybody' })],
    ['everything, beside nothing', [nothing, everything], everything],
    ['nothing, holding nothing', [], nothing],
    ['a section of Postern', users('write'), users('read')],
    ['every API at its level', grants({ everyApi: 'read' }), grants({ everyApi: 'read' })],
    ['every API at a lower level', grants({ everyApi: 'write' }), grants({ everyApi: 'read' })],
    ['the dashboards, reading every API', grants({ everyApi: 'read' }), grants({ everyApi: 'dashboards' })],
    ['a section', orders('write'), orders('read')],
    ['a section, by every section', every('write', 'board'), orders('write')],
    ['a section, by every API', grants({ everyApi: 'read' }), orders('read')],
    ['a dashboard', grants({ everyApi: 'dashboards' }), board('read')],
    ['every section but for more', every('write', 'a'), every('read', 'b', 'a')],
    ['every section, by every API', grants({ everyApi: 'write' }), every('write')],
    ['an endpoint', endpoint('GET /orders/*'), endpoint('GET /orders/{id}', 'GET /orders/1')],
    ['an endpoint, by its section', orders('read'), endpoint('GET /orders/1')],
    ['every API, beside nothing', [nothing, grants({ everyApi: 'read' })], grants({ everyApi: 'read' })],
    ['every section, beside nothing', [nothing, every('write')], every('read')],
    ['an endpoint, beside nothing', [nothing, endpoint('GET /orders')], endpoint('GET /orders')],
    [
      'two things, by two grants',
      [orders('write'), users('read')],
      grants({ ...orders('read'), ...users('read'), apis: orders('read').apis }),
    ],
  ])('%s', (_what, held, wanted) => {
    expect(holds(held, wanted)).toBe(true)
  })

  it.each<[string, Grants | readonly Grants[], Grants]>([
    ['everything', [users('write'), grants({ everyApi: 'write' })], everything],
    ['acting as somebody', [users('write')], grants({ actsAs: ['usr_1'] })],
    ['a higher level of Postern', users('read'), users('write')],
    [
      'one of two sections of Postern',
      users('write'),
      grants({ management: { 'postern-users': 'read', 'postern-audit': 'read' } }),
    ],
    ['every API, holding none', nothing, grants({ everyApi: 'dashboards' })],
    ['every API at a higher level', grants({ everyApi: 'read' }), grants({ everyApi: 'write' })],
    [
      'reading every API, holding dashboards',
      grants({ everyApi: 'dashboards' }),
      grants({ everyApi: 'read' }),
    ],
    ['a section at a higher level', orders('read'), orders('write')],
    ['a section that is excepted', every('write', 'orders'), orders('read')],
    ['one of two sections', orders('write'), atShop({ sections: { orders: 'read', board: 'read' } })],
    ['a section that is no dashboard', grants({ everyApi: 'dashboards' }), orders('read')],
    [
      'a section that is not there',
      grants({ everyApi: 'dashboards' }),
      atShop({ sections: { gone: 'read' } }),
    ],
    ['writing on a dashboard', grants({ everyApi: 'dashboards' }), board('write')],
    ['every section with an exception less', every('write', 'a', 'b'), every('read', 'a')],
    ['every section at a higher level', every('read'), every('write')],
    ['every section, by each that there is', [orders('write'), board('write')], every('read')],
    ['every section, by dashboards', grants({ everyApi: 'dashboards' }), every('read')],
    ['an endpoint beyond', endpoint('GET /orders/1'), endpoint('GET /orders/{id}')],
    ['one of two endpoints', endpoint('GET /orders'), endpoint('GET /orders', 'GET /stock')],
    ['an endpoint of another level of its section', orders('read'), endpoint('POST /orders')],
    ['an endpoint that no section lists', grants({ everyApi: 'write' }), endpoint('GET /stock')],
    [
      'the same at another API',
      grants({ apis: new Map([['api_2', orders('write').apis.get(shop.apiId) ?? fail()]]) }),
      orders('read'),
    ],
    [
      'one of two APIs',
      orders('write'),
      grants({
        apis: new Map([
          ...orders('read').apis,
          ...grants({ apis: new Map([['api_2', orders('read').apis.get(shop.apiId) ?? fail()]]) }).apis,
        ]),
      }),
    ],
  ])('but not %s', (_what, held, wanted) => {
    expect(holds(held, wanted)).toBe(false)
  })
})

describe('a pattern covers another', () => {
  it.each([
    ['* /orders', 'GET /orders'],
    ['GET /', 'GET /'],
    ['GET /orders/{id}', 'GET /orders/{other}'],
    ['GET /orders/{id}/x', 'GET /orders/1/x'],
    ['GET /orders/*', 'GET /orders/1/2'],
    ['GET /*', 'GET /orders/*'],
  ])('%s that of %s', (outer, inner) => {
    expect(patternCovers(pattern(outer), pattern(inner))).toBe(true)
  })

  it.each([
    ['GET /orders', '* /orders'],
    ['GET /orders', 'POST /orders'],
    ['GET /*', 'GET /'],
    ['GET /{id}', 'GET /'],
    ['GET /orders', 'GET /stock'],
    ['GET /orders/{id}', 'GET /orders/*'],
    ['GET /orders/{id}', 'GET /orders'],
    ['GET /orders', 'GET /orders/1'],
    ['GET /orders/*', 'GET /orders'],
    ['GET /orders/1', 'GET /orders/{id}'],
  ])('%s not that of %s', (outer, inner) => {
    expect(patternCovers(pattern(outer), pattern(inner))).toBe(false)
  })
})

const fail = (): never => {
  throw new Error('the shop has grants')
}
