import { describe, expect, it } from 'vitest'
import { readOpenApiDocument, sectionKey } from '../lib/apis/sections/import-document.ts'
import { basePathOf } from '../lib/apis/sections/import-servers.ts'
import { readOpenApiText } from '../lib/apis/sections/openapi-text.ts'
import { email, sectionName } from '../lib/contract/fields.ts'
import { parseEndpointPattern } from '../lib/decision/endpoint-pattern.ts'
import { readRequestPath } from '../lib/decision/request-path.ts'
import { shownPath } from '../lib/decision/shown-path.ts'
import { parseStrictJson } from '../lib/effects/strict-json.ts'
import { namesType } from '../lib/http/event.ts'
import { addressOf } from '../lib/mail/sender.ts'
import { isCommonPassword } from '../lib/secrets/common-passwords.ts'
import { readImportedHash } from '../lib/secrets/imported-password-hash.ts'
import { maximumPasswordBytes } from '../lib/secrets/password-text.ts'
import { parseEntry } from '../lib/whitelist/entry.ts'
import { operation, shop } from './apis/sections/openapi-samples.ts'
import { growsTooFast } from './growth.ts'

/** Each makes some kind of regular expression backtrack, or start again, at every character. */
const texts: readonly (readonly [name: string, text: (size: number) => string])[] = [
  ...[
    '/',
    '-',
    ' ',
    '.',
    '=',
    '{',
    '}',
    '{a',
    '{a}',
    'eyJ',
    'pst_',
    'a.',
    '<',
    '<a>',
    '\\',
    '"',
    '~1',
    '\t',
    '1',
    '*',
  ].map((part) => [JSON.stringify(part), (size: number) => `${part.repeat(size / part.length)}!x`] as const),
  ['runs of slashes', (size) => `${`${'/'.repeat(60)}x`.repeat(size / 61)}!`],
  ['a path of templates', (size) => `/${'{a}/'.repeat(size / 4)}`],
  ['combining marks out of order', (size) => `a${'\u0301'.repeat(size / 2)}${'\u0323'.repeat(size / 2)}`],
  ['ligatures that expand', (size) => '\ufdfa'.repeat(size)],
]

const read = (paths: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  readOpenApiDocument(shop(paths, more), undefined)
const orders = { '/orders': { get: operation(['Orders']) } }

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  'the version of a document': (text) => read(orders, { openapi: `3.1.0${text}` }),
  'the title of a document': (text) => read({ '/a': { get: operation() } }, { info: { title: text } }),
  'a tag': (text) => read({ '/orders': { get: operation([text, `x${text}`]) } }),
  'a path': (text) => read({ [`/${text}`]: { get: operation(['a']) } }),
  'a path segment that is a template': (text) => read({ [`/{${text}}`]: { get: operation(['a']) } }),
  'the URL of a server': (text) => read(orders, { servers: [{ url: text }, { url: `/${text}` }] }),
  'the default of a server variable': (text) =>
    basePathOf([{ url: 'https://{v}/{v}{v}', variables: { v: { default: text } } }]),
  'a base path of the caller': (text) => readOpenApiDocument(shop(orders), text),
  'a reference': (text) => read({ '/orders': { $ref: `#/${text}` } }),
  'a name of a section': (text) => sectionKey(text),
  'a document as text': (text) => readOpenApiText(text),
  'a value of a document as text': (text) => readOpenApiText(`a: ${text}`),
  'a document as JSON text': (text) => readOpenApiText(JSON.stringify({ a: text })),
  'a path in a log': (text) => shownPath(text),
  'a request path': (text) => readRequestPath(`/${text}`),
  'an endpoint pattern': (text) => parseEndpointPattern(`GET /${text}`),
  'a password': (text) => isCommonPassword(text.slice(0, maximumPasswordBytes)),
  'an imported hash': (text) => readImportedHash(`$argon2id$v=19$m=1,t=1,p=1$${text}`),
  'a whitelist entry': (text) => parseEntry(text),
  'an e-mail address': (text) => email.safeParse(`${text}@${text}`),
  'a section name of a request': (text) => sectionName.safeParse(text),
  'an Accept header': (text) => namesType(`text/html;q=0${text};q = 0.${text}`, 'text/html'),
  'a JSON body': (text) => parseStrictJson(JSON.stringify({ [text]: text })),
  'a sender': (text) => addressOf(`A <a@b.example> ${text}`),
}

describe('a hostile text takes time in proportion to its length', () => {
  it.each(Object.entries(readers))('in %s', (_name, reader) => {
    const slow = texts.flatMap(([name, text]) => {
      const grown = growsTooFast(reader, text)
      return grown === undefined ? [] : [`${name}: ${grown}`]
    })
    expect(slow).toEqual([])
  })
})
