import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readOpenApiDocument } from '../../../lib/apis/sections/import-document.ts'
import { readOpenApiText } from '../../../lib/apis/sections/openapi-text.ts'
import { growsTooFast } from '../../growth.ts'
import { petStore } from './openapi-samples.ts'

const read = (text: string) => {
  const found = readOpenApiText(text)
  if (!found.ok) throw new Error(JSON.stringify(found.errors))
  return found.document
}

const errorOf = (text: string): string => {
  const found = readOpenApiText(text)
  return found.ok ? 'read' : found.errors.map(({ path, message }) => `${path} ${message}`).join('; ')
}

const shopYaml = `# The shop
openapi: 3.1.0
info:
  title: Shop API # as customers know it
  version: 2024-01-31
servers:
  - url: https://{host}/v1
    variables: {host: {default: api.example.com}}

x-ok: &ok {description: OK}
paths:
  /orders/{id}:
    get:
      tags: [Orders]
      description: |
        # Not a comment
        Of one order.
      responses:
        200: *ok
        "404": *ok
  /orders:
    post:
      tags: [Orders]
      responses: {201: *ok}
`

describe('an OpenAPI document as text', () => {
  it('in YAML is read with its comments, anchors, numbers as keys and block texts', () => {
    const document = read(shopYaml)
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Shop API', version: '2024-01-31' },
      paths: {
        '/orders/{id}': {
          get: {
            description: '# Not a comment\nOf one order.\n',
            responses: { 200: { description: 'OK' }, 404: { description: 'OK' } },
          },
        },
      },
    })
    const sections = readOpenApiDocument(document, undefined)
    expect(sections.ok && sections.sections).toEqual([
      {
        key: 'orders',
        title: 'Orders',
        endpoints: [
          { endpoint: 'GET /v1/orders/{id}', level: 'read' },
          { endpoint: 'POST /v1/orders', level: 'write' },
        ],
      },
    ])
  })

  it('in JSON is read as JSON', () => {
    expect(read(JSON.stringify(petStore, null, 2))).toEqual(petStore)
    expect(read(`\ufeff${JSON.stringify(petStore)}`)).toEqual(petStore)
  })

  it('reads JSON alike as JSON and as YAML', () => {
    const name = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => text !== '__proto__')
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true }), (given) => {
        const text = JSON.stringify(given)
        expect(read(text)).toEqual(given)
        // With a comment in front it is YAML only.
        expect(read(`# YAML\n${text}`)).toEqual(given)
      }),
      { numRuns: 300 },
    )
  })

  it.each<[string, Record<string, unknown>]>([
    ['a: yes\nb: no\nc: on\nd: ~\ne: true', { a: 'yes', b: 'no', c: 'on', d: null, e: true }],
    ['a: 010\nb: 0o10\nc: 1_000\nd: 12:30:45', { a: 10, b: 8, c: '1_000', d: '12:30:45' }],
    ['a: 2024-01-31\n2024-01-31: b', { a: '2024-01-31', '2024-01-31': 'b' }],
    [
      '200: a\n1.10: b\n0x10: c\ntrue: d\nnull: e',
      { 200: 'a', '1.10': 'b', '0x10': 'c', true: 'd', null: 'e' },
    ],
    ['constructor: a\ntoString: b', { constructor: 'a', toString: 'b' }],
    ['a: !!str 200\nb: !!map {}', { a: '200', b: {} }],
    ['%YAML 1.2\n---\na: b\n...\n', { a: 'b' }],
    [
      'a: 1 # c\n# c\nb: |\n  # x\n  y\n\n# c\n\n\n  # c\nc: [1, # c\n 2]',
      { a: 1, b: '# x\ny\n', c: [1, 2] },
    ],
    ['"<<": a', { '<<': 'a' }],
  ])('reads %j by the core schema of YAML 1.2', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  it('ignores comments wherever they are, as the parser itself does', () => {
    const lines = [
      'a: 1',
      'b:',
      '  - x',
      '  - y: |',
      '      t',
      '    z: "q',
      '      r"',
      'c: {d: [e,',
      '  f]}',
      'g: h',
      '  i',
    ]
    const between = fc.constantFrom('', '', '# c', ' # c', '   # c', '      # c', '  ', '        # c')
    fc.assert(
      fc.property(fc.array(between, { minLength: lines.length, maxLength: lines.length }), (extra) => {
        const text = lines.flatMap((line, index) => [line, extra[index] ?? '']).join('\n')
        let expected: unknown = 'refused'
        try {
          expected = parse(text)
        } catch {}
        const found = readOpenApiText(text)
        expect(found.ok ? found.document : 'refused').toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it.each<[string, string]>([
    ['a: 1\nb: [1, 2\nc: 3', 'document line 3, column 1: Flow sequence'],
    ['a: 1\n  b: 2', 'document line 1, column 4: Nested mappings'],
    ['{"a": 1,, "b": 2}', 'document line 1, column 9'],
    ['a: 1\nb: 2\na: 3', 'document line 3, column 1: "a" is given twice'],
    ['200: a\n"200": b', 'document line 2, column 1: "200" is given twice'],
    ['{"a": {"b": 1, "\\u0062": 2}}', 'document line 1, column 16: "b" is given twice'],
    ['a:\n  __proto__: {x: 1}', 'document line 2, column 3: __proto__ is not allowed as a key'],
    ['{"__proto__": {"x": 1}}', 'document line 1, column 2: __proto__ is not allowed as a key'],
    ['a: 1\n---\nb: 2', 'document line 2, column 1: has a second document'],
    ['a: !custom x', 'document line 1, column 12: has the tag !custom'],
    ['a: !!binary aGk=', 'has the tag tag:yaml.org,2002:binary'],
    ['a: !!js/function x', 'has the tag'],
    ['a: !<tag:evil> {}', 'has the tag tag:evil'],
    ['a: !x [1]', 'has the tag !x'],
    ['a: !!set {b}', 'has the tag'],
    ['%YAML 1.1\n---\na: yes', 'document line 1, column 1: %YAML 1.2 is the only directive'],
    ['%TAG ! tag:evil,2000:\n---\na: b', 'is the only directive'],
    ['x: &x {a: 1}\ny:\n  <<: *x', 'document line 3, column 3: YAML 1.2 has no merge key <<'],
    ['a: *b\nb: &b 1', 'document line 1, column 4: *b has no anchor before it'],
    ['a: &a [*a]', 'document line 1, column 8: *a is inside its own anchor'],
    ['a: &a 1\nb: &a [*a]', 'is inside its own anchor'],
    ['? [a, b]\n: c', 'only a scalar can be a key'],
    ['a: &a b\n*a : c', 'only a scalar can be a key'],
    ['', 'document line 1, column 1: has no document'],
    ['# nothing', 'has no document'],
    ['---\n', 'must be an object'],
    ['- a', 'must be an object'],
    ['just text', 'must be an object'],
    ['[]', 'must be an object'],
    ['a: "\\q"', 'Invalid escape sequence'],
    ['\ta: 1', 'document line 1, column'],
  ])('refuses %j with its place', (text, expected) => {
    expect(errorOf(text)).toContain(expected)
  })

  it('leaves the prototype of every object alone', () => {
    expect(errorOf('a: {__proto__: {isAdmin: true}}')).toContain('__proto__')
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false)
  })

  it('quotes the text only in part', () => {
    expect(errorOf(`a: !${'x'.repeat(100_000)} y`).length).toBeLessThan(400)
    expect(errorOf(`a: |${'x'.repeat(100_000)}`).length).toBeLessThan(400)
  })
})

describe('a text that costs too much to read', () => {
  const long = 256 * 1024
  const nested = (levels: number) => `a: ${'['.repeat(levels)}${']'.repeat(levels)}`

  it('is refused for its nesting, before anything recurses into it', () => {
    expect(errorOf(nested(90))).toBe('read')
    expect(errorOf(nested(110))).toContain('is nested deeper than 100 levels')
    for (const part of ['[', '{', '- ', '? ', ': ', '{a: ', '[[a]: '])
      expect(errorOf(`a: ${part.repeat(long / part.length)}`)).toContain('column')
    for (const part of ['[', '- ', '? ', '{"a":'])
      expect(errorOf(part.repeat(long / part.length))).toContain('is nested deeper')
    const steps = Array.from({ length: 2000 }, (_, index) => `${' '.repeat(index)}a:`).join('\n')
    expect(errorOf(steps)).toContain('is nested deeper')
  })

  it('is refused for aliases of aliases (billion laughs)', () => {
    const laughs = Array.from(
      { length: 30 },
      (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(9)}]`,
    )
    expect(errorOf(`a0: &a0 lol\n${laughs.join('\n')}`)).toContain('aliases expand to more than')
    const long = `a: &a ${'x'.repeat(100_000)}\nb: [${'*a, '.repeat(100)}]`
    expect(errorOf(long)).toContain('aliases expand to more than')
  })

  it('is refused for its number of tokens', () => {
    expect(errorOf(`a: [${'[],'.repeat(300_000)}]`)).toContain('has more than 700000 tokens')
  })

  /** Shapes on which a YAML parser backtracks, compares all pairs, or collects errors without end. */
  const shapes: Readonly<Record<string, (size: number) => string>> = {
    'a long line': (size) => `a: ${'x '.repeat(size / 2)}`,
    'a long text of many lines': (size) => `a: ${'x\n  '.repeat(size / 4)}`,
    'many spaces': (size) => `a: x${' '.repeat(size)}\nb: 1`,
    'a quoted text of spaces': (size) => `a: "${' '.repeat(size)}x\n y"`,
    'a quoted text of wrong escapes': (size) => `a: "${'\\q'.repeat(size / 2)}"`,
    'a quoted text of quotes': (size) => `a: '${"''".repeat(size / 2)}'`,
    'quoted texts that do not end': (size) => 'a: "\n'.repeat(size / 5),
    'block texts of empty lines': (size) => '- |\n\n'.repeat(size / 5),
    'comments after empty lines': (size) =>
      `a:\n  b: |\n      x\n${'\n'.repeat(size / 4)}${'    # c\n'.repeat(size / 12)}`,
    'comments after empty lines in a list': (size) =>
      `a:\n  - |\n      x\n${'\n'.repeat(size / 4)}${'    # c\n'.repeat(size / 12)}`,
    'different keys': (size) => Array.from({ length: size / 10 }, (_, index) => `k${index}: 1`).join('\n'),
    'one key': (size) => 'a: 1\n'.repeat(size / 5),
    'different anchors': (size) =>
      Array.from({ length: size / 14 }, (_, index) => `- &a${index} x`).join('\n'),
    aliases: (size) => `a: &a x\nb:\n${'- *a\n'.repeat(size / 5)}`,
    'anchors and aliases in turn': (size) =>
      `a:\n${Array.from({ length: size / 24 }, (_, index) => `- &a${index} x\n- *a${index}`).join('\n')}`,
    'anchors on one value': (size) => `a: ${'&a '.repeat(size / 3)}`,
    tags: (size) => `a:\n${'- !x y\n'.repeat(size / 7)}`,
    'core tags': (size) => `a:\n${'- !!bool true\n'.repeat(size / 14)}`,
    'wrong marks': (size) => `a: ${'@\n'.repeat(size / 2)}`,
    'brackets that close nothing': (size) => '}'.repeat(size),
    commas: (size) => `a: [${','.repeat(size)}]`,
    documents: (size) => '---\n'.repeat(size / 4),
    directives: (size) => `${'%TAG ! !\n'.repeat(size / 9)}---\na: 1`,
    'line ends': (size) => `${'\r\n'.repeat(size / 2)}a: 1`,
    'keys that are lists': (size) => '[[[[a]]]]: b\n'.repeat(size / 13),
  }

  it.each(Object.entries(shapes))('takes time in proportion to its length: %s', (_name, shape) => {
    expect(growsTooFast(readOpenApiText, shape)).toBeUndefined()
  })
})
