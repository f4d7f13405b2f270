import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { xmlDocument } from '../../lib/drop-in/xml.ts'
import type { Element } from './strict-xml.ts'
import { asValue, readXml } from './strict-xml.ts'

/** The text of every element that has no children, in order. */
const texts = ({ children, text }: Element): string[] =>
  children.length === 0 ? [text] : children.flatMap(texts)

const anyCharacter = fc.nat(0x10_ffff).map((point) => String.fromCodePoint(point))
const anyText = fc.string({ unit: anyCharacter, maxLength: 40 })
const nasty = fc.oneof(
  fc.constantFrom(']]>', '<![CDATA[', '-->', '<!--', '&', '&amp;', '&#0;', '&#x1F4A5;', '</name>', '<name/>'),
  fc.constantFrom('<?xml version="1.0"?>', '<!DOCTYPE x>', '\u0000', '\u001f', '\ufffe', '\uffff', '\ud800'),
  fc.constantFrom('\r', '\r\n', '\n', '\t', ' ', '\u0085', '\u2028', '💥', '"', "'", '\ufeff'),
  anyText,
)
const text = fc.array(nasty, { maxLength: 8 }).map((parts) => parts.join(''))

/** What XML 1.0 can hold comes back; the rest is one U+FFFD for each character. */
const held = (given: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that XML forbids.
  given.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')

describe('XML output (U9)', () => {
  it('is well-formed and brings any text back', () => {
    fc.assert(
      fc.property(text, (given) => {
        const read = readXml(xmlDocument('response', { users: [{ name: given, uid: 7 }] }))
        expect(texts(read)).toEqual([held(given), '7'])
      }),
      { numRuns: 3000 },
    )
  })

  it('keeps the order and the number of what stands in lists, whatever the texts are', () => {
    const role = fc.record({ roleName: text, roleId: fc.nat() })
    fc.assert(
      fc.property(fc.array(role, { minLength: 1, maxLength: 5 }), (roles) => {
        const read = readXml(xmlDocument('response', { roles }))
        expect(read.children.map(({ name }) => name)).toEqual(roles.map(() => 'roles'))
        expect(texts(read)).toEqual(roles.flatMap(({ roleName, roleId }) => [held(roleName), String(roleId)]))
      }),
    )
  })

  it('writes an empty text and an empty list without breaking the rest', () => {
    const read = readXml(xmlDocument('response', { a: '', list: [], b: 'x' }))
    expect(asValue(read)).toEqual({ a: '', b: 'x' })
  })
})

describe('the reader of these tests', () => {
  const wrapped = (inside: string) => `<?xml version="1.0" encoding="UTF-8"?>${inside}`

  it.each([
    ['no declaration', '<a></a>'],
    ['a bare ampersand', wrapped('<a>&</a>')],
    ['an unknown entity', wrapped('<a>&nbsp;</a>')],
    ['an unended entity', wrapped('<a>&amp</a>')],
    ['a section end in text', wrapped('<a>]]></a>')],
    ['tags that cross', wrapped('<a><b></a></b>')],
    ['an unclosed element', wrapped('<a><b></b>')],
    ['two roots', wrapped('<a></a><b></b>')],
    ['text beside the root', wrapped('<a></a>x')],
    ['a comment', wrapped('<a><!-- --></a>')],
    ['NUL', wrapped('<a>\u0000</a>')],
    ['a lone surrogate', wrapped('<a>\ud800</a>')],
  ])('refuses %s', (_, document) => {
    expect(() => readXml(document)).toThrow()
  })
})
