import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Grants } from '../../lib/decision/grants.ts'
import { noApiGrants, noGrants } from '../../lib/decision/grants.ts'
import { permits } from '../../lib/decision/permission.ts'
import type { ProtectedApi } from '../../lib/decision/protected-api.ts'
import { readRequestPath } from '../../lib/decision/request-path.ts'
import { builtInRoles } from '../../lib/decision/role.ts'
import type { Section } from '../../lib/decision/section.ts'
import { levelOfMethod } from '../../lib/decision/section.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import { atShop, grants, orders, pattern, section, shop } from './sample-subject.ts'

const invoices = section('invoices', ['GET /invoices', 'POST /invoices', 'DELETE /invoices/{id}'])
const shopWith = (...sections: readonly Section[]): ProtectedApi => ({ ...shop, sections })
const both = shopWith(orders, { ...invoices, dashboard: true })

const asks = (
  held: readonly Grants[],
  method: string,
  path: string,
  api = both,
  organizationId: OrganizationId = 'org_1',
): boolean => {
  const read = readRequestPath(path)
  return read.ok && permits(held, api, organizationId, method, read.segments).allowed
}

const builtIn = (name: string): Grants => builtInRoles.find((role) => role.name === name)?.grants ?? noGrants
const allBut = (...except: readonly string[]): Grants => atShop({ everySection: { level: 'write', except } })

it('a method that changes nothing needs read, and any other write', () => {
  const levels = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', '*'].map(levelOfMethod)
  expect(levels).toEqual(['read', 'read', 'read', 'write', 'write', 'write', 'write', 'write'])
})

