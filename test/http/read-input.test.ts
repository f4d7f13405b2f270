import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import type { DomainErrorCode, FieldError } from '../../lib/effects/domain-error.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { maximumBodyBytes } from '../../lib/http/event.ts'
import { readInput } from '../../lib/http/read-input.ts'
import { httpEvent } from './http-event.ts'

const endpoint: Endpoint = {
  method: 'POST',
  path: '/things/{thingId}',
  function: 'users',
  operationId: 'makeThing',
  tag: 'things',
  summary: 'A thing',
  access: 'public',
  request: {
    params: z.object({ thingId: z.string().max(8, 'is too long') }),
    query: z.strictObject({ limit: z.string().regex(/^\d+$/, 'must be a number').optional() }),
    headers: z.object({ 'if-match': z.string().max(4, 'is too long').optional() }),
    mediaType: 'application/json',
    body: z.strictObject({
      title: z.string(),
      size: z.int().optional(),
      parts: z.array(z.strictObject({ part: z.string() })).optional(),
    }),
  },
  response: { status: 204, description: 'Made' },
  errors: [],
}
const form: Endpoint = {
  ...endpoint,
  request: { mediaType: 'application/x-www-form-urlencoded', body: z.record(z.string(), z.string()) },
}

type Sent = Parameters<typeof httpEvent>[2]

const eventOf = (sent: Sent) =>
  httpEvent('POST', '/things/{thingId}', {
    params: { thingId: 'a' },
    body: '{"title":"x"}',
    ...sent,
    headers: { 'content-type': 'application/json', ...sent?.headers },
  })

const read = (sent: Sent = {}, of: Endpoint = endpoint) => readInput(of, eventOf(sent))

const refusal = (
  sent: Sent,
  of: Endpoint = endpoint,
): { code: DomainErrorCode; errors: readonly FieldError[] } => {
  try {
    read(sent, of)
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, errors: error.errors }
    throw error
  }
  throw new Error('nothing was refused')
}

const body = (value: unknown): Sent => ({ body: JSON.stringify(value) })
const pathsOf = (sent: Sent) => refusal(sent).errors.map(({ path }) => path)

