import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shownPath } from '../../lib/decision/shown-path.ts'

const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl'

it.each([
  [`/orders/${token}/lines`, '/orders/eyJ…/lines'],
  [`/${token}/${token}`, '/eyJ…/eyJ…'],
  [`/x-${token}.${token}`, '/x-eyJ….eyJ…'],
  ['/eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', '/eyJ…'],
  ['/eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0', '/eyJ…'],
  ['/eyJhbGciOiJub25lIn0', '/eyJhbGciOiJub25lIn0'],
  ['/eyJ.x/readme.md', '/eyJ.x/readme.md'],
  [`/pst_${'a1'.repeat(20)}`, '/pst_…'],
])('shows %s without credentials', (path, expected) => {
  expect(shownPath(path)).toBe(expected)
})

it('hides exactly what one expression for a token would', () => {
  const oneExpression = /eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]*(?:\.[0-9A-Za-z_-]*)?/g
  const part = fc.constantFrom('eyJ', 'abcdefghij', 'x', '.', '/', 'ey', 'J-_', '…')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const path = parts.join('')
      expect(shownPath(path)).toBe(path.replace(oneExpression, 'eyJ…'))
    }),
    { numRuns: 2000 },
  )
})

it('shows 1024 characters at most', () => {
  const longest = `/${'a/'.repeat(511)}b`
  expect(shownPath(longest)).toBe(longest)
  expect(shownPath(`${longest}c`)).toBe(`${longest}…`)
})
