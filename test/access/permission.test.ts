import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { permits } from '../../lib/access/permission.ts'
import { readRequestPath } from '../../lib/access/request-path.ts'
import type { Grants } from '../../lib/access/role.ts'
import { builtInRoles, noGrants } from '../../lib/access/role.ts'
import type { Section } from '../../lib/access/section.ts'
import { grants, orders, pattern, section } from './sample-subject.ts'

const invoices = section('invoices', ['GET /invoices', 'POST /invoices', 'DELETE /invoices/{id}'])
const users = section('postern-users', ['GET /v1/users', 'POST /v1/users'], true)
const sections: readonly Section[] = [orders, invoices, users]

const asks = (held: readonly Grants[], method: string, path: string, among = sections): boolean => {
  const read = readRequestPath(path)
  return read.ok && permits(held, among, method, read.segments).allowed
}

const builtIn = (name: string): Grants => builtInRoles.find((role) => role.name === name)?.grants ?? noGrants

describe('what is held', () => {
  it.each<[string, readonly Grants[], string, string, boolean]>([
    ['nothing', [], 'GET', '/orders', false],
    ['roles that hold nothing', [noGrants, noGrants], 'GET', '/orders', false],
    ['read on the section', [grants({ sections: { orders: 'read' } })], 'GET', '/orders', true],
    ['read on the section', [grants({ sections: { orders: 'read' } })], 'GET', '/orders/17', true],
    ['read on the section', [grants({ sections: { orders: 'read' } })], 'POST', '/orders', false],
    ['read on the section', [grants({ sections: { orders: 'read' } })], 'GET', '/invoices', false],
    ['read on the section', [grants({ sections: { orders: 'read' } })], 'GET', '/orders/17/lines', false],
    ['write on the section', [grants({ sections: { orders: 'write' } })], 'GET', '/orders', true],
    ['write on the section', [grants({ sections: { orders: 'write' } })], 'POST', '/orders', true],
    ['write on the section', [grants({ sections: { orders: 'write' } })], 'DELETE', '/orders', false],
    ['one endpoint', [grants({ endpoints: [pattern('GET /orders/*')] })], 'GET', '/orders/17', true],
    ['one endpoint', [grants({ endpoints: [pattern('GET /orders/*')] })], 'GET', '/orders', false],
    ['an endpoint of no section', [grants({ endpoints: [pattern('GET /other')] })], 'GET', '/other', true],
    ['read on every section', [builtIn('Read Only')], 'GET', '/invoices', true],
    ['read on every section', [builtIn('Read Only')], 'POST', '/invoices', false],
    ['read on every section', [builtIn('Read Only')], 'GET', '/v1/users', false],
    ['write on every section', [builtIn('Regular User')], 'POST', '/v1/users', false],
    ['the role User', [builtIn('User')], 'GET', '/orders', false],
    ['everything', [builtIn('Admin')], 'POST', '/v1/users', true],
    ['everything', [builtIn('Admin')], 'GET', '/in/no/section', true],
    [
      'the union of two roles',
      [builtIn('Read Only'), grants({ sections: { invoices: 'write' } })],
      'POST',
      '/invoices',
      true,
    ],
  ])('%s (%j): %s %s is %s', (_, held, method, path, expected) => {
    expect(asks(held, method, path)).toBe(expected)
  })

  it.each<[string, Grants]>([
    ['a role with everything', builtIn('Admin')],
    ['write on the section', grants({ sections: { orders: 'write' } })],
    ['write on every section', builtIn('Regular User')],
    ['the endpoint itself', grants({ endpoints: [pattern('GET /orders')] })],
  ])('is beaten by deny, whatever it is: %s', (_, held) => {
    const denied = grants({ sections: { orders: 'deny' } })
    expect(asks([held], 'GET', '/orders')).toBe(true)
    expect(asks([held, denied], 'GET', '/orders')).toBe(false)
    expect(asks([denied, held], 'GET', '/orders')).toBe(false)
  })

  it('denies an endpoint that stands in two sections as soon as one of them is denied', () => {
    const both = [orders, section('reports', ['GET /orders'])]
    const held = grants({ sections: { orders: 'write', reports: 'deny' } })
    expect(asks([held], 'GET', '/orders', both)).toBe(false)
    expect(asks([held], 'POST', '/orders', both)).toBe(true)
  })

  it('takes the stricter level of an endpoint that a section lists twice', () => {
    const twice: Section = {
      ...orders,
      endpoints: [
        { pattern: pattern('GET /orders'), level: 'read' },
        { pattern: pattern('GET /*'), level: 'write' },
      ],
    }
    expect(asks([grants({ sections: { orders: 'read' } })], 'GET', '/orders', [twice])).toBe(false)
  })

  it('keeps a section of the organization out of Postern’s own API, even when it lists the same endpoint', () => {
    const imported = [users, section('imported', ['GET /v1/users', 'POST /v1/users'])]
    expect(asks([builtIn('Regular User')], 'POST', '/v1/users', imported)).toBe(false)
    expect(asks([grants({ sections: { imported: 'write' } })], 'GET', '/v1/users', imported)).toBe(false)
    expect(asks([grants({ sections: { 'postern-users': 'read' } })], 'GET', '/v1/users', imported)).toBe(true)
    expect(asks([builtIn('Regular User')], 'POST', '/v1/users', imported.slice(1))).toBe(true)
  })

  it('keeps an endpoint of a protected API out of the drop-in calls, which share its path', () => {
    const own = section('postern-users', ['POST /api/users', 'POST /users/new', 'POST /v1/users'], true)
    for (const endpoint of ['POST /api/users', 'POST /users/*', '* /*']) {
      const held = [grants({ endpoints: [pattern(endpoint)] })]
      expect(asks(held, 'POST', '/api/users', [own])).toBe(false)
      expect(asks(held, 'POST', '/users/new', [own])).toBe(false)
      expect(asks(held, 'POST', '/api/users', []) || asks(held, 'POST', '/users/new', [])).toBe(true)
    }
    expect(asks([grants({ sections: { 'postern-users': 'write' } })], 'POST', '/users/new', [own])).toBe(true)
    expect(asks([grants({ endpoints: [pattern('POST /v1/users')] })], 'POST', '/v1/users', [own])).toBe(true)
  })

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    'is not found in what every object inherits: a section called %s',
    (name) => {
      expect(asks([noGrants], 'GET', '/x', [section(name, ['GET /x'])])).toBe(false)
    },
  )

  it('says what decided', () => {
    const verdict = (held: Grants, method: string, path: string) =>
      permits([held], sections, method, path.slice(1).split('/'))
    expect(verdict(noGrants, 'GET', '/orders')).toMatchObject({ reason: 'permission_not_granted' })
    expect(verdict(grants({ sections: { orders: 'deny' } }), 'GET', '/orders')).toEqual({
      allowed: false,
      reason: 'permission_denied',
      by: 'section orders is denied',
    })
    expect(verdict(grants({ sections: { orders: 'write' } }), 'GET', '/orders').by).toBe(
      'write on section orders',
    )
    expect(verdict(grants({ endpoints: [pattern('* /orders')] }), 'PUT', '/orders').by).toBe(
      'endpoint * /orders',
    )
  })
})

