import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { name, prose } from '../../lib/contract/fields.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'

describe('a name', () => {
  it.each([
    ...['\u202a', '\u202e', '\u2066', '\u2069', '\u200e', '\u200f', '\u061c'],
    ...[
      '\u00ad',
      '\u034f',
      '\u115f',
      '\u180e',
      '\u200b',
      '\u2060',
      '\u2064',
      '\u3164',
      '\ufeff',
      '\uffa0',
      '\ufff9',
      '\ufffc',
      '\u{e0041}',
      // Blanks that are no white space, and controls of hieroglyphs.
      ...['\u2800', '\u{16fe4}', '\u{1d159}', '\u{13430}', '\u{1343f}'],
    ],
    // Joiners and variation selectors where they change nothing but the bytes.
    ...['\u200c', '\u200d', '\ufe0f', '\ufe00', '\u{e0100}'],
  ])('refuses the invisible character %j', (character) => {
    for (const text of [`admin${character}`, `ad${character}min`, `${character}admin`])
      expect(
        name(100)
          .safeParse(text)
          .error?.issues.map(({ message }) => message),
      ).toEqual(['must not contain invisible characters'])
  })

  it.each(['\u0080', '\u0085', '\u009b', '\u007f'])(
    'refuses the control character %j, which a browser shows as nothing',
    (character) => {
      for (const text of [name(100), prose(100)])
        expect(text.safeParse(`ad${character}min`).error?.issues[0]?.message).toMatch(/control characters$/)
    },
  )

  it.each(['Role 1\ufe0f', 'Role 1\ufe0f\u200d', 'Team 👩\u200d', 'علی\u200c', 'علی\u200c team'])(
    'refuses %j, which looks the same without its last invisible character',
    (text) => {
      expect(name(100).safeParse(text).success).toBe(false)
    },
  )

  it.each([
    '1\ufe0f\u20e3',
    '🏳\ufe0f\u200d🌈',
    'Zoë Straße',
    'שלום עולם',
    'مؤسسة الأمل',
    'می\u200cخواهم',
    'ක\u0dca\u200dරි',
    'ന\u0d4d\u200d',
    '👩\u200d👩\u200d👧',
    '❤️',
    '葛\u{e0100}城',
    '山田太郎',
    'क\u094d\u200dष',
    'O’Neil & Söhne',
  ])('takes %s, also where its script or emoji joins by what is not seen', (text) => {
    expect(name(100).safeParse(text).error).toBeUndefined()
  })
})

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Paths of the texts of an example that name something. */
const namesIn = (value: unknown, path: readonly string[] = []): readonly (readonly string[])[] =>
  isFields(value)
    ? Object.entries(value).flatMap(([key, each]) =>
        typeof each === 'string' && /name$/i.test(key) ? [[...path, key]] : namesIn(each, [...path, key]),
      )
    : []

const replaced = (value: unknown, [key, ...rest]: readonly string[], text: string): unknown =>
  key === undefined ? text : { ...(value as Fields), [key]: replaced((value as Fields)[key], rest, text) }

/** Names that are compared with stored ones, and not stored. */
const lookedUp = [
  ...['login username', 'signIn username', 'checkWhitelist username', 'explainAccess username'],
]

describe('every name that a request gives', () => {
  const bodies = endpoints.flatMap((endpoint) => {
    const { request } = endpoint as {
      readonly request: { readonly body?: z.ZodType; readonly example?: unknown }
    }
    return namesIn(request.example).map((path) => ({ ...request, path, of: endpoint.operationId }))
  })

  it('is free of invisible characters', () => {
    const lenient = bodies.flatMap(({ of, path, body, example }) =>
      ['invoice\u202egpj', 'in\u200bvoice'].flatMap((text) => {
        const { error } = (body as z.ZodType).safeParse(replaced(example, path, text))
        return error?.issues.some((issue) => issue.path.join('.') === path.join('.'))
          ? []
          : [`${of} ${path.join('.')}`]
      }),
    )
    expect(new Set(lenient)).toEqual(new Set(lookedUp))
    expect(new Set(bodies.map(({ of, path }) => `${of} ${path.join('.')}`)).size).toBeGreaterThan(15)
  })
})
