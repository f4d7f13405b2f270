import type { Alias, CST, ParsedNode } from 'yaml'
import { Composer, isAlias, isScalar, isSeq, Lexer, Parser } from 'yaml'
import type { FieldError } from '../../effects/domain-error.ts'
import { parseStrictJson } from '../../effects/strict-json.ts'
import { quoted } from './text-bounds.ts'

type Fields = Readonly<Record<string, unknown>>

export type ReadText =
  | { readonly ok: true; readonly document: Fields }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/** Deeper than real API documents; the parser recurses. */
const maximumDepth = 100
/** A 4 MB document has about 560,000 tokens; each takes about 0.5 KB of memory while parsing. */
const maximumTokens = 700_000
/** Characters that all aliases of a document together may expand to. */
const maximumAliased = 8 * 1024 * 1024

class TextFault extends Error {
  readonly offset: number

  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/**
 * Reads a document in YAML 1.2 (core schema) or JSON (OpenAPI 3.1 section 4.2): one document, scalar keys, no custom tags. It refuses
 * what parsers read differently (duplicate keys, `%YAML 1.1`, `<<`) and aliases that expand to too much text.
 *
 * Errors name the line and the column. Parsing stops at the first error, because later ones are mostly consequences.
 */
export const readOpenApiText = (text: string): ReadText => {
  const json = parseStrictJson(text)
  if (json.ok && isFields(json.value)) return { ok: true, document: json.value }
  try {
    return { ok: true, document: documentOf(composed(syntaxOf(text))) }
  } catch (error) {
    if (!(error instanceof TextFault)) throw error
    const message = `${placeOf(text, error.offset)}: ${quoted(error.message)}`
    return { ok: false, errors: [{ path: 'document', message }] }
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const placeOf = (text: string, offset: number): string => {
  const before = text.slice(0, offset)
  return `line ${before.split('\n').length}, column ${offset - before.lastIndexOf('\n')}`
}

/** Counts tokens and levels while parsing, so that the recursive composer never gets more than the limits allow. */
const syntaxOf = (text: string): CST.Document => {
  const parser = new Parser()
  const found: CST.Document[] = []
  const take = (tokens: Iterable<CST.Token>): void => {
    for (const token of tokens) {
      if (token.type === 'error') throw new TextFault(token.offset, token.message)
      if (token.type === 'directive' && !isDirectiveOfOurs.test(token.source))
        throw new TextFault(token.offset, '%YAML 1.2 is the only directive that is accepted')
      if (token.type !== 'document') continue
      if (found.length > 0) throw new TextFault(token.offset, 'has a second document; send one')
      found.push(token)
    }
  }
  let count = 0
  let previous = ''
  for (const token of new Lexer().lex(text)) {
    count += 1
    if (count > maximumTokens) throw new TextFault(parser.offset, `has more than ${maximumTokens} tokens`)
    take(parser.next(withoutComment(token, previous)))
    if (parser.stack.length > maximumDepth)
      throw new TextFault(parser.offset, `is nested deeper than ${maximumDepth} levels`)
    previous = token
  }
  take(parser.end())
  const [document] = found
  if (document === undefined) throw new TextFault(0, 'has no document')
  return document
}

const isDirectiveOfOurs = /^%YAML[ \t]+1\.2[ \t]*$/
const blank = /^[ \t\r\n]/

/**
 * Replaces a comment by spaces, which keeps error positions. For each comment after empty lines, the parser scans all of those lines
 * again, which takes quadratic time.
 */
const withoutComment = (token: string, previous: string): string =>
  token.startsWith('#') && blank.test(previous) ? ' '.repeat(token.length) : token

type Position = number | readonly number[] | { readonly offset: number }

/**
 * Stops at the first error. The composer has no such option and collects all errors, which takes minutes for 4 MB of them. It also
 * catches errors thrown inside a collection and reports them with the collection's position, so the first error is kept here.
 */
const composed = (document: CST.Document): ParsedNode | null => {
  let first: TextFault | undefined
  const onError = (position: Position, _code: string, message: string, isWarning?: boolean): void => {
    if (isWarning) return
    first ??= new TextFault(offsetOf(position), message)
    throw first
  }
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // The composer checks keys in quadratic time; readContent checks for duplicates instead.
    uniqueKeys: false,
    logLevel: 'silent',
  })
  Object.defineProperty(composer, 'onError', { value: onError })
  const [read] = composer.compose([document])
  return read?.contents ?? null
}

const offsetOf = (position: Position): number => {
  if (typeof position === 'number') return position
  return 'offset' in position ? position.offset : (position[0] ?? 0)
}

const documentOf = (root: ParsedNode | null): Fields => {
  const value = readNode(root, { anchors: new Map(), aliased: 0 })
  if (!isFields(value)) throw new TextFault(root?.range[0] ?? 0, 'must be an object')
  return value
}

type Anchored = { readonly value: unknown; readonly length: number }
/** In `anchors`, null = a value that is still being read. `aliased` counts characters. */
type Reading = { readonly anchors: Map<string, Anchored | null>; aliased: number }

const coreTags: readonly string[] = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(
  (name) => `tag:yaml.org,2002:${name}`,
)

const readNode = (node: ParsedNode | null, reading: Reading): unknown => {
  if (node === null) return null
  const [start, end] = node.range
  if (isAlias(node)) return aliasedValue(node.source, start, reading)
  if (node.tag !== undefined && !coreTags.includes(node.tag))
    throw new TextFault(start, `has the tag ${node.tag}; only tags of the YAML core schema are accepted`)
  const { anchor } = node
  const before = reading.aliased
  if (anchor !== undefined) reading.anchors.set(anchor, null)
  const value = readContent(node, reading)
  if (anchor !== undefined)
    reading.anchors.set(anchor, { value, length: end - start + reading.aliased - before })
  return value
}

const readContent = (node: Exclude<ParsedNode, Alias.Parsed>, reading: Reading): unknown => {
  if (isScalar(node)) return node.value
  if (isSeq(node)) return node.items.map((item) => readNode(item, reading))
  const fields: Record<string, unknown> = {}
  for (const { key, value } of node.items) {
    const name = nameOf(key, reading)
    if (Object.hasOwn(fields, name)) throw new TextFault(key.range[0], `"${quoted(name)}" is given twice`)
    fields[name] = readNode(value, reading)
  }
  return fields
}

const nameOf = (key: ParsedNode, reading: Reading): string => {
  const [start] = key.range
  if (!isScalar(key)) throw new TextFault(start, 'only a scalar can be a key')
  readNode(key, reading)
  // The source text, because 1.10 as a number would become the key 1.1.
  const name = key.source ?? ''
  if (name === '__proto__') throw new TextFault(start, '__proto__ is not allowed as a key')
  if (name === '<<' && key.type === 'PLAIN')
    throw new TextFault(
      start,
      'YAML 1.2 has no merge key <<; bundle the document, or write the merged fields out',
    )
  return name
}

/** Returns the anchored value itself, not a copy, but counts its length each time, because readers walk through it each time. */
const aliasedValue = (name: string, offset: number, reading: Reading): unknown => {
  const anchored = reading.anchors.get(name)
  if (anchored === undefined) throw new TextFault(offset, `*${quoted(name)} has no anchor before it`)
  if (anchored === null) throw new TextFault(offset, `*${quoted(name)} is inside its own anchor`)
  reading.aliased += anchored.length
  if (reading.aliased > maximumAliased)
    throw new TextFault(offset, `aliases expand to more than ${maximumAliased} characters`)
  return anchored.value
}
