import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatEndpointPattern,
  matchesPattern,
  parseEndpointPattern,
  patternMethods,
} from '../../lib/decision/endpoint-pattern.ts'
import { pattern } from './sample-subject.ts'

const matches = (text: string, method: string, path: string): boolean =>
  matchesPattern(pattern(text), method, path.slice(1).split('/'))

describe('an endpoint pattern', () => {
  it.each([
    'GET /orders',
    '* /orders/*',
    'GET /',
    'DELETE /v1/users/{userId}/keys/{keyId}',
    'OPTIONS /a.b-c_d~e/x:y,z;w=1@2',
    'POST /*',
    `GET /${'x'.repeat(507)}`,
  ])('may be %s, and is kept as it was typed', (text) => {
    const parsed = parseEndpointPattern(text)
    expect(parsed.ok && formatEndpointPattern(parsed.pattern)).toBe(text)
  })

  it.each([
    ['', 'must be a method'],
    ['GET', 'must be a method'],
    ['get /orders', 'starts with "get"'],
    ['TRACE /orders', 'starts with "TRACE"'],
    ['GET orders', 'needs a path'],
    ['GET  /orders', 'needs a path'],
    ['GET\t/orders', 'must be a method'],
    ['GET /orders/', 'empty segment'],
    ['GET //orders', 'empty segment'],
    ['GET /orders//x', 'empty segment'],
    ['GET /../orders', '".."'],
    ['GET /orders/.', '".."'],
    ['GET /*/orders', 'only as its last segment'],
    ['GET /orders/**', '"**"'],
    ['GET /orders/a*', '"a*"'],
    ['GET /orders/{}', '"{}"'],
    ['GET /orders/{id', '"{id"'],
    ['GET /orders/x{id}', '"x{id}"'],
    ['GET /orders/{id}x', '"{id}x"'],
    ['GET /orders/%2e%2e', '"%2e%2e"'],
    ['GET /orders?x=1', '"orders?x=1"'],
    ['GET /orders#x', '"orders#x"'],
    ['GET /orders\\x', '"orders\\x"'],
    ['GET /or ders', '"or ders"'],
    ['GET /örders', '"örders"'],
    ['GET /orders\n', '"orders\n"'],
    ['GET /orders\u0000', '"orders\u0000"'],
    [`GET /${'x'.repeat(512)}`, 'longer than 512'],
  ])('is refused as %j, in words', (text, why) => {
    const parsed = parseEndpointPattern(text)
    expect(parsed.ok ? '' : parsed.message).toContain(why)
  })

  it.each([
    ['GET /orders', 'GET', '/orders', true],
    ['GET /orders', 'POST', '/orders', false],
    ['GET /orders', 'HEAD', '/orders', false],
    ['GET /orders', 'GET', '/orders/', false],
    ['GET /orders', 'GET', '/Orders', false],
    ['GET /orders', 'GET', '/orders/1', false],
    ['GET /orders', 'GET', '/', false],
    ['GET /', 'GET', '/', true],
    ['GET /', 'GET', '/x', false],
    ['* /orders', 'DELETE', '/orders', true],
    ['GET /orders/{id}', 'GET', '/orders/1', true],
    ['GET /orders/{id}', 'GET', '/orders/', false],
    ['GET /orders/{id}', 'GET', '/orders', false],
    ['GET /orders/{id}', 'GET', '/orders/1/', false],
    ['GET /orders/{id}', 'GET', '/orders/1/lines', false],
    ['GET /orders/{id}', 'GET', '/orders/*', true],
    ['GET /orders/*', 'GET', '/orders/1', true],
    ['GET /orders/*', 'GET', '/orders/1/lines/2', true],
    ['GET /orders/*', 'GET', '/orders', false],
    ['GET /orders/*', 'GET', '/orders/', false],
    ['GET /orders/*', 'GET', '/ordersx/1', false],
    ['GET /orders', 'GET', '/*', false],
    ['GET /orders', '*', '/orders', false],
    ['GET /*', 'GET', '/', false],
    ['GET /{any}', 'GET', '/', false],
  ])('%s for %s %s: %s', (text, method, path, expected) => {
    expect(matches(text, method, path)).toBe(expected)
  })

  it('matches what the plain reading of it as a regular expression matches', () => {
    const literal = fc.constantFrom('orders', 'v1', 'a.b', 'a+b', 'x', '(y)', 'Orders')
    const segment = fc.oneof(literal, fc.constantFrom('{id}', '{name}'))
    const patternText = fc
      .tuple(
        fc.constantFrom(...patternMethods),
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
      )
      .map(([method, segments, open]) => `${method} /${[...segments, ...(open ? ['*'] : [])].join('/')}`)
    const path = fc
      .array(fc.constantFrom('orders', 'v1', 'a.b', 'aab', 'axb', 'x', '(y)', 'ORDERS', '*', '{id}', ''), {
        maxLength: 5,
      })
      .map((segments) => `/${segments.join('/')}`)
    const method = fc.constantFrom('GET', 'POST', 'get', '*', 'PUT', 'HEAD')

    const naive = (text: string, requestMethod: string, requestPath: string): boolean => {
      const [wanted = '', template = ''] = text.split(' ')
      const source = template
        .replaceAll(/[.+()]/g, String.raw`\$&`)
        .replaceAll(/\{\w+\}/g, '[^/]+')
        .replace(/\*$/, '[^/]+(/.*)?')
      return (wanted === '*' || wanted === requestMethod) && new RegExp(`^${source}$`).test(requestPath)
    }

    fc.assert(
      fc.property(patternText, method, path, (text, requestMethod, requestPath) => {
        expect(matches(text, requestMethod, requestPath)).toBe(naive(text, requestMethod, requestPath))
      }),
      { numRuns: 5000 },
    )
  })
})