const level = fc.constantFrom('read' as const, 'write' as const, 'deny' as const)
const anyGrants: fc.Arbitrary<Grants> = fc.record({
  everything: fc.boolean(),
  everySection: fc.constantFrom(null, 'read' as const, 'write' as const),
  sections: fc.dictionary(fc.constantFrom('orders', 'invoices', 'postern-users', 'gone'), level),
  endpoints: fc.subarray(
    ['GET /orders', 'GET /orders/{id}', '* /invoices/*', 'GET /*', 'POST /v1/users'].map(pattern),
  ),
})
const anyHeld = fc.array(anyGrants, { maxLength: 3 })
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
  it('nothing granted is nothing allowed', () => {
    const deniesOnly = anyGrants.map((held) => ({
      ...noGrants,
      sections: Object.fromEntries(Object.keys(held.sections).map((name) => [name, 'deny' as const])),
    }))
    fc.assert(
      fc.property(fc.array(deniesOnly), method, plainPath, (held, verb, path) => {
        expect(asks(held, verb, path)).toBe(false)
      }),
    )
  })

  it('one more deny never allows more, one more grant never allows less', () => {
    fc.assert(
      fc.property(anyHeld, anyGrants, method, plainPath, (held, more, verb, path) => {
        const denies = grants({
          sections: Object.fromEntries(Object.keys(more.sections).map((name) => [name, 'deny' as const])),
        })
        if (asks([...held, denies], verb, path)) expect(asks(held, verb, path)).toBe(true)
        const isGrant = !Object.values(more.sections).includes('deny')
        if (isGrant && asks(held, verb, path)) expect(asks([...held, more], verb, path)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('the order in which they are held makes no difference', () => {
    fc.assert(
      fc.property(anyHeld, method, plainPath, (held, verb, path) => {
        expect(asks(held.toReversed(), verb, path)).toBe(asks(held, verb, path))
        expect(asks(held, verb, path, sections.toReversed())).toBe(asks(held, verb, path))
      }),
    )
  })

  it('a denied section stays shut by every spelling of its path (I7)', () => {
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
      (path) => `${path}/..;/`,
      (path) => `${path}%00`,
      (path) => `${path}?`,
      (path) => path.replaceAll('/', '\\'),
    )
    const held = [builtIn('Admin'), grants({ sections: { orders: 'deny' }, endpoints: [pattern('* /*')] })]
    const verb = fc.constantFrom('GET', 'HEAD')
    fc.assert(
      fc.property(trick, trick, verb, (first, second, method) => {
        expect(asks(held, method, second(first('/orders')))).toBe(false)
        expect(asks(held, method, second(first('/orders/17')))).toBe(false)
      }),
      { numRuns: 2000 },
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
        const held = [grants({ endpoints })]
        if (asks(held, 'GET', path, [])) expect(asks(held, 'GET', plainReading(path), [])).toBe(true)
      }),
      { numRuns: 10_000 },
    )
  })
})