describe('what an endpoint takes in', () => {
  it('is what its contract names', () => {
    expect(read({ query: 'limit=5', headers: { 'if-match': '"3"', 'x-other': 'y' } })).toEqual({
      params: { thingId: 'a' },
      query: { limit: '5' },
      dryRun: false,
      headers: { 'if-match': '"3"' },
      body: { title: 'x' },
      form: null,
    })
  })

  it.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset="UTF-8"',
    'application/json ; boundary=x; charset=utf8',
  ])('may be sent as %s', (type) => {
    expect(read({ headers: { 'content-type': type } }).body).toEqual({ title: 'x' })
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'application/problem+json',
    'application/json, text/plain',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    '',
  ])('is refused with 415 as "%s"', (type) => {
    expect(refusal({ headers: { 'content-type': type } }).code).toBe('unsupported_media_type')
  })

  it('is read from base64 like from text', () => {
    expect(read({ body: Buffer.from('{"title":"Grüße 👋"}') }).body).toEqual({ title: 'Grüße 👋' })
  })

  it.each([
    ['a lone continuation byte', Buffer.from([0x22, 0x80, 0x22])],
    ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['UTF-16', Buffer.from('{"title":"x"}', 'utf16le')],
    ['a byte order mark', Buffer.from('\ufeff{"title":"x"}')],
    ['a byte that API Gateway replaced', '{"title":"\ufffd"}'],
    ['nothing', ''],
    ['half a document', '{"title":'],
    ['a name given twice', '{"title":"x","title":"y"}'],
  ])('is malformed as %s', (_, sent) => {
    expect(refusal({ body: sent }).code).toBe('malformed_body')
  })

  it('is refused before it is parsed when it is too large, by its bytes', () => {
    const fill = (bytes: number) => `{"title":"${'x'.repeat(bytes - '{"title":""}'.length)}"}`
    expect(read({ body: fill(maximumBodyBytes) }).body).toHaveProperty('title')
    expect(refusal({ body: fill(maximumBodyBytes + 1) }).code).toBe('body_too_large')
    expect(refusal({ body: Buffer.from(fill(maximumBodyBytes + 1)) }).code).toBe('body_too_large')
    expect(refusal({ body: '€'.repeat(maximumBodyBytes / 3 + 1) }).code).toBe('body_too_large')
    expect(refusal({ body: Buffer.alloc(6 * 1024 * 1024, '[') }).code).toBe('body_too_large')
  })

  it('is refused with each unknown field named, at every depth', () => {
    expect(pathsOf(body({ title: 'x', role: 1, isAdmin: true, parts: [{ part: 'p', version: 1 }] }))).toEqual(
      ['parts.0.version', 'role', 'isAdmin'],
    )
  })

  it.each([
    ['a number', 5],
    ['a list', ['x']],
    ['an object', { toString: 'x' }],
    ['null', null],
  ])('is refused when a text is %s', (_, title) => {
    expect(refusal(body({ title }))).toMatchObject({ code: 'invalid_request', errors: [{ path: 'title' }] })
  })

  it.each([
    ['a list', []],
    ['a text', 'x'],
    ['null', null],
    ['a number', 1],
  ])('is refused when the body is %s', (_, value) => {
    expect(refusal(body(value)).code).toBe('invalid_request')
  })

  it('tells everything that is wrong in path, query, headers and body in one answer', () => {
    const sent = {
      ...body({ size: 1.5, other: 1 }),
      params: { thingId: 'far-too-long' },
      query: 'limit=x&colour=red',
      headers: { 'if-match': 'too-long' },
    }
    expect(pathsOf(sent).toSorted()).toEqual(
      ['thingId', 'limit', 'colour', 'if-match', 'title', 'size', 'other'].toSorted(),
    )
  })

  it('never names a value back', () => {
    const sent = { ...body({ title: ['canary'], size: 'canary', parts: 'canary' }), query: 'limit=canary' }
    expect(JSON.stringify(refusal(sent))).not.toContain('canary')
  })

  it('refuses a query parameter that is given twice, also when API Gateway has joined it', () => {
    expect(refusal({ query: 'limit=1&limit=2' })).toEqual({
      code: 'invalid_request',
      errors: [{ path: 'limit', message: 'is given twice' }],
    })
    expect(refusal({ query: 'limit=1&%6cimit=1' }).errors).toEqual([
      { path: 'limit', message: 'is given twice' },
    ])
  })

  it('is not touched by the names that every object inherits', () => {
    expect(pathsOf({ query: 'constructor=1&toString=2' })).toEqual(['constructor', 'toString'])
    expect(refusal({ body: '{"title":"x","__proto__":{"size":1}}' }).code).toBe('malformed_body')
    expect(pathsOf({ query: '__proto__=1' })).toEqual(['__proto__'])
  })
})

describe('a form', () => {
  const formType = { 'content-type': 'application/x-www-form-urlencoded' }

  it('is handed on as it came, for the rules of its own RFC', () => {
    const sent = { body: 'a=1&a=2&b=%zz', headers: formType }
    expect(read(sent, form)).toMatchObject({ form: 'a=1&a=2&b=%zz', body: undefined, query: undefined })
    const { errors } = refusal({ ...sent, query: 'x=1' }, form)
    expect(errors).toEqual([{ path: 'x', message: 'is not a field of this request' }])
  })

  it('is null when the body is something else', () => {
    expect(read({ body: '{}' }, form).form).toBeNull()
  })

  it('is as limited as any other body', () => {
    const tooLong = { body: 'x'.repeat(maximumBodyBytes + 1), headers: formType }
    expect(refusal(tooLong, form).code).toBe('body_too_large')
    expect(refusal({ body: Buffer.from([0x80]), headers: formType }, form).code).toBe('malformed_body')
  })
})
