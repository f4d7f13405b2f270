import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRequestPath } from '../../lib/decision/request-path.ts'

describe('a request path', () => {
  it.each([
    ['/', ['']],
    ['/orders', ['orders']],
    ['/orders/', ['orders', '']],
    ['/orders/a%20b', ['orders', 'a b']],
    ['/orders/%E2%82%AC', ['orders', '€']],
    ['/orders/a b', ['orders', 'a b']],
    ['/orders/...', ['orders', '...']],
    ['/orders/.well-known', ['orders', '.well-known']],
    ['/orders/*', ['orders', '*']],
    ['/orders/{id}', ['orders', '{id}']],
    ['/orders/a;b=c', ['orders', 'a;b=c']],
  ])('%s is read as %j', (path, segments) => {
    expect(readRequestPath(path)).toEqual({ ok: true, segments })
  })

  it.each([
    '',
    'orders',
    '*',
    '//',
    '//orders',
    '/orders//1',
    '/orders/1//',
    '/./orders',
    '/orders/.',
    '/orders/..',
    '/orders/../admin',
    '/orders/..;/admin',
    '/orders/..;x=1/admin',
    '/orders/.;/admin',
    '/orders/..%3B/admin',
    '/orders/%2e%2e/admin',
    '/orders/%2E./admin',
    '/orders/.%2e/admin',
    '/orders%2fadmin',
    '/orders%2Fadmin',
    '/orders/%252e%252e/admin',
    '/orders/%25252e',
    '/orders%5cadmin',
    '/orders%5C..%5Cadmin',
    '/orders\\..\\admin',
    '/orders/%',
    '/orders/%2',
    '/orders/%zz',
    '/orders/%u002e',
    '/orders/%00',
    '/orders/%0a',
    '/orders/%1f',
    '/orders/%7f',
    '/orders\u0000',
    '/orders\n',
    '/orders?x=1',
    '/orders#x',
    '/orders/%c0%af',
    '/orders/%c0%ae%c0%ae/admin',
    '/orders/%ff',
    '/orders/%ed%a0%80',
    `/${'x'.repeat(8192)}`,
  ])('%j has two readings or none, and is refused', (path) => {
    expect(readRequestPath(path).ok).toBe(false)
  })

  it('that is accepted means the same to a server that decodes, folds and resolves whatever it can', () => {
    const piece = fc.constantFrom(
      ...[
        '/',
        '/',
        '/',
        'orders',
        'admin',
        '.',
        '..',
        '...',
        '%2f',
        '%2F',
        '%2e',
        '%2E',
        '%252e',
        '%252f',
        '%5c',
      ],
      ...[
        '\\',
        ';',
        ';x=1',
        '%3b',
        '%',
        '%25',
        '%00',
        '%20',
        ' ',
        '*',
        '{id}',
        '?',
        '#',
        '%c0%af',
        'é',
        '%C3%A9',
      ],
    )
    /** The most obliging server there could be behind the gateway. */
    const obliging = (path: string): string[] => {
      let text = path
      for (let round = 0; round < 4; round += 1) {
        try {
          text = decodeURIComponent(text)
        } catch {
          break
        }
      }
      const resolved: string[] = []
      for (const segment of text.replaceAll('\\', '/').split('/')) {
        const name = segment.split(';')[0] ?? ''
        if (name === '..') resolved.pop()
        else if (name !== '' && name !== '.') resolved.push(name)
      }
      return resolved
    }
    let accepted = 0
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = `/${pieces.join('')}`
        const result = readRequestPath(path)
        if (!result.ok) return
        accepted += 1
        const checked = result.segments.map((segment) => segment.split(';')[0]).filter((name) => name !== '')
        expect(obliging(path)).toEqual(checked)
      }),
      { numRuns: 20_000 },
    )
    expect(accepted).toBeGreaterThan(500)
  })
})

describe('the refusal of a path', () => {
  it.each([
    ['orders', 'the path does not start with "/"'],
    [`/${'a'.repeat(8192)}`, 'the path is too long'],
    ['/a\\b', 'the path contains a forbidden character'],
    ['/a%zz', 'the path contains an invalid percent-encoding'],
    ['/a%2fb', 'the path encodes a slash, a dot, a percent sign or a control character'],
    ['/a//b', 'the path contains "//"'],
    ['/a%ff', 'the path is not UTF-8'],
    ['/a/../b', 'the path contains a dot segment'],
  ])('of %s says that %s', (path, why) => {
    expect(readRequestPath(path)).toEqual({ ok: false, why })
  })

  it('does not meet the longest path', () => {
    expect(readRequestPath(`/${'a'.repeat(8191)}`).ok).toBe(true)
  })
})