describe('what is held', () => {
  it.each<[string, readonly Grants[], string, string, boolean]>([
    ['nothing', [], 'GET', '/orders', false],
    ['roles that hold nothing', [noGrants, noGrants], 'GET', '/orders', false],
    ['read on the section', [atShop({ sections: { orders: 'read' } })], 'GET', '/orders', true],
    ['read on the section', [atShop({ sections: { orders: 'read' } })], 'GET', '/orders/17', true],
    ['read on the section', [atShop({ sections: { orders: 'read' } })], 'POST', '/orders', false],
    ['read on the section', [atShop({ sections: { orders: 'read' } })], 'GET', '/invoices', false],
    ['read on the section', [atShop({ sections: { orders: 'read' } })], 'GET', '/orders/17/lines', false],
    ['write on the section', [atShop({ sections: { orders: 'write' } })], 'GET', '/orders', true],
    ['write on the section', [atShop({ sections: { orders: 'write' } })], 'POST', '/orders', true],
    ['write on the section', [atShop({ sections: { orders: 'write' } })], 'DELETE', '/orders', false],
    ['one endpoint', [atShop({ endpoints: [pattern('GET /orders/*')] })], 'GET', '/orders/17', true],
    ['one endpoint', [atShop({ endpoints: [pattern('GET /orders/*')] })], 'GET', '/orders', false],
    ['an endpoint of no section', [atShop({ endpoints: [pattern('GET /other')] })], 'GET', '/other', true],
    ['read on every dashboard', [builtIn('Read Only')], 'GET', '/invoices', true],
    ['read on every dashboard', [builtIn('Read Only')], 'POST', '/invoices', false],
    ['read on every dashboard', [builtIn('Read Only')], 'GET', '/orders', false],
    ['read on every dashboard', [builtIn('Read Only')], 'GET', '/in/no/section', false],
    ['write on every API', [builtIn('Regular User')], 'POST', '/invoices', true],
    ['write on every API', [builtIn('Regular User')], 'PUT', '/in/no/section', false],
    ['the role User', [builtIn('User')], 'GET', '/orders', false],
    ['everything', [builtIn('Admin')], 'POST', '/invoices', true],
    ['everything', [builtIn('Admin')], 'GET', '/in/no/section', true],
    ['every section', [allBut()], 'POST', '/invoices', true],
    ['every section', [allBut()], 'GET', '/in/no/section', false],
    ['every section but one', [allBut('invoices')], 'POST', '/invoices', false],
    ['every section but one', [allBut('invoices')], 'POST', '/orders', true],
    [
      'the union of two roles',
      [builtIn('Read Only'), atShop({ sections: { invoices: 'write' } })],
      'POST',
      '/invoices',
      true,
    ],
    [
      'every section but one, and that one by another role',
      [allBut('invoices'), atShop({ sections: { invoices: 'read' } })],
      'GET',
      '/invoices',
      true,
    ],
    [
      'every section but one, and the other way round',
      [allBut('invoices'), allBut('orders')],
      'POST',
      '/invoices',
      true,
    ],
  ])('%s (%j): %s %s is %s', (_, held, method, path, expected) => {
    expect(asks(held, method, path)).toBe(expected)
  })

  it('is the union where a section lists an endpoint twice: the lower level is enough', () => {
    const twice: Section = {
      ...orders,
      endpoints: [
        { pattern: pattern('GET /orders'), level: 'read' },
        { pattern: pattern('GET /*'), level: 'write' },
      ],
    }
    const api = shopWith(twice)
    const reader = [atShop({ sections: { orders: 'read' } })]
    expect(asks(reader, 'GET', '/orders', api)).toBe(true)
    expect(asks(reader, 'GET', '/stock', api)).toBe(false)
    expect(asks([atShop({ sections: { orders: 'write' } })], 'GET', '/stock', api)).toBe(true)
  })

  it('is taken away by no other section that lists the endpoint', () => {
    const api = shopWith(orders, section('reports', ['GET /orders']))
    expect(asks([atShop({ sections: { orders: 'read' } })], 'GET', '/orders', api)).toBe(true)
    // An exception is not a refusal: what another section gives stays given.
    expect(asks([allBut('reports')], 'GET', '/orders', api)).toBe(true)
    expect(asks([allBut('reports', 'orders')], 'GET', '/orders', api)).toBe(false)
  })

  it('covers a section that comes later, as far as every section is held, but for the exceptions', () => {
    const later = shopWith(orders, invoices, section('stock', ['GET /stock']))
    expect(asks([allBut('invoices')], 'GET', '/stock', later)).toBe(true)
    expect(asks([allBut('stock')], 'GET', '/stock', later)).toBe(false)
  })

  it('opens no section of a protected API by a level on one of Postern’s, whatever the section is called', () => {
    const management = grants({ management: { orders: 'write', 'postern-users': 'write' } })
    expect(asks([management], 'GET', '/orders')).toBe(false)
    expect(asks([management], 'POST', '/v1/users')).toBe(false)
    expect(asks([builtIn('Account Admin')], 'POST', '/v1/users')).toBe(false)
  })

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    'is not found in what every object inherits: a section called %s',
    (name) => {
      const api = shopWith(section(name, ['GET /x']))
      expect(asks([noGrants], 'GET', '/x', api)).toBe(false)
      expect(asks([atShop({})], 'GET', '/x', api)).toBe(false)
      const shared = { ...api, shares: [{ organizationId: 'org_2' as const, entitlement: noApiGrants }] }
      expect(asks([builtIn('Admin')], 'GET', '/x', shared, 'org_2')).toBe(false)
    },
  )

  it('says what decided', () => {
    const verdict = (held: Grants, method: string, path: string) =>
      permits([held], both, 'org_1', method, path.slice(1).split('/'))
    expect(verdict(noGrants, 'GET', '/orders')).toMatchObject({ reason: 'permission_not_granted' })
    expect(verdict(atShop({ sections: { orders: 'write' } }), 'GET', '/orders').by).toContain(
      'on section orders',
    )
    expect(verdict(atShop({ endpoints: [pattern('* /orders')] }), 'PUT', '/orders').by).toBe(
      'endpoint * /orders',
    )
    expect(verdict(builtIn('Read Only'), 'GET', '/invoices').by).toContain('through invoices')
  })
})

describe('the API', () => {
  const crm: ProtectedApi = { ...both, apiId: 'api_9z8y7x6w5v4u', name: 'crm' }

  it('counts: a grant at one opens nothing at another with the same sections', () => {
    const held = [
      atShop({
        sections: { orders: 'write' },
        everySection: { level: 'write', except: [] },
        endpoints: [pattern('* /*')],
      }),
    ]
    expect(asks(held, 'GET', '/orders')).toBe(true)
    expect(asks(held, 'GET', '/orders', crm)).toBe(false)
    expect(asks([builtIn('Regular User')], 'GET', '/orders', crm)).toBe(true)
  })

  it.each(['Admin', 'Organization Admin', 'Account Admin', 'Regular User', 'Read Only'])(
    'of another organization is closed, whoever asks: %s',
    (name) => {
      const held = [builtIn(name), atShop({ endpoints: [pattern('* /*')] }), allBut()]
      expect(permits(held, both, 'org_2', 'GET', ['orders'])).toMatchObject({
        allowed: false,
        reason: 'api_unknown',
      })
    },
  )
})

describe('a share', () => {
  const sharedAs = (entitlement: Partial<ProtectedApi['shares'][number]['entitlement']>): ProtectedApi => ({
    ...both,
    shares: [
      { organizationId: 'org_2' as const, entitlement: { sections: {}, everySection: null, ...entitlement } },
    ],
  })
  const verdict = (
    held: Grants,
    api: ProtectedApi,
    endpoint: string,
    organizationId: OrganizationId = 'org_2',
  ) => {
    const [method = '', path = ''] = endpoint.split(' ')
    const found = permits([held], api, organizationId, method, path.slice(1).split('/'))
    return found.allowed ? 'allowed' : found.reason
  }

  it('bounds everybody of the other organization, its administrators included', () => {
    const api = sharedAs({ sections: { orders: 'read' } })
    for (const held of [builtIn('Admin'), builtIn('Regular User'), allBut()]) {
      expect(verdict(held, api, 'GET /orders')).toBe('allowed')
      expect(verdict(held, api, 'POST /orders')).toBe('share_exceeded')
      expect(verdict(held, api, 'GET /invoices')).toBe('share_exceeded')
      expect(verdict(held, api, 'GET /in/no/section')).toBe('share_exceeded')
    }
    expect(verdict(atShop({ endpoints: [pattern('* /*')] }), api, 'POST /orders')).toBe('share_exceeded')
  })

  it('gives nobody anything by itself', () => {
    const api = sharedAs({ everySection: { level: 'write', except: [] } })
    expect(verdict(noGrants, api, 'GET /orders')).toBe('permission_not_granted')
    expect(verdict(atShop({ sections: { orders: 'read' } }), api, 'POST /orders')).toBe(
      'permission_not_granted',
    )
    expect(verdict(atShop({ sections: { orders: 'read' } }), api, 'GET /orders')).toBe('allowed')
  })

  it('of every section is one of those to come, but for its exceptions, and never of what no section lists', () => {
    const api = sharedAs({ everySection: { level: 'read', except: ['invoices'] } })
    const later = { ...api, sections: [...api.sections, section('stock', ['GET /stock'])] }
    expect(verdict(builtIn('Admin'), later, 'GET /stock')).toBe('allowed')
    expect(verdict(builtIn('Admin'), later, 'GET /invoices')).toBe('share_exceeded')
    expect(verdict(builtIn('Admin'), later, 'GET /in/no/section')).toBe('share_exceeded')
  })

  it('bounds nobody of the owner, and helps no third organization', () => {
    const api = sharedAs({ sections: { orders: 'read' } })
    expect(verdict(builtIn('Regular User'), api, 'POST /invoices', 'org_1')).toBe('allowed')
    expect(verdict(builtIn('Admin'), api, 'GET /orders', 'org_3')).toBe('api_unknown')
  })
})

const level = fc.constantFrom('read' as const, 'write' as const)
const sectionName = fc.constantFrom('orders', 'invoices', 'gone')
const anyApiGrants = fc.record({
  sections: fc.dictionary(sectionName, level),
  everySection: fc.option(fc.record({ level, except: fc.array(sectionName, { maxLength: 2 }) })),
  endpoints: fc.subarray(
    ['GET /orders', 'GET /orders/{id}', '* /invoices/*', 'GET /*', 'POST /v1/users'].map(pattern),
  ),
})
const anyGrants: fc.Arbitrary<Grants> = fc
  .tuple(fc.boolean(), fc.option(fc.oneof(level, fc.constant('dashboards' as const))), anyApiGrants)
  .map(([everything, everyApi, ofShop]) => ({ ...atShop(ofShop), everything, everyApi }))
const anyHeld = fc.array(anyGrants, { maxLength: 3 })
const anyShare = fc.record({
  sections: fc.dictionary(sectionName, level),
  everySection: fc.option(fc.record({ level, except: fc.array(sectionName, { maxLength: 2 }) })),
})
const method = fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD')
const plainPath = fc.constantFrom(
  '/orders',
  '/orders/17',
  '/invoices',
  '/invoices/17',
  '/v1/users',
  '/other',
  '/',
)

describe('for any grants', () => {
  it('one more grant never allows less, and two together allow what one of them does, and no more', () => {
    fc.assert(
      fc.property(anyHeld, anyGrants, method, plainPath, (held, more, verb, path) => {
        const together = asks([...held, more], verb, path)
        expect(together).toBe(asks(held, verb, path) || asks([more], verb, path))
      }),
      { numRuns: 3000 },
    )
  })

  it('a share only takes away, and one that is wider takes away less', () => {
    fc.assert(
      fc.property(anyHeld, anyShare, anyShare, method, plainPath, (held, one, other, verb, path) => {
        const sharing = (entitlement: typeof one) => ({
          ...both,
          shares: [{ organizationId: 'org_2' as const, entitlement }],
        })
        const isShared = asks(held, verb, path, sharing(one), 'org_2')
        if (isShared) expect(asks(held, verb, path)).toBe(true)
        const wider = {
          sections: { ...other.sections, ...one.sections },
          everySection: one.everySection ?? other.everySection,
        }
        if (isShared) expect(asks(held, verb, path, sharing(wider), 'org_2')).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('the order in which they are held makes no difference', () => {
    fc.assert(
      fc.property(anyHeld, method, plainPath, (held, verb, path) => {
        expect(asks(held.toReversed(), verb, path)).toBe(asks(held, verb, path))
        expect(asks(held, verb, path, shopWith(invoices, orders))).toBe(asks(held, verb, path))
      }),
    )
  })

  it('what nobody granted stays shut by every spelling of its path (I7)', () => {
    const trick = fc.constantFrom<(path: string) => string>(
      (path) => `${path}/`,
      (path) => `/${path}`,
      (path) => `${path}//`,
      (path) => `/x/..${path}`,
      (path) => `/.${path}`,
      (path) => path.replaceAll('/', '%2f'),
      (path) => path.replace(/\/(\w)/, (_, letter: string) => `/%${letter.charCodeAt(0).toString(16)}`),
      (path) => path.toUpperCase(),
      (path) => `${path};x=1`,
      (path) => `/;${path}`,
      (path) => `/prod${path}`,
      (path) => `${path}/..;/`,
      (path) => `${path}%00`,
      (path) => `${path}?`,
      (path) => path.replaceAll('/', '\\'),
    )
    const held = [
      allBut('orders'),
      atShop({ endpoints: [pattern('* /invoices/*'), pattern('GET /orders/{id}/lines')] }),
    ]
    const verb = fc.constantFrom('GET', 'HEAD', 'POST')
    fc.assert(
      fc.property(trick, trick, verb, (first, second, method) => {
        expect(asks(held, method, second(first('/orders')))).toBe(false)
        expect(asks(held, method, second(first('/orders/17')))).toBe(false)
      }),
      { numRuns: 3000 },
    )
  })

  it('a trick in the path allows nothing that its plain reading would not be allowed (I7)', () => {
    const piece = fc.constantFrom(
      ...['/', '/', 'orders', 'ORDERS', 'invoices', '17', 'v1', 'users', '..', '.', '*', '{id}'],
      ...['%2f', '%2e', '%2e%2e', ';', '..;', '%6frders', '\\', '%00', '%252e'],
    )
    /** Where a server would end up that decodes and resolves all it can. */
    const plainReading = (path: string): string => {
      const text = decodeURIComponent(path).replaceAll('\\', '/')
      const resolved: string[] = []
      for (const segment of text.split('/')) {
        if (segment === '..') resolved.pop()
        else if (segment !== '' && segment !== '.') resolved.push(segment)
      }
      return `/${resolved.join('/')}`
    }
    const named = fc.subarray(
      ['GET /orders', 'GET /orders/{id}', 'GET /invoices', 'GET /v1/users'].map(pattern),
    )
    fc.assert(
      fc.property(named, fc.array(piece, { minLength: 1, maxLength: 6 }), (endpoints, pieces) => {
        const path = `/${pieces.join('')}`
        const held = [atShop({ endpoints })]
        const noSections = shopWith()
        if (asks(held, 'GET', path, noSections))
          expect(asks(held, 'GET', plainReading(path), noSections)).toBe(true)
      }),
      { numRuns: 10_000 },
    )
  })
})
